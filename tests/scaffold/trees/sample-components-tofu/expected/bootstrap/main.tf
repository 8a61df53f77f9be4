locals {
  name = "${var.name}-${var.environment}"
  tags = merge(var.tags, {
    environment = var.environment
    service     = var.name
  })
}

module "state" {
  source = "../modules/state"

  name = local.name
}
