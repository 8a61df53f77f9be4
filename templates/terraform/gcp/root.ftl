[@file "providers.tf"]
provider "google" {
  project        = var.project_id
  region         = "[=region]"
  default_labels = local.tags

  # Budgets and a few other APIs count a request against a project of their own; it is this one.
  billing_project       = var.project_id
  user_project_override = true
}
[/@file]
[@file "backend.tf"]
terraform {
  backend "gcs" {
    bucket = "[=store]"
    prefix = "[=environment][#if component??]/[=component][/#if]"
  }
}
[/@file]
[@file "mocks"]
mock_provider "google" {
  mock_data "google_project" {
    defaults = {
      project_id = "shop-dev-4711"
      number     = "123456789012"
    }
  }

  mock_data "google_client_config" {
    defaults = {
      project = "shop-dev-4711"
    }
  }

  mock_data "google_storage_project_service_account" {
    defaults = {
      email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
      member        = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
    }
  }

  mock_resource "google_service_account" {
    defaults = {
      email  = "mock@shop-dev-4711.iam.gserviceaccount.com"
      member = "serviceAccount:mock@shop-dev-4711.iam.gserviceaccount.com"
      name   = "projects/shop-dev-4711/serviceAccounts/mock@shop-dev-4711.iam.gserviceaccount.com"
    }
  }
}
[/@file]
[@file "bootstrap/main.tf"]
locals {
  tags = merge(var.tags, {
    environment = "bootstrap"
    service     = var.name
  })
}

module "state" {
  source = "../modules/state"

  name   = "[=store]"
  region = var.region
  labels = local.tags
}
[/@file]
