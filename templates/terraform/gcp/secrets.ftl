[@file "main.tf"]
data "google_project" "this" {}

resource "google_project_service" "this" {
  service            = "secretmanager.googleapis.com"
  disable_on_destroy = false
}

resource "google_kms_crypto_key_iam_member" "secrets" {
  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"

  depends_on = [google_project_service.this]
}

# Names and who may read them. Values come from people or from rotation, never through a state.
resource "google_secret_manager_secret" "this" {
  for_each = var.secrets

  secret_id           = "${var.name}-${each.key}"
  annotations         = { purpose = each.value }
  version_destroy_ttl = "${var.destruction_delay_days * 86400}s"
  deletion_protection = var.deletion_protection
  labels              = var.labels

  replication {
    user_managed {
      replicas {
        location = var.region

        customer_managed_encryption {
          kms_key_name = google_kms_crypto_key_iam_member.secrets.crypto_key_id
        }
      }
    }
  }

  [@protect /]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = var.readers

  secret_id = google_secret_manager_secret.this[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${each.value.service_account}"
}
[/@file]
[@runs]
run "secrets_are_encrypted_and_stay_in_the_region" {
  command = plan

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.replication[0].user_managed[0].replicas[0].customer_managed_encryption[0].kms_key_name == var.kms_key_id])
    error_message = "Secrets must be encrypted with the environment's key."
  }

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.replication[0].user_managed[0].replicas[0].location == var.region])
    error_message = "Secrets must stay in the region."
  }

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.labels["team"] != ""])
    error_message = "Secrets must say whose they are."
  }
}

run "deletion_can_be_undone_or_is_refused" {
  command = plan

  variables {
    deletion_protection    = true
    destruction_delay_days = 30
  }

  assert {
    condition     = alltrue([for secret in google_secret_manager_secret.this : secret.deletion_protection && secret.version_destroy_ttl == "2592000s"])
    error_message = "A secret must be protected, and its versions be recoverable for a month."
  }
}

run "each_reader_reads_one_secret" {
  command = plan

  variables {
    readers = { web = { secret = "app", service_account = "web@shop-dev-4711.iam.gserviceaccount.com" } }
  }

  assert {
    condition     = google_secret_manager_secret_iam_member.reader["web"].member == "serviceAccount:web@shop-dev-4711.iam.gserviceaccount.com"
    error_message = "A secret must be opened to one service account by name."
  }
}
[/@runs]
