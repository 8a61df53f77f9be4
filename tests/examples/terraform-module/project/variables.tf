variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "versioning" {
  description = "Keep old versions of objects?"
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
