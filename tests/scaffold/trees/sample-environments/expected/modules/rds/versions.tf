terraform {
  required_version = ">= 1.7"

  required_providers {
    terraform = {
      source = "terraform.io/builtin/terraform"
    }
  }
}
