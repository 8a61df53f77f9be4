variable "name" {
  description = "What names begin with."
  type        = string
}

variable "key_arn" {
  description = "The key that encrypts it."
  type        = string
}

variable "cidr" {
  description = "Who may come."
  type        = string
}
