# What makes this environment what it is; the reasons for its sizes are in ENVIRONMENTS.md too. No secrets here: this file is committed.
name        = "shop"
environment = "production"
tags = {
  cost-center = "shared"
  team        = "platform"
}

# Time to notice a mistaken deletion.
kms_deletion_window_days = 30
