<#import "../../workflow.ftl" as workflow>
<#-- A comment has no quotes, and this is a text of ours. -->
# Written by [=author?no_esc]; what you change by hand is kept when it runs again.
name: CI

on:
  pull_request:
  push:
    branches:
      - [=branch]
<#if nightly>
  schedule:
    - cron: "17 3 * * *" # all versions; a change is checked on the lowest and the highest only
</#if>
<#if released>
  workflow_call: # by the release
</#if>
  workflow_dispatch:

permissions: {}

concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }} # only what a newer push made obsolete

jobs:
<@workflow.jobs jobs/>
