[@file "main.tf"]
data "google_client_config" "this" {}

data "google_project" "this" {}

locals {
  agents = {
    cluster = "service-${data.google_project.this.number}@container-engine-robot.iam.gserviceaccount.com"
    disks   = "service-${data.google_project.this.number}@compute-system.iam.gserviceaccount.com"
  }
}

resource "google_project_service" "this" {
  for_each = toset(["binaryauthorization.googleapis.com", "compute.googleapis.com", "container.googleapis.com"])

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

resource "google_container_cluster" "this" {
  name                = var.name
  description         = "Cluster of ${var.name}"
  location            = var.region
  network             = var.network_id
  subnetwork          = var.subnet_id
  networking_mode     = "VPC_NATIVE"
  deletion_protection = var.deletion_protection

  # The provider's default labels add whatever else there is.
  resource_labels = {
    team        = var.labels["team"]
    environment = var.labels["environment"]
    service     = var.labels["service"]
    cost-center = var.labels["cost-center"]
  }

  # What Autopilot always has it refuses to be told: hence the nulls.
  enable_autopilot            = var.autopilot ? true : null
  enable_intranode_visibility = var.autopilot ? null : true
  enable_shielded_nodes       = var.autopilot ? null : true
  initial_node_count          = var.autopilot ? null : 1
  remove_default_node_pool    = var.autopilot ? null : true
  datapath_provider           = "ADVANCED_DATAPATH"

  ip_allocation_policy {
    cluster_secondary_range_name  = var.pods_range_name
    services_secondary_range_name = var.services_range_name
  }

  # Neither nodes nor the API have a public address.
  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }

  master_authorized_networks_config {
    gcp_public_cidrs_access_enabled      = false
    private_endpoint_enforcement_enabled = true

    dynamic "cidr_blocks" {
      for_each = var.authorized_networks

      content {
        display_name = cidr_blocks.key
        cidr_block   = cidr_blocks.value
      }
    }
  }

  # A name that leads to the API by rights of IAM instead of addresses; from outside of Google Cloud only where that is wanted.
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = var.dns_endpoint_from_outside
    }
  }

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  authenticator_groups_config {
    security_group = var.rbac_security_group
  }

  dynamic "workload_identity_config" {
    for_each = var.autopilot ? {} : { standard = true }

    content {
      workload_pool = "${data.google_client_config.this.project}.svc.id.goog"
    }
  }

  database_encryption {
    state    = "ENCRYPTED"
    key_name = google_kms_crypto_key_iam_member.this["cluster"].crypto_key_id
  }

  binary_authorization {
    evaluation_mode = "PROJECT_SINGLETON_POLICY_ENFORCE"
  }

  security_posture_config {
    mode = "BASIC"
  }

  release_channel {
    channel = var.release_channel
  }

  maintenance_policy {
    recurring_window {
      start_time = "2026-01-03T01:00:00Z"
      end_time   = "2026-01-03T07:00:00Z"
      recurrence = "FREQ=WEEKLY;BYDAY=SA,SU"
    }
  }

  logging_config {
    enable_components = ["APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "SYSTEM_COMPONENTS", "WORKLOADS"]
  }

  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS"]

    managed_prometheus {
      enabled = true
    }
  }

  cost_management_config {
    enabled = true
  }

  gateway_api_config {
    channel = "CHANNEL_STANDARD"
  }

  # Dataplane V2 enforces network policies by itself; the older way has to be off.
  dynamic "network_policy" {
    for_each = var.autopilot ? {} : { standard = true }

    content {
      enabled = false
    }
  }

  # Autopilot's own nodes.
  dynamic "cluster_autoscaling" {
    for_each = var.autopilot ? { autopilot = true } : {}

    content {
      auto_provisioning_defaults {
        service_account  = google_service_account.nodes.email
        oauth_scopes     = ["https://www.googleapis.com/auth/cloud-platform"]
        boot_disk_kms_key = google_kms_crypto_key_iam_member.this["disks"].crypto_key_id
      }
    }
  }

  # The first pool goes as soon as the cluster stands; what it is like still counts while it is there.
  dynamic "node_config" {
    for_each = var.autopilot ? {} : { standard = true }

    content {
      service_account   = google_service_account.nodes.email
      oauth_scopes      = ["https://www.googleapis.com/auth/cloud-platform"]
      boot_disk_kms_key = google_kms_crypto_key_iam_member.this["disks"].crypto_key_id

      shielded_instance_config {
        enable_integrity_monitoring = true
        enable_secure_boot          = true
      }

      workload_metadata_config {
        mode = "GKE_METADATA"
      }
    }
  }

  [@protect ignore="initial_node_count, node_config" /]

  depends_on = [google_project_iam_member.nodes]
}
[/@file]
[@file "nodes.tf"]
resource "google_service_account" "nodes" {
  account_id   = "${var.name}-gke"
  display_name = "Nodes of ${var.name}"
}

# Logs, metrics and images: what a node needs. Pods have identities of their own.
resource "google_project_iam_member" "nodes" {
  for_each = toset(["roles/artifactregistry.reader", "roles/container.defaultNodeServiceAccount"])

  project = data.google_client_config.this.project
  role    = each.value
  member  = google_service_account.nodes.member
}

