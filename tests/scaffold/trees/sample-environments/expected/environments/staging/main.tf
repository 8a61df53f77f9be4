locals {
  name = "${var.name}-${var.environment}"
  tags = merge(var.tags, {
    environment = var.environment
    service     = var.name
  })
}

module "kms" {
  source = "../../modules/kms"

  name                 = local.name
  tags                 = local.tags
  deletion_window_days = var.kms_deletion_window_days
}

module "sqs" {
  source = "../../modules/sqs"

  name    = local.name
  key_arn = module.kms.key_arn
  cidr    = var.cidr
}

module "ecs" {
  source = "../../modules/ecs"

  name      = local.name
  queue_arn = module.sqs.queue_arn
  domain    = var.ecs_domain
}

module "rds" {
  source = "../../modules/rds"

  name    = local.name
  key_arn = module.kms.key_arn
  clients = {
    ecs = module.ecs.group_id
  }
}
