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
  key_management_service_arn = aws_kms_key.signing.arn
}

resource "aws_route53_hosted_zone_dnssec" "this" {
  hosted_zone_id = aws_route53_key_signing_key.this.hosted_zone_id
  signing_status = "SIGNING"
}

resource "aws_route53_query_log" "this" {
  zone_id                  = aws_route53_zone.this.zone_id
  cloudwatch_log_group_arn = aws_cloudwatch_log_group.queries.arn

  depends_on = [aws_cloudwatch_log_resource_policy.queries]
}
[/@file]
[@file "global.tf"]
# What Route 53 uses lies in us-east-1, where this module runs: the key that signs the zone, the log of queries and the key that encrypts it.
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
  # By its id: what holds its name is called otherwise in later versions of the provider.
  logs = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
}

resource "aws_kms_key" "signing" {
  description              = "Signs the zone ${var.domain}"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 30
  tags                     = merge(var.tags, { Name = "${var.name}-dnssec" })

  # In a key's policy "*" means this key.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountDecidesByIam"
        Effect    = "Allow"
        Principal = local.account_principal
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "ZonesOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "dnssec-route53.amazonaws.com" }
        Action    = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        Sid       = "GrantsForSigning"
        Effect    = "Allow"
        Principal = { Service = "dnssec-route53.amazonaws.com" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = {
          Bool         = { "kms:GrantIsForAWSResource" = "true" }
          StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        }
      },
    ]
  })

  [@protect /]
}

resource "aws_kms_key" "logs" {
  description             = "Encrypts the log of queries for ${var.domain}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = merge(var.tags, { Name = "${var.name}-dns-logs" })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountDecidesByIam"
        Effect    = "Allow"
        Principal = local.account_principal
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogGroupsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "logs.${data.aws_region.current.id}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "${local.logs}:*" } }
      },
    ]
  })

  [@protect /]
}

resource "aws_cloudwatch_log_group" "queries" {
  name              = "/aws/route53/${var.domain}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.logs.arn
  tags              = var.tags
}

resource "aws_cloudwatch_log_resource_policy" "queries" {
  policy_name = "${var.name}-route53"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "QueriesOfThisZone"
        Effect    = "Allow"
        Principal = { Service = "route53.amazonaws.com" }
        Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource  = "${local.logs}:log-group:/aws/route53/${var.domain}:*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
    ]
  })
}
[/@file]
[@runs]
run "zone_is_signed_and_queries_are_logged" {
  command = plan

  assert {
    condition     = aws_route53_hosted_zone_dnssec.this.signing_status == "SIGNING" && aws_kms_key.signing.customer_master_key_spec == "ECC_NIST_P256"
    error_message = "The zone must be signed."
  }

  assert {
    condition     = aws_cloudwatch_log_group.queries.name == "/aws/route53/${var.domain}" && aws_kms_key.logs.enable_key_rotation
    error_message = "Queries must be logged, and the log be encrypted by a key that rotates."
  }

  assert {
    condition     = aws_route53_zone.this.tags["team"] == var.tags["team"]
    error_message = "The zone must carry the required tags."
  }
}
[/@runs]
