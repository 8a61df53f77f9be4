resource "terraform_data" "this" {
  input = var.name

  lifecycle {
    prevent_destroy = true
  }
}
