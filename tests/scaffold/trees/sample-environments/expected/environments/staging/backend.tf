terraform {
  backend "s3" {
    bucket       = "shop-tfstate"
    key          = "staging/terraform.tfstate"
    region       = "north-1"
    encrypt      = true
    use_lockfile = true
  }
}
