# The engine's own tests, by mock providers: they need no account.

variables {
  name    = "shop-dev"
  key_arn = "key-1"
  clients = { ecs = "sg-1" }
}

run "plans" {
  command = plan
}
