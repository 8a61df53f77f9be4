# The engine's own tests, by mock providers: they need no account.

variables {
  name                 = "shop-dev"
  tags                 = { team = "a" }
  deletion_window_days = 30
}

run "plans" {
  command = plan
}

run "keeps_its_name" {
  command = plan

  assert {
    condition     = startswith(terraform_data.this.input, var.name)
    error_message = "The key must have its name."
  }
}

run "refuses_name_1" {
  command = plan

  variables {
    name = "Shop!"
  }

  expect_failures = [var.name]
}

run "refuses_deletion_window_days_1" {
  command = plan

  variables {
    deletion_window_days = 3
  }

  expect_failures = [var.deletion_window_days]
}
