locals {
  name = "${var.name}-${var.environment}"
  tags = merge(var.tags, {
    environment = var.environment
    service     = var.name
  })
}

module "ecs" {
  source = "../../modules/ecs"

  name   = local.name
  domain = var.ecs_domain
}
