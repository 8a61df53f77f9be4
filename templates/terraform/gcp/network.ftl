[@file "main.tf"]
locals {
  # The block is cut once and for all, so that later additions never move what exists: its first half holds sixteenths for
  # machines, services, serverless and Google's managed services (the other four are free), its second half the pods.
  ranges = {
    private    = cidrsubnet(var.cidr, 4, 0)
    services   = cidrsubnet(var.cidr, 4, 1)
    serverless = cidrsubnet(var.cidr, 4, 2)
    managed    = cidrsubnet(var.cidr, 4, 3)
    pods       = cidrsubnet(var.cidr, 1, 1)
  }
}

resource "google_project_service" "this" {
  for_each = toset(["compute.googleapis.com", "dns.googleapis.com", "servicenetworking.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

resource "google_compute_network" "this" {
  name                            = "${var.name}-vpc"
  description                     = "Network of ${var.name}"
  auto_create_subnetworks         = false
  delete_default_routes_on_create = false
  routing_mode                    = "REGIONAL"

  [@protect /]

  depends_on = [google_project_service.this]
}

resource "google_compute_subnetwork" "private" {
  name                     = "${var.name}-private"
  description              = "Machines and cluster nodes without public addresses"
  network                  = google_compute_network.this.id
  region                   = var.region
  ip_cidr_range            = local.ranges.private
  private_ip_google_access = true
  stack_type               = "IPV4_ONLY"

  secondary_ip_range {
    range_name    = "pods"
    ip_cidr_range = local.ranges.pods
  }

  secondary_ip_range {
    range_name    = "services"
    ip_cidr_range = local.ranges.services
  }

  log_config {
    aggregation_interval = "INTERVAL_5_SEC"
    flow_sampling        = var.flow_log_sampling
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_subnetwork" "serverless" {
  name                     = "${var.name}-serverless"
  description              = "Direct egress of Cloud Run services and functions"
  network                  = google_compute_network.this.id
  region                   = var.region
  ip_cidr_range            = local.ranges.serverless
  private_ip_google_access = true
  stack_type               = "IPV4_ONLY"

  log_config {
    aggregation_interval = "INTERVAL_5_SEC"
    flow_sampling        = var.flow_log_sampling
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_router" "this" {
  name        = "${var.name}-router"
  description = "Carries the address translation of ${var.name}"
  network     = google_compute_network.this.id
  region      = var.region
}

resource "google_compute_router_nat" "this" {
  name                                = "${var.name}-nat"
  router                              = google_compute_router.this.name
  region                              = var.region
  nat_ip_allocate_option              = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat  = "ALL_SUBNETWORKS_ALL_IP_RANGES"
  enable_endpoint_independent_mapping = false
  enable_dynamic_port_allocation      = true
  min_ports_per_vm                    = 64
  max_ports_per_vm                    = var.nat_max_ports_per_vm

  log_config {
    enable = true
    filter = var.nat_log_filter
  }
}

# The implied rule denies the same and leaves no trace; this one logs what it denies.
resource "google_compute_firewall" "deny_ingress" {
  name          = "${var.name}-deny-ingress"
  description   = "Denies and logs whatever no other rule allows"
  network       = google_compute_network.this.id
  direction     = "INGRESS"
  priority      = 65534
  source_ranges = ["0.0.0.0/0"]

  deny {
    protocol = "all"
  }

  log_config {
    metadata = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_global_address" "managed" {
  name          = "${var.name}-managed-services"
  description   = "Addresses of Cloud SQL and other services that Google runs beside the network"
  network       = google_compute_network.this.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  address       = cidrhost(local.ranges.managed, 0)
  prefix_length = tonumber(split("/", local.ranges.managed)[1])
}

resource "google_service_networking_connection" "managed" {
  network                 = google_compute_network.this.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.managed.name]
  # Cloud SQL keeps its side of the peering for days after its last instance is gone; a deletion would wait for it in vain.
  deletion_policy = "ABANDON"
}

resource "google_dns_policy" "this" {
  name           = "${var.name}-dns"
  description    = "Logs the names that the network looks up"
  enable_logging = true

  networks {
    network_url = google_compute_network.this.id
  }
}
[/@file]
[@runs]
run "keeps_machines_private" {
  command = plan

  assert {
    condition     = !google_compute_network.this.auto_create_subnetworks
    error_message = "Subnetworks must be planned, not made by Google in every region."
  }

  assert {
    condition     = google_compute_subnetwork.private.private_ip_google_access && google_compute_subnetwork.serverless.private_ip_google_access
    error_message = "Google's APIs must be reached without a public address."
  }

  assert {
    condition     = tolist(google_compute_firewall.deny_ingress.deny)[0].protocol == "all" && google_compute_firewall.deny_ingress.priority == 65534
    error_message = "What no rule allows must be denied and logged."
  }
}

run "logs_flows_and_names" {
  command = plan

  assert {
    condition     = google_compute_subnetwork.private.log_config[0].flow_sampling > 0 && google_compute_subnetwork.serverless.log_config[0].flow_sampling > 0
    error_message = "Flows must be logged."
  }

  assert {
    condition     = google_dns_policy.this.enable_logging && google_compute_router_nat.this.log_config[0].enable
    error_message = "Looked-up names and address translation must be logged."
  }
}

run "cuts_the_block_without_overlap" {
  command = plan

  variables {
    cidr = "10.20.0.0/16"
  }

  assert {
    condition     = google_compute_subnetwork.private.ip_cidr_range == "10.20.0.0/20" && google_compute_subnetwork.serverless.ip_cidr_range == "10.20.32.0/20"
    error_message = "Subnetworks must be sixteenths of the block."
  }

  assert {
    condition     = google_compute_subnetwork.private.secondary_ip_range[0].ip_cidr_range == "10.20.128.0/17"
    error_message = "Pods must have the second half of the block."
  }

  assert {
    condition     = google_compute_global_address.managed.address == "10.20.48.0" && google_compute_global_address.managed.prefix_length == 20
    error_message = "Managed services must have the fourth sixteenth of the block."
  }
}
[/@runs]
