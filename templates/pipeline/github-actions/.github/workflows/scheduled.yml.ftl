<#import "../../workflow.ftl" as workflow>
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
