<#import "../config.ftl" as config>
# Written by pipeline_generator from the project's own files; what you change by hand is kept when it runs again.
version: 2.1
<#if setup>

# Finds what a change concerns, and goes on with continue-config.yml.
setup: true
</#if>
<@config.orbs orbs/>
<@config.executors executors/>
<@config.commands commands/>
<@config.jobs jobs/>
<@config.workflows workflows/>
