<#-- Each value is one Groovy string: the output format quotes it. What is printed with no_esc is Groovy already. -->
<#macro text value><#if value.code>[=value.text?no_esc]<#else>[=value.text]</#if></#macro>
<#macro lines list indent>
<#list list as line>
[=(""?left_pad(indent))?no_esc][=line?no_esc]
</#list>
</#macro>
<#macro script list indent>
<#local pad = ""?left_pad(indent)>
<#list list as step>
<#if step.block?has_content>
<#list step.block as line>
<#if line?has_next>
[=pad?no_esc][=line?no_esc]
<#else>
[=pad?no_esc][=line?no_esc] {
</#if>
</#list>
<@script step.inner indent + 4/>
[=pad?no_esc]}
<#elseif step.code != "">
[=pad?no_esc][=step.code?no_esc]
<#elseif step.long>
[=pad?no_esc]sh label: [=step.label], script: [=block(step.script, indent + 4)]
<#else>
[=pad?no_esc]sh [=block(step.script, indent)]
</#if>
</#list>
</#macro>
<#macro head stage indent>
<#local pad = ""?left_pad(indent)>
<#if stage.when?has_content>
[=pad?no_esc]when {
[=pad?no_esc]    beforeAgent true
<@lines stage.when indent + 4/>
[=pad?no_esc]}
</#if>
<#if stage.agent??>
<#if stage.agent.image.text == "">
[=pad?no_esc]agent { label [=label] }
<#else>
[=pad?no_esc]agent {
[=pad?no_esc]    docker {
[=pad?no_esc]        image <@text stage.agent.image/>
<#if stage.agent.reuse>
[=pad?no_esc]        reuseNode true
<#else>
[=pad?no_esc]        label [=label]
</#if>
<#if stage.agent.args.text != "">
[=pad?no_esc]        args <@text stage.agent.args/>
</#if>
[=pad?no_esc]    }
[=pad?no_esc]}
</#if>
</#if>
<#if stage.options?has_content>
[=pad?no_esc]options {
<@lines stage.options indent + 4/>
[=pad?no_esc]}
</#if>
<#if stage.environment?has_content>
[=pad?no_esc]environment {
<#list stage.environment as key, value>
[=pad?no_esc]    [=key?no_esc] = <@text value/>
</#list>
[=pad?no_esc]}
</#if>
</#macro>
<#macro post stage indent>
<#local pad = ""?left_pad(indent)>
<#if stage.always?has_content || stage.cleanup?has_content>
[=pad?no_esc]post {
<#if stage.always?has_content>
[=pad?no_esc]    always {
<@lines stage.always indent + 8/>
[=pad?no_esc]    }
</#if>
<#if stage.cleanup?has_content>
[=pad?no_esc]    cleanup {
<@lines stage.cleanup indent + 8/>
[=pad?no_esc]    }
</#if>
[=pad?no_esc]}
</#if>
</#macro>
<#macro inside stage indent>
<#local pad = ""?left_pad(indent)>
<@head stage indent/>
<#if stage.steps?has_content>
[=pad?no_esc]steps {
<@script stage.steps indent + 4/>
[=pad?no_esc]}
<#elseif stage.parallel?has_content>
[=pad?no_esc]parallel {
<@all stage.parallel indent + 4/>
[=pad?no_esc]}
<#else>
[=pad?no_esc]stages {
<@all stage.stages indent + 4/>
[=pad?no_esc]}
</#if>
<@post stage indent/>
</#macro>
<#macro all list indent>
<#local pad = ""?left_pad(indent)>
<#list list as stage>
<#if stage.comment != "">
[=pad?no_esc]// [=remark(stage.comment)?no_esc]
</#if>
[=pad?no_esc]stage([=stage.name]) {
<#if stage.axes?has_content>
[=pad?no_esc]    matrix {
[=pad?no_esc]        axes {
<#list stage.axes as axis, values>
[=pad?no_esc]            axis {
[=pad?no_esc]                name [=axis]
[=pad?no_esc]                values <#list values as value>[=value]<#sep>, </#list>
[=pad?no_esc]            }
</#list>
[=pad?no_esc]        }
<@inside stage indent + 8/>
[=pad?no_esc]    }
<#else>
<@inside stage indent + 4/>
</#if>
[=pad?no_esc]}
</#list>
</#macro>
// Written by pipeline_generator from the project's own files; what you change by hand is kept when it runs again.
//
<@lines header 0/>
pipeline {
    agent none
    options {
<@lines options 8/>
    }
<#if triggers?has_content>
    triggers {
<@lines triggers 8/>
    }
</#if>
    stages {
<@all stages 8/>
    }
}
<#list functions as function>

void [=function.name?no_esc]() {
<@script [function.step] 4/>
}
</#list>
<#if concerns>

// Is a part of the project not among those that a change request leaves as they are?
boolean concerns(String part) {
    return !(env.UNCHANGED ?: '').tokenize('\n').contains(part)
}
</#if>
