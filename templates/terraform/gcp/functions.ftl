[@file "main.tf"]
data "google_client_config" "this" {}

data "google_project" "this" {}

# Reading it makes Google create the service agent, which otherwise appears only after the first bucket.
data "google_storage_project_service_account" "this" {}

locals {
  # Who stores a function's parts in its name: its source, its image and its instances.
  agents = {
    functions = "service-${data.google_project.this.number}@gcf-admin-robot.iam.gserviceaccount.com"
    images    = "service-${data.google_project.this.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    instances = "service-${data.google_project.this.number}@serverless-robot-prod.iam.gserviceaccount.com"
    source    = data.google_storage_project_service_account.this.email_address
  }
}

resource "google_project_service" "this" {
  for_each = toset(["artifactregistry.googleapis.com", "cloudbuild.googleapis.com", "cloudfunctions.googleapis.com", "run.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

resource "google_kms_crypto_key_iam_member" "this" {
  for_each = local.agents

  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"

  depends_on = [google_project_service.this]
}

# The function's own identity; it can do nothing but what others grant it by name.
resource "google_service_account" "this" {
  account_id   = "${var.name}-fn"
  display_name = "Function ${var.name}"
}

resource "google_cloudfunctions2_function" "this" {
  name         = "${var.name}-fn"
  description  = "Function of ${var.name}"
  location     = var.region
  kms_key_name = google_kms_crypto_key_iam_member.this["functions"].crypto_key_id
  labels       = var.labels

  build_config {
    runtime           = var.runtime
    entry_point       = var.entry_point
    docker_repository = google_artifact_registry_repository.this.id
    service_account   = google_service_account.build.id

    source {
      storage_source {
        bucket = var.source_bucket
        object = var.source_object
      }
    }
  }

  service_config {
    available_memory                 = var.memory
    available_cpu                    = var.cpu
    timeout_seconds                  = var.timeout_seconds
    min_instance_count               = var.min_instances
    max_instance_count               = var.max_instances
    max_instance_request_concurrency = 1
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    service_account_email            = google_service_account.this.email
    environment_variables            = var.environment_variables

    # Whatever it calls goes through the network, where flows are logged and rules apply.
    direct_vpc_egress = "VPC_EGRESS_ALL_TRAFFIC"

    direct_vpc_network_interface {
      network    = var.network_id
      subnetwork = var.subnet_id
    }

    # Read when an instance starts: neither the state nor the configuration has the value.
    dynamic "secret_environment_variables" {
      for_each = var.secret_variables

      content {
        key        = secret_environment_variables.key
        project_id = data.google_client_config.this.project
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.this, google_project_iam_member.build]
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  name     = google_cloudfunctions2_function.this.name
  location = google_cloudfunctions2_function.this.location
  role     = "roles/run.invoker"
  member   = "serviceAccount:${each.value}"
}
[/@file]
[@file "build.tf"]
# Its images; those that are not in use any more go.
resource "google_artifact_registry_repository" "this" {
  repository_id = "${var.name}-functions"
  description   = "Images of the function of ${var.name}"
  location      = var.region
  format        = "DOCKER"
  kms_key_name  = google_kms_crypto_key_iam_member.this["images"].crypto_key_id
  labels        = var.labels

  cleanup_policies {
    id     = "old"
    action = "DELETE"

    condition {
      older_than = "2592000s"
    }
  }

  cleanup_policies {
    id     = "newest"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }
}

# Who builds can read the source and write the image, and has none of the function's rights.
resource "google_service_account" "build" {
  account_id   = "${var.name}-build"
  display_name = "Builds the function of ${var.name}"
}

resource "google_project_iam_member" "build" {
  project = data.google_client_config.this.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# What is built from is a copy in a bucket that the service makes for itself.
resource "google_project_iam_member" "build_reads" {
  project = data.google_client_config.this.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title       = "${var.name}-sources"
    description = "Sources of functions only"
    expression  = "resource.name.startsWith('projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-${var.region}')"
  }
}

resource "google_artifact_registry_repository_iam_member" "build" {
  location   = google_artifact_registry_repository.this.location
  repository = google_artifact_registry_repository.this.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}
[/@file]
[@runs]
run "function_is_private_limited_and_encrypted" {
  command = plan

  assert {
    condition     = google_cloudfunctions2_function.this.service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY" && google_cloudfunctions2_function.this.service_config[0].direct_vpc_egress == "VPC_EGRESS_ALL_TRAFFIC"
    error_message = "The function must be called from and call out through the network only."
  }

  assert {
    condition     = google_cloudfunctions2_function.this.kms_key_name == var.kms_key_id && google_artifact_registry_repository.this.kms_key_name == var.kms_key_id
    error_message = "Source and images must be encrypted with the environment's key."
  }

  assert {
    condition     = google_cloudfunctions2_function.this.service_config[0].max_instance_count >= 1 && google_cloudfunctions2_function.this.service_config[0].timeout_seconds <= 3600
    error_message = "A loop must not cost more than the limit."
  }

  assert {
    condition     = google_cloudfunctions2_function.this.labels["team"] != ""
    error_message = "The function must say whose it is."
  }
}

run "opens_to_named_service_accounts_only" {
  command = plan

  variables {
    invokers = { jobs = "jobs@shop-dev-4711.iam.gserviceaccount.com" }
  }

  assert {
    condition     = google_cloud_run_v2_service_iam_member.invoker["jobs"].member == "serviceAccount:jobs@shop-dev-4711.iam.gserviceaccount.com"
    error_message = "Calls must be allowed to one service account by name."
  }
}

run "secrets_are_read_at_the_start_only" {
  command = plan

  variables {
    secret_variables = { API_KEY = "shop-dev-app" }
  }

  assert {
    condition     = google_cloudfunctions2_function.this.service_config[0].secret_environment_variables[0].secret == "shop-dev-app"
    error_message = "A secret must be named, not written down."
  }
}
[/@runs]
