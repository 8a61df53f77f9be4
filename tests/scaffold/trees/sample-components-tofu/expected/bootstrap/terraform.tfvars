# What makes this environment what it is; the reasons for its sizes are in ENVIRONMENTS.md too. No secrets here: this file is committed.
name        = "shop"
environment = "bootstrap"
tags = {
  cost-center = "shared"
  team        = "platform"
}
