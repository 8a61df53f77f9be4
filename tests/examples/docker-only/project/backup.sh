#!/bin/sh
set -eu
exec rsync --archive --delete "$1" "$2"
