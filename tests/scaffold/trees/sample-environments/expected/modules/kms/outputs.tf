output "key_arn" {
  description = "The key."
  value       = terraform_data.this.output
}
