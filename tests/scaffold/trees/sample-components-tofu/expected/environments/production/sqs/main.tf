locals {
  name = "${var.name}-${var.environment}"
  tags = merge(var.tags, {
    environment = var.environment
    service     = var.name
  })
}

data "terraform_remote_state" "kms" {
  backend = "s3"

  config = {
    bucket = "shop-tfstate"
    key    = "production/kms/terraform.tfstate"
    region = "north-1"
  }
}

module "sqs" {
  source = "../../../modules/sqs"

  name    = local.name
  key_arn = data.terraform_remote_state.kms.outputs.kms_key_arn
  cidr    = var.cidr
}
