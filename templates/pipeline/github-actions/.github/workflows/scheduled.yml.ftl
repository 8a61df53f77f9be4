<#import "../../workflow.ftl" as workflow>
<#-- A comment has no quotes, and this is a text of ours. -->
# Written by [=author?no_esc]; what you change by hand is kept when it runs again.
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
