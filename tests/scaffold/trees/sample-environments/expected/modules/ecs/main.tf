resource "terraform_data" "this" {
  input = "${var.name}:${var.domain}:${coalesce(var.queue_arn, "none")}:write-only"
}
