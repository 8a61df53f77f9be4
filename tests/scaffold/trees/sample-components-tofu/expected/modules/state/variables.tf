variable "name" {
  description = "What names begin with."
  type        = string
}

variable "prevent_destroy" {
  description = "Whether resources that hold data refuse to be destroyed."
  type        = bool
  default     = true
}