resource "google_container_node_pool" "this" {
  for_each = var.autopilot ? {} : var.node_pools

  name     = each.key
  cluster  = google_container_cluster.this.id
  location = var.region

  autoscaling {
    total_min_node_count = each.value.min_nodes
    total_max_node_count = each.value.max_nodes
    location_policy      = each.value.spot ? "ANY" : "BALANCED"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  upgrade_settings {
    strategy        = "SURGE"
    max_surge       = 1
    max_unavailable = 0
  }

  network_config {
    enable_private_nodes = true
  }

  node_config {
    machine_type      = each.value.machine_type
    spot              = each.value.spot
    image_type        = "COS_CONTAINERD"
    disk_type         = "pd-balanced"
    disk_size_gb      = 50
    boot_disk_kms_key = google_kms_crypto_key_iam_member.this["disks"].crypto_key_id
    service_account   = google_service_account.nodes.email
    oauth_scopes      = ["https://www.googleapis.com/auth/cloud-platform"]
    resource_labels   = var.labels

    labels = {
      capacity = each.value.spot ? "spot" : "on-demand"
    }

    metadata = {
      disable-legacy-endpoints = "true"
    }

    shielded_instance_config {
      enable_integrity_monitoring = true
      enable_secure_boot          = true
    }

    # Pods ask the metadata server of GKE, not the node's.
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}
[/@file]
[@file "admission.tf"]
# Which images may run in this project: Google's own for the cluster, those of the project's registry, and those that are named.
resource "google_binary_authorization_policy" "this" {
  description                   = "Images of ${var.name}"
  global_policy_evaluation_mode = "ENABLE"

  dynamic "admission_whitelist_patterns" {
    for_each = concat(["${var.region}-docker.pkg.dev/${data.google_client_config.this.project}/**"], var.image_patterns)

    content {
      name_pattern = admission_whitelist_patterns.value
    }
  }

  default_admission_rule {
    evaluation_mode  = "ALWAYS_DENY"
    enforcement_mode = var.admission_mode
  }

  depends_on = [google_project_service.this]
}
[/@file]
[@runs]
run "cluster_is_private_encrypted_and_logged" {
  command = plan

  assert {
    condition     = google_container_cluster.this.private_cluster_config[0].enable_private_nodes && google_container_cluster.this.private_cluster_config[0].enable_private_endpoint
    error_message = "Neither nodes nor the API may have a public address."
  }

  assert {
    condition     = !google_container_cluster.this.master_authorized_networks_config[0].gcp_public_cidrs_access_enabled && !google_container_cluster.this.control_plane_endpoints_config[0].dns_endpoint_config[0].allow_external_traffic
    error_message = "The API must be open to named networks only."
  }

  assert {
    condition     = google_container_cluster.this.database_encryption[0].state == "ENCRYPTED" && google_container_cluster.this.database_encryption[0].key_name == var.kms_key_id
    error_message = "Secrets must be encrypted with the environment's key."
  }

  assert {
    condition     = length(setsubtract(["APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "SYSTEM_COMPONENTS", "WORKLOADS"], google_container_cluster.this.logging_config[0].enable_components)) == 0
    error_message = "All logs must be on."
  }

  assert {
    condition     = google_container_cluster.this.binary_authorization[0].evaluation_mode == "PROJECT_SINGLETON_POLICY_ENFORCE" && google_binary_authorization_policy.this.default_admission_rule[0].evaluation_mode == "ALWAYS_DENY"
    error_message = "Images that nobody named must be refused."
  }

  assert {
    condition     = google_container_cluster.this.resource_labels["team"] != ""
    error_message = "The cluster must say whose it is."
  }
}

run "nodes_are_shielded_and_keep_their_rights_from_pods" {
  command = plan

  assert {
    condition     = google_container_cluster.this.datapath_provider == "ADVANCED_DATAPATH" && google_container_cluster.this.enable_shielded_nodes
    error_message = "Network policies must be enforced, and nodes be shielded."
  }

  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : pool.node_config[0].workload_metadata_config[0].mode == "GKE_METADATA" && pool.node_config[0].shielded_instance_config[0].enable_secure_boot && pool.network_config[0].enable_private_nodes])
    error_message = "Pods must have identities of their own, on private shielded nodes."
  }

  assert {
    condition     = alltrue([for pool in google_container_node_pool.this : pool.management[0].auto_repair && pool.management[0].auto_upgrade])
    error_message = "Broken and outdated nodes must be replaced."
  }
}

run "autopilot_brings_its_nodes" {
  command = plan

  variables {
    autopilot = true
  }

  assert {
    condition     = google_container_cluster.this.enable_autopilot && length(google_container_node_pool.this) == 0
    error_message = "Autopilot has no pools of ours."
  }

  assert {
    condition     = google_container_cluster.this.private_cluster_config[0].enable_private_endpoint && google_container_cluster.this.cluster_autoscaling[0].auto_provisioning_defaults[0].boot_disk_kms_key == var.kms_key_id
    error_message = "Autopilot must be as private and encrypted as the rest."
  }
}

run "opens_to_named_networks_only" {
  command = plan

  variables {
    authorized_networks = { office = "10.200.0.0/16" }
  }

  assert {
    condition     = one(google_container_cluster.this.master_authorized_networks_config[0].cidr_blocks).cidr_block == "10.200.0.0/16"
    error_message = "The named network must be let in, and no other."
  }
}
[/@runs]
