locals {
  name = "${var.name}-${var.environment}"
  tags = merge(var.tags, {
    environment = var.environment
    service     = var.name
  })
}

module "kms" {
  source = "../../../modules/kms"

  name                 = local.name
  tags                 = local.tags
  deletion_window_days = var.kms_deletion_window_days
  prevent_destroy      = var.prevent_destroy
}
