variable "name" {
  description = "Of the queue."
}

variable "key_arn" {
  description = "Of the key that encrypts it."
}
