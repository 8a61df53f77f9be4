[@file "main.tf"]
resource "terraform_data" "this" {
  input = var.name
[@protect /]
}
[/@file]
