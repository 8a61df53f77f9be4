[@file "main.tf"]
resource "aws_sqs_queue" "this" {
  name                       = "${var.name}-jobs"
  kms_master_key_id          = var.key_arn
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20 # long polling: fewer empty answers, each of which costs
  visibility_timeout_seconds = var.visibility_timeout_seconds
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.max_receive_count
  })

  [@protect /]
}

# What nobody could process: kept for as long as SQS can, so that somebody has time to look.
resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-jobs-dead"
  kms_master_key_id         = var.key_arn
  message_retention_seconds = 1209600
  tags                      = var.tags

  [@protect /]
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this.arn]
  })
}

resource "aws_sqs_queue_policy" "this" {
  for_each = {
    jobs = { url = aws_sqs_queue.this.id, arn = aws_sqs_queue.this.arn }
    dead = { url = aws_sqs_queue.dead.id, arn = aws_sqs_queue.dead.arn }
  }

  queue_url = each.value.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyByTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_sns_topic" "this" {
  name              = "${var.name}-events"
  kms_master_key_id = var.key_arn
  tags              = var.tags
}
[/@file]
[@runs]
run "messages_are_encrypted_and_none_is_lost_silently" {
  command = plan

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.this, aws_sqs_queue.dead] : queue.kms_master_key_id == var.key_arn])
    error_message = "Messages must be encrypted by the environment's key."
  }

  assert {
    condition     = aws_sqs_queue.dead.message_retention_seconds == 1209600
    error_message = "What could not be processed must be kept for 14 days."
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.key_arn
    error_message = "Events must be encrypted by the environment's key."
  }

  assert {
    condition     = aws_sqs_queue.this.tags["team"] == var.tags["team"]
    error_message = "The queue must carry the required tags."
  }
}
[/@runs]
