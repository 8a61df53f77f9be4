variable "name" {
  description = "What names begin with."
  type        = string
}

variable "queue_arn" {
  description = "What it listens to."
  type        = string
  default     = null
}

variable "domain" {
  description = "Where it is found."
  type        = string
}
