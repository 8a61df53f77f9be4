variable "name" {
  description = "Of the queue."
  type        = string
}
