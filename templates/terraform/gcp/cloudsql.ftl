[@file "main.tf"]
data "google_client_config" "this" {}

data "google_project" "this" {}

resource "google_project_service" "this" {
  for_each = toset(["cloudscheduler.googleapis.com", "sqladmin.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

resource "google_kms_crypto_key_iam_member" "sql" {
  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-cloud-sql.iam.gserviceaccount.com"

  depends_on = [google_project_service.this]
}

# The name of a deleted instance can't be used again for a week. Whether it runs is the business of schedule.tf.
resource "google_sql_database_instance" "this" {
  name                = "${var.name}-pg"
  region              = var.region
  database_version    = var.database_version
  encryption_key_name = google_kms_crypto_key_iam_member.sql.crypto_key_id
  deletion_protection = var.deletion_protection

  settings {
    tier                        = var.tier
    edition                     = "ENTERPRISE"
    availability_type           = var.availability_type
    activation_policy           = "ALWAYS"
    disk_type                   = "PD_SSD"
    disk_size                   = var.storage_gb
    disk_autoresize             = true
    disk_autoresize_limit       = var.storage_gb * 5
    deletion_protection_enabled = var.deletion_protection
    connector_enforcement       = "REQUIRED"
    user_labels                 = var.labels

    # By connectors only (Auth Proxy, language libraries): they bring a certificate of an hour for who IAM lets in.
    ip_configuration {
      ipv4_enabled                                  = false
      private_network                               = var.network_id
      ssl_mode                                      = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
      enable_private_path_for_google_cloud_services = true
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "02:00"
      location                       = var.region
      point_in_time_recovery_enabled = var.point_in_time_recovery
      transaction_log_retention_days = min(7, var.backup_days)

      backup_retention_settings {
        retained_backups = var.backup_days
        retention_unit   = "COUNT"
      }
    }

    maintenance_window {
      day          = 7
      hour         = 3
      update_track = "stable"
    }

    insights_config {
      query_insights_enabled  = true
      query_string_length     = 1024
      record_application_tags = true
      record_client_address   = false
    }

    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }

    database_flags {
      name  = "cloudsql.enable_pgaudit"
      value = "on"
    }

    database_flags {
      name  = "pgaudit.log"
      value = "ddl,role"
    }

    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }

    database_flags {
      name  = "log_connections"
      value = "on"
    }

    database_flags {
      name  = "log_disconnections"
      value = "on"
    }

    database_flags {
      name  = "log_duration"
      value = "on"
    }

    database_flags {
      name  = "log_hostname"
      value = "on"
    }

    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }

    database_flags {
      name  = "log_min_duration_statement"
      value = "-1"
    }

    database_flags {
      name  = "log_min_error_statement"
      value = "error"
    }

    database_flags {
      name  = "log_min_messages"
      value = "warning"
    }

    database_flags {
      name  = "log_statement"
      value = "ddl"
    }

    database_flags {
      name  = "log_temp_files"
      value = "0"
    }
  }

  [@protect ignore="settings[0].activation_policy" /]
}

resource "google_sql_database" "this" {
  name     = var.database_name
  instance = google_sql_database_instance.this.name

  [@protect /]
}
[/@file]
[@file "users.tf"]
# Who connects is a service account with a token of an hour; there is no password to keep, to rotate or to find in a state.
resource "google_sql_user" "client" {
  for_each = var.clients

  name            = trimsuffix(each.value, ".gserviceaccount.com")
  instance        = google_sql_database_instance.this.name
  type            = "CLOUD_IAM_SERVICE_ACCOUNT"
  deletion_policy = "ABANDON"
}

resource "google_project_iam_member" "client" {
  for_each = merge([
    for name, email in var.clients : {
      "${name}-connects" = { email = email, role = "roles/cloudsql.client" }
      "${name}-logs-in"  = { email = email, role = "roles/cloudsql.instanceUser" }
    }
  ]...)

  project = data.google_client_config.this.project
  role    = each.value.role
  member  = "serviceAccount:${each.value.email}"

  condition {
    title       = "${var.name}-pg"
    description = "This database only"
    expression  = "resource.type == 'sqladmin.googleapis.com/Instance' && resource.name == '${local.instance}'"
  }
}
[/@file]
[@file "schedule.tf"]
locals {
  # Where it rests outside of working hours: what a stopped instance costs is its storage.
  schedule = var.working_hours == null ? {} : {
    start = { hour = var.working_hours.start_hour, policy = "ALWAYS" }
    stop  = { hour = var.working_hours.stop_hour, policy = "NEVER" }
  }
  days     = var.working_hours == null ? "*" : { "MON-FRI" = "1-5", "MON-SUN" = "*" }[var.working_hours.days]
  instance = "projects/${data.google_client_config.this.project}/instances/${google_sql_database_instance.this.name}"
}

