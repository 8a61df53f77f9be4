# The engine's own tests, by mock providers: they need no account.

variables {
  name    = "shop-dev"
  key_arn = "key-1"
  cidr    = "10.0.0.0/16"
}

run "plans" {
  command = plan
}
