<#import "../config.ftl" as config>
# Written by pipeline_generator from the project's own files; what you change by hand is kept when it runs again.
version: 2.1

# Whether a change concerns them; set by config.yml.
parameters:
<#list parameters as parameter>
  [=parameter]:
    type: boolean
    default: true
</#list>
<@config.orbs orbs/>
<@config.executors executors/>
<@config.commands commands/>
<@config.jobs jobs/>
<@config.workflows workflows/>
