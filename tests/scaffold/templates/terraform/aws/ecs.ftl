[@file "main.tf"]
resource "terraform_data" "this" {
  input = "${var.name}:${var.domain}:${coalesce(var.queue_arn, "none")}:[#if features.writeOnly]write-only[#else]stored[/#if]"
}
[/@file]
