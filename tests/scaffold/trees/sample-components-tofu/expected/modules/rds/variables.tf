variable "name" {
  description = "What names begin with."
  type        = string
}

variable "key_arn" {
  description = "The key that encrypts it."
  type        = string
}

variable "clients" {
  description = "Who may connect."
  type        = map(string)
}

variable "prevent_destroy" {
  description = "Whether resources that hold data refuse to be destroyed."
  type        = bool
  default     = true
}
