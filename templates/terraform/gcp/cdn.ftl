[@file "main.tf"]
resource "google_project_service" "this" {
  service            = "compute.googleapis.com"
  disable_on_destroy = false
}

resource "google_compute_global_address" "this" {
  name        = "${var.name}-cdn"
  description = "Public address of ${var.name}"
  ip_version  = "IPV4"
  labels      = var.labels

  depends_on = [google_project_service.this]
}

resource "google_compute_region_network_endpoint_group" "this" {
  name                  = "${var.name}-cdn"
  description           = "Cloud Run service behind the load balancer"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = var.service_name
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_backend_service" "this" {
  name                  = "${var.name}-cdn"
  description           = "What the load balancer serves, past the firewall and from the cache"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.this.id
  enable_cdn            = true
  compression_mode      = "AUTOMATIC"

  # Browsers keep to HTTPS and to the type that they are told.
  custom_response_headers = [
    "Strict-Transport-Security: max-age=31536000; includeSubDomains",
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: strict-origin-when-cross-origin",
  ]

  backend {
    group = google_compute_region_network_endpoint_group.this.id
  }

  # Only what the service itself says may be kept, and never what belongs to one user.
  cdn_policy {
    cache_mode         = "USE_ORIGIN_HEADERS"
    negative_caching   = true
    serve_while_stale  = 60
    request_coalescing = true

    cache_key_policy {
      include_host         = true
      include_protocol     = true
      include_query_string = true
    }
  }

  log_config {
    enable      = true
    sample_rate = var.log_sampling
  }
}

resource "google_compute_url_map" "this" {
  name            = "${var.name}-cdn"
  description     = "Everything goes to the service"
  default_service = google_compute_backend_service.this.id
}

resource "google_compute_managed_ssl_certificate" "this" {
  name        = "${var.name}-cdn"
  description = "Made and renewed by Google once ${var.domain} leads to the address"

  managed {
    domains = [var.domain]
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_ssl_policy" "this" {
  name            = "${var.name}-cdn"
  description     = "Clients of today"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.this]
}

resource "google_compute_target_https_proxy" "this" {
  name             = "${var.name}-cdn"
  description      = "Ends TLS for ${var.domain}"
  url_map          = google_compute_url_map.this.id
  ssl_certificates = [google_compute_managed_ssl_certificate.this.id]
  ssl_policy       = google_compute_ssl_policy.this.id
}

resource "google_compute_global_forwarding_rule" "this" {
  name                  = "${var.name}-cdn"
  description           = "HTTPS of ${var.domain}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.this.id
  labels                = var.labels
}
[/@file]
[@file "redirect.tf"]
# Who comes by HTTP is sent to HTTPS and served nothing.
resource "google_compute_url_map" "redirect" {
  name        = "${var.name}-cdn-redirect"
  description = "To HTTPS"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }

  depends_on = [google_project_service.this]
}

resource "google_compute_target_http_proxy" "redirect" {
  name        = "${var.name}-cdn-redirect"
  description = "Redirects only"
  url_map     = google_compute_url_map.redirect.id
}

resource "google_compute_global_forwarding_rule" "redirect" {
  name                  = "${var.name}-cdn-redirect"
  description           = "HTTP of ${var.domain}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this.id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect.id
  labels                = var.labels
}
[/@file]
[@file "dns.tf"]
# Where the zone is managed here too, the domain leads to the address.
resource "google_dns_record_set" "this" {
  for_each = var.zone_name == null ? {} : { address = var.domain }

  managed_zone = var.zone_name
  name         = "${each.value}."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_global_address.this.address]
}
[/@file]
[@file "firewall.tf"]
locals {
  # Google's rule sets after the OWASP core rules; sensitivity 1 is what hardly ever meets an honest request.
  attacks = {
    1010 = "sqli-v33-stable"
    1020 = "xss-v33-stable"
    1030 = "lfi-v33-stable"
    1040 = "rce-v33-stable"
    1050 = "rfi-v33-stable"
    1060 = "scannerdetection-v33-stable"
    1070 = "protocolattack-v33-stable"
    1080 = "sessionfixation-v33-stable"
  }
}

resource "google_compute_security_policy" "this" {
  name        = "${var.name}-cdn"
  description = "Firewall in front of ${var.name}"
  type        = "CLOUD_ARMOR"

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable          = true
      rule_visibility = "STANDARD"
    }
  }

  advanced_options_config {
    json_parsing = "STANDARD"
    log_level    = "NORMAL"
  }

  # Log4j and the like.
  rule {
    action      = "deny(403)"
    priority    = 1000
    description = "Known gaps of widespread software"
    preview     = false

    match {
      expr {
        expression = "evaluatePreconfiguredWaf('cve-canary')"
      }
    }
  }

  dynamic "rule" {
    for_each = local.attacks

    content {
      action      = "deny(403)"
      priority    = rule.key
      description = rule.value
      preview     = var.firewall_preview

      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value}', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    action      = "throttle"
    priority    = 2000
    description = "Most requests of one address in a minute"
    preview     = false

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  # A policy has to have it: what no rule refuses.
  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Everybody else"
    preview     = false

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.this]
}
[/@file]
[@runs]
run "only_tls_of_today_past_the_firewall" {
  command = plan

  assert {
    condition     = google_compute_ssl_policy.this.min_tls_version == "TLS_1_2" && google_compute_ssl_policy.this.profile == "RESTRICTED"
    error_message = "Old TLS must be refused."
  }

  assert {
    condition     = google_compute_url_map.redirect.default_url_redirect[0].https_redirect
    error_message = "HTTP must lead to HTTPS only."
  }

  assert {
    condition     = anytrue([for rule in google_compute_security_policy.this.rule : rule.action == "throttle"]) && length([for rule in google_compute_security_policy.this.rule : rule if rule.action == "deny(403)"]) == 9
    error_message = "Attacks and floods must be refused."
  }

  assert {
    condition     = google_compute_backend_service.this.log_config[0].enable && google_compute_backend_service.this.enable_cdn
    error_message = "Requests must be logged, and answers be kept where they may be."
  }

  assert {
    condition     = google_compute_global_forwarding_rule.this.labels["team"] != ""
    error_message = "The load balancer must say whose it is."
  }
}

run "firewall_bites_in_production" {
  command = plan

  variables {
    firewall_preview = false
  }

  assert {
    condition     = alltrue([for rule in google_compute_security_policy.this.rule : !rule.preview])
    error_message = "No rule may only look on."
  }
}

run "domain_leads_to_the_address_where_the_zone_is_here" {
  command = plan

  variables {
    zone_name = "shop-dev-zone"
  }

  assert {
    condition     = google_dns_record_set.this["address"].name == "${var.domain}." && google_dns_record_set.this["address"].type == "A"
    error_message = "The domain must lead to the load balancer."
  }
}
[/@runs]
