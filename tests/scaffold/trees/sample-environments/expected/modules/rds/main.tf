resource "terraform_data" "this" {
  input = "${var.name}:${var.key_arn}"

  lifecycle {
    prevent_destroy = true
  }
}

resource "terraform_data" "client" {
  for_each = var.clients

  input = each.value
}
