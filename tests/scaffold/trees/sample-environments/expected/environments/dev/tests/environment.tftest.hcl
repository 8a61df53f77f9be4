# The values of terraform.tfvars, planned by mock providers: no account is needed.

variables {
  ecs_domain = "shop.example.com"
}

run "plans" {
  command = plan

  assert {
    condition     = alltrue([for key in ["team", "environment", "service", "cost-center"] : length(local.tags[key]) > 0])
    error_message = "Every resource must say whose it is."
  }
}
