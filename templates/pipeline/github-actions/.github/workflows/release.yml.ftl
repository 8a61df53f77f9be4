<#import "../../workflow.ftl" as workflow>
name: Release

on:
  push:
    tags: ["v*"]

permissions: {}

# Not the group of the workflow that is called below, which would wait for itself.
concurrency:
  group: release-of-${{ github.ref }}
  cancel-in-progress: false

jobs:
<@workflow.jobs jobs/>
