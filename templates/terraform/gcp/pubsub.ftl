[@file "main.tf"]
data "google_project" "this" {}

locals {
  # What moves undeliverable messages on is Pub/Sub itself, in the name of its agent.
  agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_project_service" "this" {
  service            = "pubsub.googleapis.com"
  disable_on_destroy = false
}

resource "google_kms_crypto_key_iam_member" "pubsub" {
  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = local.agent

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic" "this" {
  name                       = "${var.name}-events"
  kms_key_name               = google_kms_crypto_key_iam_member.pubsub.crypto_key_id
  message_retention_duration = "${var.message_retention_days * 86400}s"
  labels                     = var.labels

  # Messages are stored in this region, and publishers elsewhere are refused.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }

  [@protect /]
}

resource "google_pubsub_topic" "dead" {
  name         = "${var.name}-events-dead"
  kms_key_name = google_kms_crypto_key_iam_member.pubsub.crypto_key_id
  labels       = var.labels

  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }

  [@protect /]
}

resource "google_pubsub_subscription" "this" {
  name                         = "${var.name}-events"
  topic                        = google_pubsub_topic.this.id
  ack_deadline_seconds         = var.ack_deadline_seconds
  message_retention_duration   = "604800s"
  enable_exactly_once_delivery = true
  labels                       = var.labels

  # An empty ttl: a subscription without readers is not thrown away with its messages.
  expiration_policy {
    ttl = ""
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead.id
    max_delivery_attempts = var.max_delivery_attempts
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  [@protect /]
}

# What nobody could process waits here until somebody looks at it.
resource "google_pubsub_subscription" "dead" {
  name                       = "${var.name}-events-dead"
  topic                      = google_pubsub_topic.dead.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"
  labels                     = var.labels

  expiration_policy {
    ttl = ""
  }

  [@protect /]
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = google_pubsub_topic.dead.id
  role   = "roles/pubsub.publisher"
  member = local.agent
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  subscription = google_pubsub_subscription.this.id
  role         = "roles/pubsub.subscriber"
  member       = local.agent
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = var.publishers

  topic  = google_pubsub_topic.this.id
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:${each.value}"
}

resource "google_pubsub_subscription_iam_member" "subscriber" {
  for_each = var.subscribers

  subscription = google_pubsub_subscription.this.id
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${each.value}"
}
[/@file]
[@runs]
run "messages_are_encrypted_and_stay_in_the_region" {
  command = plan

  assert {
    condition     = alltrue([for topic in [google_pubsub_topic.this, google_pubsub_topic.dead] : topic.kms_key_name == var.kms_key_id])
    error_message = "Messages must be encrypted with the environment's key."
  }

  assert {
    condition     = google_pubsub_topic.this.message_storage_policy[0].allowed_persistence_regions == toset([var.region]) && google_pubsub_topic.this.message_storage_policy[0].enforce_in_transit
    error_message = "Messages must stay in the region."
  }

  assert {
    condition     = google_pubsub_topic.this.labels["team"] != ""
    error_message = "The topic must say whose it is."
  }
}

run "no_message_gets_lost" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.this.dead_letter_policy[0].max_delivery_attempts == var.max_delivery_attempts
    error_message = "What can't be processed must go to the second topic."
  }

  assert {
    condition     = alltrue([for subscription in [google_pubsub_subscription.this, google_pubsub_subscription.dead] : subscription.expiration_policy[0].ttl == ""])
    error_message = "Subscriptions must not expire."
  }
}

run "opens_to_named_service_accounts_only" {
  command = plan

  variables {
    publishers  = { web = "web@shop-dev-4711.iam.gserviceaccount.com" }
    subscribers = { jobs = "jobs@shop-dev-4711.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_pubsub_topic_iam_member.publisher["web"].member == "serviceAccount:web@shop-dev-4711.iam.gserviceaccount.com" && google_pubsub_subscription_iam_member.subscriber["jobs"].role == "roles/pubsub.subscriber"
    error_message = "Rights must be given to one service account by name."
  }
}
[/@runs]
