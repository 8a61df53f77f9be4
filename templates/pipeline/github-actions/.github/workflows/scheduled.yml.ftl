<#import "../../workflow.ftl" as workflow>
# Written by pipeline_generator from the project's own files; what you change by hand is kept when it runs again.
name: Scheduled

on:
  schedule:
    - cron: "23 4 * * 1"
  workflow_dispatch:

permissions: {}

concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: false

jobs:
<@workflow.jobs jobs/>
