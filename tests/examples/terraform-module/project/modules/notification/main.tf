variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "topic_arn" {
  description = "Where events go."
  type        = string
}

resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket

  topic {
    topic_arn = var.topic_arn
    events    = ["s3:ObjectCreated:*"]
  }
}
