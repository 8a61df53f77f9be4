<#import "../../workflow.ftl" as workflow>
# Written by pipeline_generator from the project's own files; what you change by hand is kept when it runs again.
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
