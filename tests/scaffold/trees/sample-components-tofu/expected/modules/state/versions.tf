terraform {
  required_version = ">= 1.12"

  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}
