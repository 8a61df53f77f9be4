[@file "main.tf"]
resource "google_project_service" "this" {
  service            = "dns.googleapis.com"
  disable_on_destroy = false
}

# Google keeps the keys of the zone and rolls them; the registrar needs the DS record once.
resource "google_dns_managed_zone" "this" {
  name          = "${var.name}-zone"
  description   = "Zone of ${var.name}"
  dns_name      = "${var.domain}."
  visibility    = "public"
  force_destroy = false
  labels        = var.labels

  dnssec_config {
    state         = "on"
    non_existence = "nsec3"

    default_key_specs {
      algorithm  = "ecdsap256sha256"
      key_type   = "keySigning"
      key_length = 256
    }

    default_key_specs {
      algorithm  = "ecdsap256sha256"
      key_type   = "zoneSigning"
      key_length = 256
    }
  }

  cloud_logging_config {
    enable_logging = true
  }

  [@protect /]

  depends_on = [google_project_service.this]
}

# Nobody else may issue certificates for this domain.
resource "google_dns_record_set" "authorities" {
  managed_zone = google_dns_managed_zone.this.name
  name         = google_dns_managed_zone.this.dns_name
  type         = "CAA"
  ttl          = 3600
  rrdatas      = [for authority in sort(var.certificate_authorities) : "0 issue \"${authority}\""]
}
[/@file]
[@runs]
run "zone_is_signed_and_queries_are_logged" {
  command = plan

  assert {
    condition     = google_dns_managed_zone.this.dnssec_config[0].state == "on" && alltrue([for spec in google_dns_managed_zone.this.dnssec_config[0].default_key_specs : spec.algorithm == "ecdsap256sha256"])
    error_message = "The zone must be signed, and not by SHA-1."
  }

  assert {
    condition     = google_dns_managed_zone.this.cloud_logging_config[0].enable_logging
    error_message = "Queries must be logged."
  }

  assert {
    condition     = !google_dns_managed_zone.this.force_destroy
    error_message = "A zone with records must not be deleted at once."
  }

  assert {
    condition     = google_dns_managed_zone.this.labels["team"] != ""
    error_message = "The zone must say whose it is."
  }
}

run "only_named_authorities_issue_certificates" {
  command = plan

  variables {
    certificate_authorities = ["pki.goog"]
  }

  assert {
    condition     = google_dns_record_set.authorities.rrdatas == tolist(["0 issue \"pki.goog\""])
    error_message = "No other authority may be let in."
  }
}
[/@runs]
