[@file "main.tf"]
data "google_client_config" "this" {}

resource "google_project_service" "this" {
  service            = "storage.googleapis.com"
  disable_on_destroy = false
}

# Reading it makes Google create the service agent, which otherwise appears only after the first bucket.
data "google_storage_project_service_account" "this" {}

resource "google_kms_crypto_key_iam_member" "storage" {
  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = data.google_storage_project_service_account.this.member
}

# Bucket names are shared by the whole world; a project's id is unique in it, so it leads.
resource "google_storage_bucket" "this" {
  name                        = "${data.google_client_config.this.project}-${var.name}-data"
  location                    = var.region
  storage_class               = var.storage_class
  force_destroy               = var.force_destroy
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
    retention_duration_seconds = var.soft_delete_days * 86400
  }

  logging {
    log_bucket        = var.log_bucket
    log_object_prefix = var.name
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = var.noncurrent_version_days
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }

    condition {
      age = 7
    }
  }

  [@protect /]

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_iam_member" "user" {
  for_each = var.user_service_accounts

  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${each.value}"
}
[/@file]
[@runs]
run "stays_private" {
  command = plan

  assert {
    condition     = google_storage_bucket.this.public_access_prevention == "enforced" && google_storage_bucket.this.uniform_bucket_level_access
    error_message = "The bucket must refuse public access and object lists of its own."
  }

  assert {
    condition     = google_storage_bucket.this.encryption[0].default_kms_key_name == var.kms_key_id
    error_message = "Objects must be encrypted with the environment's key."
  }

  assert {
    condition     = google_storage_bucket.this.logging[0].log_bucket == var.log_bucket
    error_message = "Access must be logged."
  }
}

run "keeps_what_was_overwritten" {
  command = plan

  assert {
    condition     = google_storage_bucket.this.versioning[0].enabled && google_storage_bucket.this.soft_delete_policy[0].retention_duration_seconds >= 604800
    error_message = "Overwritten and deleted objects must be recoverable."
  }

  assert {
    condition     = google_storage_bucket.this.labels["team"] != ""
    error_message = "The bucket must say whose it is."
  }
}

run "opens_to_named_service_accounts_only" {
  command = plan

  variables {
    user_service_accounts = { web = "web@shop-dev-4711.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_storage_bucket_iam_member.user["web"].member == "serviceAccount:web@shop-dev-4711.iam.gserviceaccount.com"
    error_message = "Access must be given to one service account by name."
  }
}
[/@runs]
