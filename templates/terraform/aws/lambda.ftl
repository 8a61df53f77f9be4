[@file "main.tf"]
data "aws_partition" "current" {}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
  tags              = var.tags
}

# Calls that failed for good; somebody looks at them.
resource "aws_sqs_queue" "dead_letters" {
  name                              = "${var.name}-lambda-dead-letters"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300
  tags                              = var.tags

  [@protect /]
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_272:Lambda checks signatures of archives only; the code is an image, which its digest or an immutable tag names
  function_name                  = var.name
  role                           = aws_iam_role.this.arn
  package_type                   = "Image"
  image_uri                      = var.image_uri
  architectures                  = ["arm64"]
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.key_arn
  tags                           = var.tags

  dead_letter_config {
    target_arn = aws_sqs_queue.dead_letters.arn
  }

  environment {
    variables = var.environment_variables
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = "Active"
  }

  vpc_config {
    subnet_ids         = var.private_subnet_ids
    security_group_ids = [aws_security_group.this.id]
  }

  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.this]
}

resource "aws_security_group" "this" {
  name        = "${var.name}-lambda"
  description = "Function ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-lambda" })
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = { https = 443, postgres = 5432 }

  security_group_id = aws_security_group.this.id
  description       = "To ${each.key}"
  cidr_ipv4         = var.internet_cidr
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  tags              = var.tags
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-lambda"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "function"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*"
      },
      {
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.key_arn
      },
    ]
  })
}

# Network interfaces and traces can't be granted for single resources; AWS keeps these two policies small.
resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(["AWSXRayDaemonWriteAccess", "service-role/AWSLambdaVPCAccessExecutionRole"])

  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.key}"
}
[/@file]
[@runs]
run "function_is_private_limited_and_traced" {
  command = plan

  assert {
    condition     = length(aws_lambda_function.this.vpc_config[0].subnet_ids) == length(var.private_subnet_ids)
    error_message = "The function must run in the private subnets."
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.key_arn && aws_sqs_queue.dead_letters.kms_master_key_id == var.key_arn
    error_message = "Variables and dead letters must be encrypted by the environment's key."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions > 0 && aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "Executions must be limited and traced."
  }
}
[/@runs]