resource "google_service_account" "schedule" {
  count = var.working_hours == null ? 0 : 1

  account_id   = "${var.name}-sqlhours"
  display_name = "Stops and starts the database of ${var.name}"
}

resource "google_project_iam_member" "schedule" {
  count = var.working_hours == null ? 0 : 1

  project = data.google_client_config.this.project
  role    = "roles/cloudsql.editor"
  member  = one(google_service_account.schedule[*].member)

  condition {
    title       = "${var.name}-pg"
    description = "This database only"
    expression  = "resource.type == 'sqladmin.googleapis.com/Instance' && resource.name == '${local.instance}'"
  }
}

resource "google_cloud_scheduler_job" "this" {
  for_each = local.schedule

  name        = "${var.name}-pg-${each.key}"
  description = "Working hours of the database"
  region      = var.region
  schedule    = "0 ${each.value.hour} * * ${local.days}"
  time_zone   = var.working_hours.time_zone

  http_target {
    uri         = "https://sqladmin.googleapis.com/v1/${local.instance}"
    http_method = "PATCH"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode({ settings = { activationPolicy = each.value.policy } }))

    oauth_token {
      service_account_email = one(google_service_account.schedule[*].email)
    }
  }

  retry_config {
    retry_count = 3
  }

  depends_on = [google_project_service.this]
}
[/@file]
[@runs]
run "database_is_private_encrypted_and_logged" {
  command = plan

  assert {
    condition     = !google_sql_database_instance.this.settings[0].ip_configuration[0].ipv4_enabled && google_sql_database_instance.this.settings[0].ip_configuration[0].private_network == var.network_id
    error_message = "The database must have no public address."
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].ip_configuration[0].ssl_mode == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED" && google_sql_database_instance.this.settings[0].connector_enforcement == "REQUIRED"
    error_message = "Connections must be encrypted on both sides, by a connector that asks IAM first."
  }

  assert {
    condition     = google_sql_database_instance.this.encryption_key_name == var.kms_key_id
    error_message = "Data must be encrypted with the environment's key."
  }

  assert {
    condition = alltrue([
      for name in ["cloudsql.enable_pgaudit", "log_checkpoints", "log_connections", "log_disconnections", "log_lock_waits"] :
      anytrue([for flag in google_sql_database_instance.this.settings[0].database_flags : flag.name == name && flag.value == "on"])
    ])
    error_message = "Who connects and what is changed must be logged."
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].user_labels["team"] != ""
    error_message = "The database must say whose it is."
  }
}

run "data_can_be_restored" {
  command = plan

  variables {
    backup_days            = 30
    deletion_protection    = true
    point_in_time_recovery = true
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].enabled && google_sql_database_instance.this.settings[0].backup_configuration[0].point_in_time_recovery_enabled
    error_message = "Any moment of the last days must be recoverable."
  }

  assert {
    condition     = google_sql_database_instance.this.settings[0].backup_configuration[0].backup_retention_settings[0].retained_backups == 30 && google_sql_database_instance.this.settings[0].backup_configuration[0].transaction_log_retention_days == 7
    error_message = "Backups must be kept for a month, and the log for as long as the edition allows."
  }

  assert {
    condition     = google_sql_database_instance.this.deletion_protection && google_sql_database_instance.this.settings[0].deletion_protection_enabled
    error_message = "Terraform and the cloud must both refuse to delete it."
  }
}

run "clients_log_in_without_a_password" {
  command = plan

  variables {
    clients = { web = "web@shop-dev-4711.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_sql_user.client["web"].name == "web@shop-dev-4711.iam" && google_sql_user.client["web"].type == "CLOUD_IAM_SERVICE_ACCOUNT" && google_sql_user.client["web"].password == null
    error_message = "A client must log in by its identity."
  }

  assert {
    condition     = length(google_project_iam_member.client) == 2
    error_message = "A client must be able to connect and to log in."
  }
}

run "rests_outside_of_working_hours" {
  command = plan

  variables {
    working_hours = { days = "MON-FRI", start_hour = 7, stop_hour = 20, time_zone = "UTC" }
  }

  assert {
    condition     = google_cloud_scheduler_job.this["stop"].schedule == "0 20 * * 1-5" && google_cloud_scheduler_job.this["start"].schedule == "0 7 * * 1-5"
    error_message = "It must be stopped in the evening and started in the morning."
  }
}

run "runs_always_where_no_hours_are_given" {
  command = plan

  variables {
    working_hours = null
  }

  assert {
    condition     = length(google_cloud_scheduler_job.this) == 0 && length(google_service_account.schedule) == 0
    error_message = "Nothing may be able to stop it."
  }
}
[/@runs]
