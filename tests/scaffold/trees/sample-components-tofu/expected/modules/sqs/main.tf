resource "terraform_data" "this" {
  input = "${var.name}:${var.key_arn}:${var.cidr}"
}
