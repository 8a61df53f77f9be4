terraform {
  required_version = "~> 1.12"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.35"
    }
  }

  backend "gcs" {
    bucket = "acme-tfstate"
    prefix = "production"
  }
}

provider "google" {
  project = "acme-production"
  region  = "europe-west1"
}

module "network" {
  source = "../../modules/network"

  name = "production"
}
