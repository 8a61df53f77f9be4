<#-- The jobs of a workflow. Each value is one YAML scalar: the output format quotes what has to be. -->
<#macro map entries indent>
<#local pad = ""?left_pad(indent)>
<#list entries as key, value>
[=pad?no_esc][=key]: [=value]
</#list>
</#macro>
<#macro jobs list>
<#list list as job>
<#if job.comment != "">
  # [=remark(job.comment)?no_esc]
</#if>
  [=job.id]:
    name: [=job.name]
<#if job.needs?has_content && !job.hasShortNeeds()>
    needs:
<#list job.needs as need>
      - [=need]
</#list>
<#elseif job.needs?has_content>
    needs: [<#list job.needs as need>[=need]<#sep>, </#list>]
</#if>
<#if job.condition != "">
    if: [=job.condition]
</#if>
<#if job.uses == "">
    runs-on: [=job.runner]
    timeout-minutes: [=job.timeout?c?no_esc]
</#if>
<#if job.permissions?has_content>
    permissions:
<#list job.permissions as permission>
      [=permission.scope]: [=permission.level] # [=remark(permission.reason)?no_esc]
</#list>
<#else>
    permissions: {}
</#if>
<#if job.environment != "">
    environment: [=job.environment]
</#if>
<#if job.outputs?has_content>
    outputs:
<@map job.outputs 6/>
</#if>
<#if job.matrix?has_content>
    strategy:
      fail-fast: false
      matrix:
<#list job.matrix as key, value>
        [=key]: <#if value?starts_with("[")>[=value?no_esc]<#else>[=value]</#if>
</#list>
</#if>
<#if job.services?has_content>
    services:
<#list job.services as service>
      [=service.name]:
        image: [=service.image]
<#if service.environment?has_content>
        env:
<@map service.environment 10/>
</#if>
        ports: ["[=service.ports?no_esc]"]
<#if service.health != "">
        options: [=service.health]
</#if>
</#list>
</#if>
<#if job.env?has_content>
    env:
<@map job.env 6/>
</#if>
<#if job.uses != "">
    uses: [=job.uses]
<#else>
    steps:
</#if>
<#list job.steps as step>
<#if step.comment != "">
      # [=remark(step.comment)?no_esc]
</#if>
      - name: [=step.name]
<#if step.id != "">
        id: [=step.id]
</#if>
<#if step.condition != "">
        if: [=step.condition]
</#if>
<#if step.uses != "">
        uses: [=step.uses] # [=step.version?no_esc]
</#if>
<#if step.inputs?has_content>
        with:
<#list step.inputs as input>
          [=input.key]: <#if input.plain>[=input.value?no_esc]<#else>[=block(input.value, 12)]</#if><#if input.comment != ""> # [=remark(input.comment)?no_esc]</#if>
</#list>
</#if>
<#if step.folder != "">
        working-directory: [=step.folder]
</#if>
<#if step.env?has_content>
        env:
<@map step.env 10/>
</#if>
<#if step.run != "">
        run: [=block(step.run, 10)]
</#if>
</#list>
<#sep>

</#list>
</#macro>
