[@file "main.tf"]
resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_limit_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  tags         = var.tags

  # Only what carries this environment's tag; a tag counts once it is activated for cost allocation.
  cost_filter {
    name   = "TagKeyValue"
    values = ["user:environment$${var.environment}"]
  }

  dynamic "notification" {
    for_each = [50, 80, 100]

    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = "ACTUAL"
      subscriber_email_addresses = var.emails
    }
  }

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = var.emails
  }
}

resource "aws_ce_anomaly_monitor" "this" {
  name         = var.name
  monitor_type = "CUSTOM"
  tags         = var.tags

  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags = {
      Key          = "user:environment"
      MatchOptions = null
      Values       = [var.environment]
    }
  })
}

resource "aws_ce_anomaly_subscription" "this" {
  name             = var.name
  frequency        = "DAILY"
  monitor_arn_list = [aws_ce_anomaly_monitor.this.arn]
  tags             = var.tags

  dynamic "subscriber" {
    for_each = toset(var.emails)

    content {
      type    = "EMAIL"
      address = subscriber.value
    }
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(max(1, floor(var.monthly_limit_usd * 0.1)))]
    }
  }
}
[/@file]
[@runs]
run "people_hear_of_costs_before_the_month_is_over" {
  command = plan

  assert {
    condition     = toset([for n in aws_budgets_budget.this.notification : n.threshold if n.notification_type == "ACTUAL"]) == toset([50, 80, 100])
    error_message = "Somebody must hear of 50, 80 and 100 percent."
  }

  assert {
    condition     = anytrue([for n in aws_budgets_budget.this.notification : n.notification_type == "FORECASTED"])
    error_message = "Somebody must hear of a month that will cost too much."
  }

  assert {
    condition     = aws_budgets_budget.this.tags["cost-center"] == var.tags["cost-center"]
    error_message = "The budget must carry the required tags."
  }
}
[/@runs]
