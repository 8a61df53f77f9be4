resource "terraform_data" "this" {
  input = "${var.name}:${var.deletion_window_days}:${jsonencode(var.tags)}"

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [triggers_replace]
  }
}
