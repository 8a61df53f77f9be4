# The engine's own tests, by mock providers: they need no account.

variables {
  name   = "shop-dev"
  domain = "shop.example.com"
}

run "plans" {
  command = plan
}
