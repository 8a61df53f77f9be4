output "arn" {
  description = "Of the queue."
  value       = aws_sqs_queue.this.arn
}
