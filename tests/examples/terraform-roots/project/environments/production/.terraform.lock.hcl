# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/google" {
  version     = "6.35.0"
  constraints = "~> 6.35"
  hashes = [
    "h1:xDoMLhF8Ov7dkOAYEPJLcH0HMGPGT2tkDnLKZZtOMh0=",
    "zh:03f6a4a0b2b2d5b1a1c6b7f0c8d9e2a4b6c8d0e2f4a6b8c0d2e4f6a8b0c2d4e6",
  ]
}
