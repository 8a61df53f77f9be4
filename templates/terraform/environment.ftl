[#-- A root: the folder of an environment, of one of its components, or of the bootstrap. --]
[@file "main.tf"]
locals {
  name = "${var.name}-${var.environment}"
  tags = merge(var.tags, {
    environment = var.environment
    service     = var.name
  })
}

[#list remotes as remote]
data "terraform_remote_state" "[=remote.component]" {
  backend = "[=remote.backend]"

  config = [=remote.config?no_esc]
}

[/#list]
[#list calls as call]
module "[=call.id]" {
  source = "[=call.source]"
[#if call.aliases?has_content]

  providers = {
    [=provider.local()] = [=provider.local()].[=call.aliases?first]
  }
[/#if]

[#list call.arguments as argument]
  [=argument.name()] = [=argument.expression()?no_esc]
[/#list]
[#if call.protects]
  prevent_destroy = var.prevent_destroy
[/#if]
}

[/#list]
[/@file]
[@file "variables.tf"]
[#list used as v]
[#switch v]
[#case "name"]
variable "name" {
  description = "What the names of all resources begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "The name must have 2 to 32 lower-case letters, digits and dashes, and begin with a letter."
  }
}

[#break]
[#case "environment"]
variable "environment" {
  description = "The environment of this folder."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "The environment must have lower-case letters, digits and dashes."
  }
}

[#break]
[#case "region"]
variable "region" {
  description = "Where resources are made."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.region))
    error_message = "The region must be a name of [=provider.title], such as [=provider.defaultRegion]."
  }
}

[#break]
[#case "cidr"]
variable "cidr" {
  description = "The addresses of this environment, which overlap with no other's."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0))
    error_message = "The addresses must be a block such as 10.0.0.0/16."
  }
}

[#break]
[#case "tags"]
variable "tags" {
  description = "What every resource says about who it belongs to: team and cost-center, and whatever else is wanted."
  type        = map(string)

  validation {
    condition     = alltrue([for key in ["team", "cost-center"] : length(lookup(var.tags, key, "")) > 0])
    error_message = "The tags must have team and cost-center."
  }
[#if labels]

  validation {
    condition     = alltrue([for key, value in var.tags : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))])
    error_message = "Labels must have lower-case letters, digits, dashes and underscores, and not more than 63."
  }
[/#if]
}

[#break]
[#case "prevent_destroy"]
variable "prevent_destroy" {
  description = "Whether resources that hold data refuse to be destroyed."
  type        = bool
  default     = true
}

[#break]
[/#switch]
[/#list]
[#list variables as v]
variable "[=v.name]" {
  description = "[=v.description]"
  type        = [=v.type?no_esc]
[#if v.defaultValue??]
  default     = [=v.defaultValue?no_esc]
[/#if]
[#if v.sensitive]
  sensitive   = true
[/#if]
[#if v.ephemeral]
  ephemeral   = true
[/#if]
[#list v.validations as validation]

  validation {
    condition     = [=validation.condition?no_esc]
    error_message = "[=validation.message]"
  }
[/#list]
}

[/#list]
[/@file]
[@file "terraform.tfvars"]
# What makes this environment what it is; the reasons for its sizes are in ENVIRONMENTS.md too. No secrets here: this file is committed.
[#list used as v]
[#if values[v]??]
[=v] = [=values[v]?no_esc]
[/#if]
[/#list]
[#list variables as v]
[#if v.set]

[#if v.reason?has_content]
# [=v.reason]
[/#if]
[=v.name] = [=v.value?no_esc]
[/#if]
[/#list]
[#list variables as v]
[#if !v.set]

# To fill in: [=v.description]
[#list v.example?split("\n") as line]
# [#if line?is_first][=v.name] = [/#if][=line?no_esc]
[/#list]
[/#if]
[/#list]
[/@file]
[@file "outputs.tf"]
[#if !outputs?has_content]
# Nothing that others need.
[/#if]
[#list outputs as o]
output "[=o.name]" {
  description = "[=o.description]"
  value       = module.[=o.module].[=o.output]
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
[@file "moved.tf"]
[#list moved as m]
moved {
  from = [=m.from]
  to   = [=m.to]
}

[/#list]
[/@file]
[@file "removed.tf"]
[#list removed as r]
# No longer managed from here; it is not destroyed.
removed {
  from = module.[=r]

  lifecycle {
    destroy = false
  }
}

[/#list]
[/@file]
[@file "imports.tf"]
[#list imports as i]
import {
  to = [=i.address()?no_esc]
  id = "[=i.id()]"
}

[/#list]
[/@file]
[#if hasTests]
[@file "tests/" + test + ".tftest.hcl"]
# The values of terraform.tfvars, planned by mock providers: no account is needed.
[=mocks?no_esc]

[#list remotes as remote]
override_data {
  target = data.terraform_remote_state.[=remote.component]
  values = {
    outputs = [=remote.examples?no_esc]
  }
}

[/#list]
[#if fillIns?has_content]
variables {
[#list fillIns as v]
  [=v.name] = [=v.example?no_esc]
[/#list]
}

[/#if]
run "plans" {
  command = plan

  assert {
    condition     = alltrue([for key in ["team", "environment", "service", "cost-center"] : length(local.tags[key]) > 0])
    error_message = "Every resource must say whose it is."
  }
}
[/@file]
[/#if]
[#if isTofu && !isBootstrap]
[@file "encryption.tofu"]
# The state is encrypted before it leaves this machine. Give the passphrase by TF_VAR_state_passphrase.
variable "state_passphrase" {
  description = "Encrypts states and plans, 16 characters at least."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.state_passphrase) >= 16
    error_message = "The passphrase must have 16 characters at least."
  }
}

terraform {
  encryption {
    key_provider "pbkdf2" "passphrase" {
      passphrase = var.state_passphrase
    }

    method "aes_gcm" "state" {
      keys = key_provider.pbkdf2.passphrase
    }

    state {
      method   = method.aes_gcm.state
      enforced = true
    }

    plan {
      method   = method.aes_gcm.state
      enforced = true
    }
[#if remotes?has_content]

    # What other components keep is encrypted the same way.
    remote_state_data_sources {
      default {
        method = method.aes_gcm.state
      }
    }
[/#if]
  }
}
[/@file]
[/#if]
