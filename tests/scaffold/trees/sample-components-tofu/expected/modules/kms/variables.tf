variable "name" {
  description = "What names begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]+$", var.name))
    error_message = "The name must have lower-case letters, digits and dashes."
  }
}

variable "tags" {
  description = "Whose it is."
  type        = map(string)
}

variable "deletion_window_days" {
  description = "How long a deletion can be taken back."
  type        = number

  validation {
    condition     = var.deletion_window_days >= 7
    error_message = "The window must be 7 days at least."
  }
}

variable "prevent_destroy" {
  description = "Whether resources that hold data refuse to be destroyed."
  type        = bool
  default     = true
}
