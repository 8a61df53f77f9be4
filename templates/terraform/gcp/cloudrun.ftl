[@file "main.tf"]
data "google_project" "this" {}

resource "google_project_service" "this" {
  service            = "run.googleapis.com"
  disable_on_destroy = false
}

resource "google_kms_crypto_key_iam_member" "run" {
  crypto_key_id = var.kms_key_id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.this.number}@serverless-robot-prod.iam.gserviceaccount.com"

  depends_on = [google_project_service.this]
}

# The service's own identity; it can do nothing but what others grant it by name.
resource "google_service_account" "this" {
  account_id   = "${var.name}-run"
  display_name = "Service ${var.name}"
}

resource "google_cloud_run_v2_service" "this" {
  name                = var.name
  location            = var.region
  deletion_protection = var.deletion_protection
  labels              = var.labels

  # From the network and through a load balancer, never straight from the internet.
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  invoker_iam_disabled = var.allow_unauthenticated

  # By the policy of the project, which says which images may run.
  binary_authorization {
    use_default = true
  }

  template {
    service_account                  = google_service_account.this.email
    encryption_key                   = google_kms_crypto_key_iam_member.run.crypto_key_id
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    max_instance_request_concurrency = var.max_concurrency
    timeout                          = "${var.timeout_seconds}s"
    labels                           = var.labels

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
    }

    # Whatever it calls goes through the network, where flows are logged and rules apply.
    vpc_access {
      egress = "ALL_TRAFFIC"

      network_interfaces {
        network    = var.network_id
        subnetwork = var.subnet_id
      }
    }

    containers {
      image = var.image

      ports {
        container_port = var.container_port
      }

      resources {
        cpu_idle          = true
        startup_cpu_boost = true

        limits = {
          cpu    = var.cpu
          memory = var.memory
        }
      }

      dynamic "env" {
        for_each = var.environment_variables

        content {
          name  = env.key
          value = env.value
        }
      }

      # Read when an instance starts: neither the state nor the configuration has the value.
      dynamic "env" {
        for_each = var.secret_variables

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }

      startup_probe {
        period_seconds    = 5
        timeout_seconds   = 3
        failure_threshold = 12

        http_get {
          path = var.health_check_path
        }
      }

      liveness_probe {
        period_seconds  = 30
        timeout_seconds = 3

        http_get {
          path = var.health_check_path
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  name     = google_cloud_run_v2_service.this.name
  location = google_cloud_run_v2_service.this.location
  role     = "roles/run.invoker"
  member   = "serviceAccount:${each.value}"
}
[/@file]
[@runs]
run "service_is_private_and_encrypted" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.this.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" && !google_cloud_run_v2_service.this.invoker_iam_disabled
    error_message = "The service must not be reachable straight from the internet, nor by anybody without a name."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].encryption_key == var.kms_key_id
    error_message = "The service must be encrypted with the environment's key."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].vpc_access[0].egress == "ALL_TRAFFIC"
    error_message = "What the service calls must go through the network."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.binary_authorization[0].use_default
    error_message = "Images must be admitted by the project's policy."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.labels["team"] != ""
    error_message = "The service must say whose it is."
  }
}

run "scales_between_its_limits_and_is_protected" {
  command = plan

  variables {
    deletion_protection = true
    max_instances       = 10
    min_instances       = 2
  }

  assert {
    condition     = google_cloud_run_v2_service.this.template[0].scaling[0].min_instance_count == 2 && google_cloud_run_v2_service.this.template[0].scaling[0].max_instance_count == 10
    error_message = "A loop must not cost more than the limit."
  }

  assert {
    condition     = google_cloud_run_v2_service.this.deletion_protection
    error_message = "The service must be protected."
  }
}

run "secrets_are_read_at_the_start_only" {
  command = plan

  variables {
    secret_variables = { API_KEY = "shop-dev-app" }
  }

  assert {
    condition     = contains([for e in google_cloud_run_v2_service.this.template[0].containers[0].env : e.value_source[0].secret_key_ref[0].secret if e.name == "API_KEY"], "shop-dev-app")
    error_message = "A secret must be named, not written down."
  }
}
[/@runs]
