output "queue_arn" {
  description = "The queue."
  value       = terraform_data.this.output
}
