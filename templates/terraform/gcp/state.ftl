[@file "main.tf"]
resource "google_project_service" "this" {
  for_each = toset(["cloudkms.googleapis.com", "storage.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

# The store has a key of its own: it is there before any environment is.
resource "google_kms_key_ring" "this" {
  name     = var.name
  location = var.region

  [@protect /]

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "this" {
  name                       = var.name
  key_ring                   = google_kms_key_ring.this.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = "7776000s"
  destroy_scheduled_duration = "2592000s"
  labels                     = var.labels

  [@protect /]
}

# Reading it makes Google create the service agent, which otherwise appears only after the first bucket.
data "google_storage_project_service_account" "this" {
  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key_iam_member" "storage" {
  crypto_key_id = google_kms_crypto_key.this.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${data.google_storage_project_service_account.this.email_address}"
}

resource "google_storage_bucket" "state" {
  name                        = var.name
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = var.labels

  encryption {
    default_kms_key_name = google_kms_crypto_key_iam_member.storage.crypto_key_id
  }

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 2592000
  }

  logging {
    log_bucket        = "${var.name}-logs"
    log_object_prefix = "state"
  }

  # A hundred former states of each root are enough to go back to.
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      num_newer_versions         = 100
      days_since_noncurrent_time = 90
      with_state                 = "ARCHIVED"
    }
  }

  [@protect /]

  depends_on = [google_storage_bucket.logs]
}

resource "google_storage_bucket" "logs" {
  name                        = "${var.name}-logs"
  location                    = var.region
  storage_class               = "STANDARD"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = var.labels

  encryption {
    default_kms_key_name = google_kms_crypto_key_iam_member.storage.crypto_key_id
  }

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  # Who read the logs is written down outside of them, where those who read them can't reach it.
  logging {
    log_bucket        = var.name
    log_object_prefix = "access-logs"
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age = var.log_retention_days
    }
  }

  [@protect /]
}

# Google writes access logs in the name of this group of its own.
resource "google_storage_bucket_iam_member" "log_writer" {
  for_each = {
    state = google_storage_bucket.state.name
    logs  = google_storage_bucket.logs.name
  }

  bucket = each.value
  role   = "roles/storage.objectCreator"
  member = "group:cloud-storage-analytics@google.com"
}
[/@file]
[@runs]
run "state_is_private_and_encrypted" {
  command = plan

  assert {
    condition     = alltrue([for bucket in [google_storage_bucket.state, google_storage_bucket.logs] : bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access])
    error_message = "State and logs must refuse public access."
  }

  assert {
    condition     = google_kms_crypto_key.this.rotation_period == "7776000s"
    error_message = "The key of the state must rotate."
  }
}

run "former_states_are_kept" {
  command = plan

  assert {
    condition     = google_storage_bucket.state.versioning[0].enabled && google_storage_bucket.state.soft_delete_policy[0].retention_duration_seconds == 2592000
    error_message = "A lost or broken state must be recoverable."
  }

  assert {
    condition     = google_storage_bucket.state.logging[0].log_bucket == google_storage_bucket.logs.name
    error_message = "Who reads or writes the state must be logged."
  }

  assert {
    condition     = google_storage_bucket.state.labels["team"] != ""
    error_message = "The bucket must say whose it is."
  }
}
[/@runs]
