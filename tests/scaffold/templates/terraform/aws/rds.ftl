[@file "main.tf"]
resource "terraform_data" "this" {
  input = "${var.name}:${var.key_arn}"
[@protect /]
}

resource "terraform_data" "client" {
  for_each = var.clients

  input = each.value
}
[/@file]
