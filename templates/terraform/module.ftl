[#-- What a module has besides its resources: from its entry in the catalogue. --]
[@file "variables.tf"]
[#list variables as v]
variable "[=v.name]" {
  description = "[=v.description]"
  type        = [=v.type?no_esc]
[#if v.defaultValue??]
  default     = [=v.defaultValue?no_esc]
[/#if]
[#if !v.nullable]
  nullable    = false
[/#if]
[#if v.sensitive]
  sensitive   = true
[/#if]
[#if v.ephemeral]
  ephemeral   = true
[/#if]
[#list validations[v?index] as validation]

  validation {
    condition     = [=validation.condition?no_esc]
    error_message = "[=validation.message]"
  }
[/#list]
}

[/#list]
[#if protects]
variable "prevent_destroy" {
  description = "Whether resources that hold data refuse to be destroyed."
  type        = bool
  default     = true
}
[/#if]
[/@file]
[@file "outputs.tf"]
[#if !module.outputs?has_content]
# Nothing that others need.
[/#if]
[#list module.outputs as o]
output "[=o.name]" {
  description = "[=o.description]"
  value       = [=o.value?no_esc]
[#if o.sensitive]
  sensitive   = true
[/#if]
}

[/#list]
[/@file]
[@file "versions.tf"]
terraform {
  required_version = ">= [=floor]"

  required_providers {
    [=provider.local()] = {
      source  = "[=provider.source]"
[#if provider.version?has_content]
      version = "[=provider.version]"
[/#if]
    }
  }
}
[/@file]
[#if hasTests]
[@file "tests/" + module.id + ".tftest.hcl"]
# The engine's own tests, by mock providers: they need no account.
[=mocks?no_esc]

variables {
[#list examples as name, value]
  [=name] = [=value?no_esc]
[/#list]
}

run "plans" {
  command = plan
}

[=ownRuns?no_esc]

[#list variables as v]
[#list validations[v?index] as validation]
run "refuses_[=v.name]_[=validation?counter]" {
  command = plan

  variables {
    [=v.name] = [=validation.bad?no_esc]
  }

  expect_failures = [var.[=v.name]]
}

[/#list]
[/#list]
[/@file]
[/#if]
[@file "README.md"]
# [=module.title?no_esc]

[=module.summary?no_esc]

```hcl
[@hcl]
module "[=module.id]" {
  source = "../../modules/[=module.id]"
[#if module.aliasesNeeded?has_content]

  providers = {
    [=provider.local()] = [=provider.local()].[=module.aliasesNeeded?first]
  }
[/#if]

[#list examples as name, value]
  [=name] = [=value?no_esc]
[/#list]
}
[/@hcl]
```

Needs [#if tofu]OpenTofu[#else]Terraform[/#if] >= [=floor] and the provider [=provider.source?no_esc] [=provider.version?no_esc][#if module.aliasesNeeded?has_content], given as `[=provider.local()].[=module.aliasesNeeded?first]`[/#if].

## Inputs

| name | type | default | what it is |
| --- | --- | --- | --- |
[#list variables as v]
| `[=v.name]` | `[=v.type?replace("\\s+", " ", "r")?replace("|", "\\|")?no_esc]` | [#if v.defaultValue??]`[=v.defaultValue?replace("\\s+", " ", "r")?replace("|", "\\|")?no_esc]`[#else]required[/#if] | [=v.description?replace("|", "\\|")?no_esc] |
[/#list]
[#if module.outputs?has_content]

## Outputs

| name | what it is |
| --- | --- |
[#list module.outputs as o]
| `[=o.name]` | [=o.description?replace("|", "\\|")?no_esc] |
[/#list]
[/#if]
[/@file]
