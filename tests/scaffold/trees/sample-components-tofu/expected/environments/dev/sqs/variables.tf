variable "name" {
  description = "What the names of all resources begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "The name must have 2 to 32 lower-case letters, digits and dashes, and begin with a letter."
  }
}

variable "environment" {
  description = "The environment of this folder."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "The environment must have lower-case letters, digits and dashes."
  }
}

variable "cidr" {
  description = "The addresses of this environment, which overlap with no other's."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0))
    error_message = "The addresses must be a block such as 10.0.0.0/16."
  }
}

variable "tags" {
  description = "What every resource says about who it belongs to: team and cost-center, and whatever else is wanted."
  type        = map(string)

  validation {
    condition     = alltrue([for key in ["team", "cost-center"] : length(lookup(var.tags, key, "")) > 0])
    error_message = "The tags must have team and cost-center."
  }
}
