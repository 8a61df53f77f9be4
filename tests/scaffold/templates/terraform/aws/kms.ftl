[@file "main.tf"]
resource "terraform_data" "this" {
  input = "${var.name}:${var.deletion_window_days}:${jsonencode(var.tags)}"
[@protect ignore="triggers_replace" /]
}
[/@file]
[@runs]
run "keeps_its_name" {
  command = plan

  assert {
    condition     = startswith(terraform_data.this.input, var.name)
    error_message = "The key must have its name."
  }
}
[/@runs]
