[@file "main.tf"]
# Names and who may read them. Values come from people or from rotation, never through a state.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Rotation is made by the function that knows the secret's kind; rotation_lambda_arns turns it on for each
  for_each = var.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_window_days
  tags                    = var.tags

  [@protect /]
}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = var.rotation_lambda_arns

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = each.value

  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = var.secrets

  secret_arn          = aws_secretsmanager_secret.this[each.key].arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyByTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:*"
      Resource  = "*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
[/@file]
[@runs]
run "secrets_are_encrypted_and_not_in_the_state" {
  command = plan

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.kms_key_id == var.key_arn])
    error_message = "Secrets must be encrypted by the environment's key."
  }

  assert {
    condition     = alltrue([for policy in aws_secretsmanager_secret_policy.this : policy.block_public_policy])
    error_message = "No secret may be public."
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.tags["team"] == var.tags["team"]])
    error_message = "Secrets must carry the required tags."
  }
}
[/@runs]
