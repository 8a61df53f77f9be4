terraform {
  backend "s3" {
    bucket       = "shop-tfstate"
    key          = "dev/sqs/terraform.tfstate"
    region       = "north-1"
    encrypt      = true
    use_lockfile = true
  }
}
