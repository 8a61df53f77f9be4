[@file "main.tf"]
data "google_project" "this" {}

resource "google_project_service" "this" {
  for_each = toset(["billingbudgets.googleapis.com", "monitoring.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.emails

  display_name = "Costs of ${var.name}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = var.labels

  depends_on = [google_project_service.this]
}

# Counts the whole project of this environment. What is unusual Google's own anomaly detection tells the account's administrators, always
# and for every project; nothing has to be made for it.
resource "google_billing_budget" "this" {
  billing_account = var.billing_account
  display_name    = var.name

  budget_filter {
    projects               = ["projects/${data.google_project.this.number}"]
    calendar_period        = "MONTH"
    credit_types_treatment = "EXCLUDE_ALL_CREDITS"
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_limit)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.8, 1]

    content {
      threshold_percent = threshold_rules.value
      spend_basis       = "CURRENT_SPEND"
    }
  }

  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = [for channel in google_monitoring_notification_channel.email : channel.id]
    disable_default_iam_recipients   = false
  }

  depends_on = [google_project_service.this]
}
[/@file]
[@runs]
run "people_hear_of_costs_before_the_month_is_over" {
  command = plan

  assert {
    condition     = [for rule in google_billing_budget.this.threshold_rules : rule.threshold_percent if rule.spend_basis == "CURRENT_SPEND"] == [0.5, 0.8, 1]
    error_message = "People must hear at 50, 80 and 100 percent."
  }

  assert {
    condition     = contains([for rule in google_billing_budget.this.threshold_rules : rule.spend_basis], "FORECASTED_SPEND")
    error_message = "A bad forecast must be told too."
  }

  assert {
    condition     = length(google_monitoring_notification_channel.email) == length(var.emails) && !google_billing_budget.this.all_updates_rule[0].disable_default_iam_recipients
    error_message = "Everybody named, and who administers the account, must hear of it."
  }

  assert {
    condition     = alltrue([for channel in google_monitoring_notification_channel.email : channel.user_labels["team"] != ""])
    error_message = "Channels must say whose they are."
  }
}
[/@runs]
