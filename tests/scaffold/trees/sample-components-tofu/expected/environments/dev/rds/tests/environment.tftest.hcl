# The values of terraform.tfvars, planned by mock providers: no account is needed.

override_data {
  target = data.terraform_remote_state.kms
  values = {
    outputs = {
      kms_key_arn = "key-1"
    }
  }
}

variables {
  state_passphrase = "only for this test, no secret"
}

run "plans" {
  command = plan

  assert {
    condition     = alltrue([for key in ["team", "environment", "service", "cost-center"] : length(local.tags[key]) > 0])
    error_message = "Every resource must say whose it is."
  }
}
