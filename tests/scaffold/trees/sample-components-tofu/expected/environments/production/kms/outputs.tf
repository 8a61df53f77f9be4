output "kms_key_arn" {
  description = "The key."
  value       = module.kms.key_arn
}
