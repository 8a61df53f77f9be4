[@file "main.tf"]
data "google_client_config" "this" {}

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
}

resource "google_project_service" "this" {
  for_each = toset(["logging.googleapis.com", "monitoring.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alarm_emails

  display_name = "Alarms of ${var.name}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = var.labels

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "server_errors" {
  for_each = var.services

  display_name          = "${var.name}: ${each.key} answers with errors"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "5xx answers in five minutes"

    condition_threshold {
      filter          = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${each.value}\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = var.error_threshold
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "database" {
  for_each = merge([
    for name, id in var.databases : {
      for kind, label in { cpu = "CPU", disk = "disk", memory = "memory" } : "${name}-${kind}" => { id = id, kind = kind, label = label, name = name }
    }
  ]...)

  display_name          = "${var.name}: ${each.value.label} of ${each.value.name} is used up"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "Above 90 percent for ten minutes"

    condition_threshold {
      filter          = "resource.type = \"cloudsql_database\" AND resource.labels.database_id = \"${each.value.id}\" AND metric.type = \"cloudsql.googleapis.com/database/${each.value.kind}/utilization\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0.9
      duration        = "600s"

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MEAN"
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }
}

resource "google_monitoring_alert_policy" "dead_letters" {
  for_each = var.dead_letter_subscriptions

  display_name          = "${var.name}: ${each.key} has messages that nobody could process"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "Messages wait"

    condition_threshold {
      filter          = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${each.value}\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "300s"

      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
[/@file]
[@file "uptime.tf"]
# Asked from all over the world, as customers do.
resource "google_monitoring_uptime_check_config" "this" {
  for_each = var.hosts

  display_name       = "${var.name}-${each.key}"
  period             = "60s"
  timeout            = "10s"
  log_check_failures = true
  user_labels        = var.labels

  http_check {
    path         = var.health_check_path
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
  }

  monitored_resource {
    type = "uptime_url"

    labels = {
      host       = each.value
      project_id = data.google_client_config.this.project
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "uptime" {
  for_each = google_monitoring_uptime_check_config.this

  display_name          = "${var.name}: ${each.key} does not answer"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "From two places at least"

    condition_threshold {
      filter          = "resource.type = \"uptime_url\" AND metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id = \"${each.value.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }
}
[/@file]
[@file "logs.tf"]
# Reading it makes Google create the account by which Logging uses a key.
data "google_logging_project_cmek_settings" "this" {
  project = data.google_client_config.this.project

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key_iam_member" "logging" {
  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${data.google_logging_project_cmek_settings.this.service_account_id}"
}

# What is logged, in this region, for as long as this environment needs it. The project's own _Default bucket keeps it for 30 days, without
# the key; who does not want to pay twice turns off its sink.
resource "google_logging_project_bucket_config" "this" {
  project        = data.google_client_config.this.project
  location       = var.region
  bucket_id      = "${var.name}-logs"
  description    = "Logs of ${var.name}"
  retention_days = var.log_retention_days

  cmek_settings {
    kms_key_name = google_kms_crypto_key_iam_member.logging.crypto_key_id
  }

  [@protect /]
}

resource "google_logging_project_sink" "this" {
  name                   = "${var.name}-logs"
  description            = "Logs of ${var.name}, for as long as its environment needs them"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.this.id}"
  filter                 = var.log_filter
  unique_writer_identity = true
}
[/@file]
[@runs]
run "logs_are_encrypted_and_kept" {
  command = plan

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = google_logging_project_bucket_config.this.retention_days == 365 && google_logging_project_bucket_config.this.location == var.region
    error_message = "Logs must be kept as long as it is asked for, in the region."
  }

  assert {
    condition     = google_logging_project_bucket_config.this.cmek_settings[0].kms_key_name == var.kms_key_id
    error_message = "Logs must be encrypted with the environment's key."
  }
}

run "alarms_reach_people" {
  command = plan

  variables {
    databases                 = { cloudsql = "shop-dev-4711:shop-dev-pg" }
    dead_letter_subscriptions = { pubsub = "shop-dev-events-dead" }
    hosts                     = { cdn = "shop.example.com" }
    services                  = { cloudrun = "shop-dev" }
  }

  assert {
    condition     = length(google_monitoring_notification_channel.email) == length(var.alarm_emails)
    error_message = "Everybody named must hear of alarms."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.server_errors) == 1 && length(google_monitoring_alert_policy.database) == 3 && length(google_monitoring_alert_policy.dead_letters) == 1 && length(google_monitoring_alert_policy.uptime) == 1
    error_message = "Each service, database, queue and host must have its alarms."
  }

  assert {
    condition     = google_monitoring_uptime_check_config.this["cdn"].http_check[0].use_ssl && google_monitoring_uptime_check_config.this["cdn"].http_check[0].validate_ssl
    error_message = "A certificate that has run out must raise an alarm."
  }

  assert {
    condition     = google_monitoring_alert_policy.server_errors["cloudrun"].user_labels["team"] != ""
    error_message = "Alarms must say whose they are."
  }
}
[/@runs]
