[@file "main.tf"]
resource "google_project_service" "this" {
  service            = "cloudkms.googleapis.com"
  disable_on_destroy = false
}

resource "google_kms_key_ring" "this" {
  name     = "${var.name}-ring"
  location = var.region

  [@protect /]

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "this" {
  name                       = "${var.name}-key"
  key_ring                   = google_kms_key_ring.this.id
  purpose                    = "ENCRYPT_DECRYPT"
  rotation_period            = var.rotation_period
  destroy_scheduled_duration = "${var.destruction_delay_days * 86400}s"
  labels                     = var.labels

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = var.protection_level
  }

  [@protect /]
}
[/@file]
[@runs]
run "key_rotates" {
  command = plan

  variables {
    rotation_period = "7776000s"
  }

  assert {
    condition     = google_kms_crypto_key.this.rotation_period == "7776000s"
    error_message = "The key must rotate at least every 90 days."
  }
}

run "destruction_can_be_undone" {
  command = plan

  variables {
    destruction_delay_days = 30
  }

  assert {
    condition     = google_kms_crypto_key.this.destroy_scheduled_duration == "2592000s"
    error_message = "A key version must stay recoverable after it was marked for destruction."
  }

  assert {
    condition     = google_kms_crypto_key.this.labels["team"] != ""
    error_message = "The key must say whose it is."
  }
}
[/@runs]
