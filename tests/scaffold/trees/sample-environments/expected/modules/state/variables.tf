variable "name" {
  description = "What names begin with."
  type        = string
}
