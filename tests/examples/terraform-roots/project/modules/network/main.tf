variable "name" {
  description = "Name of the network."
  type        = string
}

resource "google_compute_network" "this" {
  name                    = var.name
  auto_create_subnetworks = false
}

output "id" {
  description = "Id of the network."
  value       = google_compute_network.this.id
}
