<#-- Each value is one YAML scalar: the output format quotes what has to be. -->
<#macro list key values indent>
[=''?left_pad(indent)?no_esc][=key?no_esc]:
<#list values as value>
[=''?left_pad(indent)?no_esc]<#if key?starts_with("- ")>  </#if>  - [=value]
</#list>
</#macro>
<#macro map key entries indent>
[=''?left_pad(indent)?no_esc][=key]:
<#list entries as name, value>
[=''?left_pad(indent)?no_esc]  [=name]: [=value]
</#list>
</#macro>
<#macro lines key commands>
  [=key]:
<#list commands as line>
<#if line.comment != "">
    # [=remark(line.comment)?no_esc]
</#if>
    - [=block(line.text, 6)]
</#list>
</#macro>
<#macro image of>
<#if of.clearsEntrypoint>
  image:
    name: [=of.name]
    entrypoint: [""]
<#else>
  image: [=of.name]
</#if>
</#macro>
stages: [<#list stages as stage>[=stage]<#sep>, </#list>]

workflow:
  rules: # one pipeline for each change, not one for the branch and one for its merge request
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS && $CI_PIPELINE_SOURCE == "push"
      when: never
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      auto_cancel:
        on_new_commit: none # only what a newer push to a merge request made obsolete is cancelled
<#if tags>
    - if: $CI_COMMIT_TAG
      auto_cancel:
        on_new_commit: none
</#if>
<#if scheduled>
    - if: $CI_PIPELINE_SOURCE == "schedule"
</#if>

default:
  interruptible: true
  timeout: [=minutes?no_esc] minutes
  retry:
    max: 2
    when: [runner_system_failure, stuck_or_timeout_failure]

<#list jobs as job>
<#if job.comment != "">
# [=remark(job.comment)?no_esc]
</#if>
[=job.name]:
<#list job.bases as base>
  extends: [=base]
</#list>
<#if job.stage != "">
  stage: [=job.stage]
</#if>
<#if job.image??>
<@image job.image/>
<#elseif job.setup??>
<@image job.setup.image/>
</#if>
<#if (job.setup.services)?has_content || job.services?has_content>
  services:
<#list ((job.setup.services)![]) + job.services as service>
    - name: [=service.image]
      alias: [=service.alias]
<#if service.command?has_content>
<@list "command" service.command 6/>
</#if>
<#if service.variables?has_content>
<@map "variables" service.variables 6/>
</#if>
</#list>
</#if>
<#if (job.setup.variables)?has_content || job.variables?has_content>
  variables:
<#list (job.setup.variables)!{} as name, value>
    [=name]: [=value]
</#list>
<#list job.variables as name, value>
    [=name]: [=value]
</#list>
</#if>
<#if (job.setup.idTokens)?has_content || job.idTokens?has_content>
  id_tokens:
<#list ((job.setup.idTokens)!{}) + job.idTokens as name, audience>
    [=name]:
      aud: [=audience]
</#list>
</#if>
<#if job.rules?has_content>
  rules:
<#list job.rules as rule>
    - if: [=rule.condition]
<#if rule.changes?has_content>
<@list "changes" rule.changes 6/>
</#if>
<#if rule.when != "">
      when: [=rule.when]
</#if>
</#list>
</#if>
<#if job.needs??>
<#if job.hasPlainNeeds()>
  needs: [<#list job.needs as need>[=need.job]<#sep>, </#list>]
<#elseif job.needs?has_content>
  needs:
<#list job.needs as need>
<#if need.optional || need.skipsArtifacts>
    - job: [=need.job]
<#if need.optional>
      optional: true
</#if>
<#if need.skipsArtifacts>
      artifacts: false
</#if>
<#else>
    - [=need.job]
</#if>
</#list>
<#elseif job.stage != stages[0]>
  needs: []
</#if>
</#if>
<#if job.dependencies??>
  dependencies: [<#list job.dependencies as dependency>[=dependency]<#sep>, </#list>]
</#if>
<#if job.matrix?has_content>
  parallel:
    matrix:
<#list job.matrix as name, values>
<#if name?length + values?join(", ")?length + 2 * values?size <= 60>
      - [=name]: [<#list values as value>[=value]<#sep>, </#list>]
<#else>
<@list "- " + name values 6/>
</#if>
</#list>
</#if>
<#if (job.setup.cache)??>
  cache:
    key:
      prefix: [=job.setup.cache.prefix]
<@list "files" job.cacheFiles?has_content?then(job.cacheFiles, job.setup.cache.files) 6/>
<@list "paths" job.setup.cache.paths 4/>
<#if job.cachePolicy != "">
    policy: [=job.cachePolicy]
</#if>
<#elseif job.cacheFiles?has_content || job.cachePolicy != "">
  cache:
<#if job.cacheFiles?has_content>
    key:
<@list "files" job.cacheFiles 6/>
</#if>
<#if job.cachePolicy != "">
    policy: [=job.cachePolicy]
</#if>
</#if>
<#if (job.setup.before)?has_content>
<@lines "before_script" job.setup.before/>
</#if>
<#if job.script?has_content>
<@lines "script" job.script/>
</#if>
<#if (job.setup.after)?has_content>
<@lines "after_script" job.setup.after/>
</#if>
<#if job.artifacts??>
  artifacts:
<#if job.artifacts.always>
    when: always
</#if>
    expire_in: [=job.artifacts.keepDays?no_esc] days
<#if job.artifacts.paths?has_content>
<@list "paths" job.artifacts.paths 4/>
</#if>
<#if job.artifacts.junit?has_content || job.artifacts.coverageFile != "" || job.artifacts.terraform?has_content || job.artifacts.dotenv != "">
    reports:
<#if job.artifacts.junit?has_content>
<@list "junit" job.artifacts.junit 6/>
</#if>
<#if job.artifacts.coverageFile != "">
      coverage_report:
        coverage_format: [=job.artifacts.coverageFormat]
        path: [=job.artifacts.coverageFile]
</#if>
<#if job.artifacts.terraform?has_content>
<@list "terraform" job.artifacts.terraform 6/>
</#if>
<#if job.artifacts.dotenv != "">
      dotenv: [=job.artifacts.dotenv]
</#if>
</#if>
</#if>
<#if job.coverage != "">
  coverage: [=job.coverage]
</#if>
<#if job.environment??>
  environment:
    name: [=job.environment.name]
<#if job.environment.action != "">
    action: [=job.environment.action]
</#if>
<#if job.environment.exclusive>
  resource_group: [=job.environment.name]
</#if>
</#if>
<#if job.release>
  release: # made from the tag
    tag_name: $CI_COMMIT_TAG
    description: Release $CI_COMMIT_TAG
</#if>
<#if job.protectedFromCancel>
  interruptible: false
</#if>
<#if job.warningExits?has_content>
  allow_failure:
    exit_codes: [<#list job.warningExits as code>[=code?c?no_esc]<#sep>, </#list>]
</#if>
<#if job.minutes != 0 && job.minutes != minutes>
  timeout: [=job.minutes?no_esc] minutes
</#if>
<#sep>

</#list>
