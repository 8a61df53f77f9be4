[@file "main.tf"]
resource "aws_route53_zone" "this" {
  name          = var.domain
  comment       = "Zone of ${var.name}"
  force_destroy = false
  tags          = var.tags

  [@protect /]
}

resource "aws_route53_key_signing_key" "this" {
  name                       = replace(var.name, "-", "_")
  hosted_zone_id             = aws_route53_zone.this.zone_id
  key_management_service_arn = var.signing_key_arn
}

resource "aws_route53_hosted_zone_dnssec" "this" {
  hosted_zone_id = aws_route53_key_signing_key.this.hosted_zone_id
  signing_status = "SIGNING"
}

resource "aws_route53_query_log" "this" {
  zone_id                  = aws_route53_zone.this.zone_id
  cloudwatch_log_group_arn = var.query_log_group_arn
}
[/@file]
[@runs]
run "zone_is_signed_and_queries_are_logged" {
  command = plan

  assert {
    condition     = aws_route53_hosted_zone_dnssec.this.signing_status == "SIGNING" && aws_route53_key_signing_key.this.key_management_service_arn == var.signing_key_arn
    error_message = "The zone must be signed."
  }

  assert {
    condition     = aws_route53_query_log.this.cloudwatch_log_group_arn == var.query_log_group_arn
    error_message = "Queries must be logged."
  }

  assert {
    condition     = aws_route53_zone.this.tags["team"] == var.tags["team"]
    error_message = "The zone must carry the required tags."
  }
}
[/@runs]
