<#-- The parts of a configuration. Each value is one YAML scalar: the output format quotes what has to be. -->
<#macro map entries indent>
<#local pad = ""?left_pad(indent)>
<#list entries as key, value>
[=pad?no_esc][=key]: [=value]
</#list>
</#macro>
<#macro step step indent>
<#local pad = ""?left_pad(indent)>
<#if step.comment != "">
[=pad?no_esc]# [=remark(step.comment)?no_esc]
</#if>
<#if step.kind == "run">
[=pad?no_esc]- run:
[=pad?no_esc]    name: [=step.name]
<#if step.folder != "">
[=pad?no_esc]    working_directory: [=step.folder]
</#if>
<#if step.environment?has_content>
[=pad?no_esc]    environment:
<@map step.environment indent + 6/>
</#if>
<#if step.when != "">
[=pad?no_esc]    when: [=step.when]
</#if>
<#if step.patience != "">
[=pad?no_esc]    no_output_timeout: [=step.patience]
</#if>
[=pad?no_esc]    command: [=block(step.script, indent + 6)]
<#elseif step.parameters?has_content>
[=pad?no_esc]- [=step.kind]:
<#list step.parameters as key, value>
<#if value?is_sequence>
[=pad?no_esc]    [=key]:
<#list value as item>
[=pad?no_esc]      - [=item]
</#list>
<#else>
[=pad?no_esc]    [=key]: <#if value == "true" || value == "false">[=value?no_esc]<#else>[=value]</#if>
</#if>
</#list>
<#else>
[=pad?no_esc]- [=step.kind]
</#if>
</#macro>
<#macro steps list indent>
<#list list as each>
<@step each indent/>
</#list>
</#macro>
<#macro images list indent>
<#local pad = ""?left_pad(indent)>
[=pad?no_esc]docker:
<#list list as image>
[=pad?no_esc]  - image: [=image.name]
<#if image.environment?has_content>
[=pad?no_esc]    environment:
<@map image.environment indent + 6/>
</#if>
</#list>
</#macro>
<#macro orbs all>
<#if all?has_content>

orbs:
<@map all 2/>
</#if>
</#macro>
<#macro executors list>
<#if list?has_content>

executors:
<#list list as executor>
  [=executor.name]:
<@images [executor.image] 4/>
    resource_class: [=executor.resourceClass]
</#list>
</#if>
</#macro>
<#macro commands list>
<#if list?has_content>

commands:
<#list list as command>
  [=command.name]:
    description: [=command.description]
    steps:
<@steps command.steps 6/>
</#list>
</#if>
</#macro>
<#macro jobs list>

jobs:
<#list list as job>
  [=job.id]:
<#if job.parameters?has_content>
    parameters:
<#list job.parameters as parameter>
      [=parameter]:
        type: string
</#list>
</#if>
<#if job.executor != "">
    executor: [=job.executor]
<#elseif job.machine != "">
    machine:
      image: [=job.machine]
<#if job.layerCaching>
      docker_layer_caching: true # builds only what changed since the last time; costs credits
</#if>
    resource_class: [=job.resourceClass]
<#elseif job.docker?has_content>
<@images job.docker 4/>
    resource_class: [=job.resourceClass]
<#else>
    type: no-op
</#if>
<#if job.environment?has_content>
    environment:
<@map job.environment 6/>
</#if>
<#if job.steps?has_content>
    steps:
<@steps job.steps 6/>
</#if>
<#sep>

</#list>
</#macro>
<#macro invocation entry>
<#if entry.plain>
      - [=entry.job]
<#else>
      - [=entry.job]:
<#if entry.name != "">
          name: [=entry.name]
</#if>
<#if entry.approval>
          type: approval
</#if>
<@map entry.parameters 10/>
<#if entry.requires?has_content>
          requires:
<#list entry.requires as required>
            - [=required]
</#list>
</#if>
<#if entry.matrix?has_content>
          matrix:
            parameters:
<#list entry.matrix as parameter, values>
              [=parameter]:
<#list values as value>
                - [=value]
</#list>
</#list>
</#if>
<#if entry.filter != "">
          filters: [=entry.filter]
<#elseif entry.place() != "" && named?seq_contains(entry.place())>
          filters: *[=entry.place()?no_esc]
<#elseif entry.place() != "">
<#if anchors[entry.place()]??>
<#assign named = named + [entry.place()]>
          filters: &[=entry.place()?no_esc]
<#else>
          filters:
</#if>
<#if entry.branches == "none">
            branches:
              ignore: /.*/
<#elseif entry.branches == "other">
            branches:
              ignore: [=branch]
<#elseif entry.branches == "only">
            branches:
              only: [=branch]
</#if>
<#if entry.tags>
            tags:
              only: /^v.*/
</#if>
</#if>
<#if entry.context != "">
          context: [=entry.context]
</#if>
<#if entry.serialGroup != "">
          serial-group: [=entry.serialGroup] # one at a time, in order
</#if>
</#if>
</#macro>
<#macro workflows list>
<#assign named = []>

workflows:
<#list list as workflow>
<#if workflow.comment != "">
  # [=remark(workflow.comment)?no_esc]
</#if>
  [=workflow.name]:
<#if workflow.when != "">
    when: [=workflow.when]
</#if>
    jobs:
<#list workflow.jobs as entry>
<@invocation entry/>
</#list>
<#sep>

</#list>
</#macro>
