variable "name" {
  description = "Of the queue."
  type        = string
}

variable "key_arn" {
  description = "Of the key that encrypts it."
  type        = string
}
