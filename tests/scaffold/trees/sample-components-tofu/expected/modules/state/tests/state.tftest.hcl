# The engine's own tests, by mock providers: they need no account.

variables {
  name = "shop-dev"
}

run "plans" {
  command = plan
}
