output "group_id" {
  description = "Its firewall's group."
  value       = terraform_data.this.id
}
