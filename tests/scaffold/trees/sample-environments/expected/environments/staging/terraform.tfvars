# What makes this environment what it is; the reasons for its sizes are in ENVIRONMENTS.md too. No secrets here: this file is committed.
name        = "shop"
environment = "staging"
cidr        = "10.16.0.0/16"
tags = {
  cost-center = "cc-1"
  team        = "shop"
}

# Time to notice a mistaken deletion.
kms_deletion_window_days = 14

# To fill in: Where it is found.
# ecs_domain = "shop.example.com"
