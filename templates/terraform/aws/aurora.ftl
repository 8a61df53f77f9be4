[@file "main.tf"]
locals {
  family = "aurora-postgresql${split(".", var.engine_version)[0]}"
}

resource "aws_db_subnet_group" "this" {
  name        = "${var.name}-aurora"
  description = "Data subnets of ${var.name}"
  subnet_ids  = var.data_subnet_ids
  tags        = var.tags
}

resource "aws_rds_cluster_parameter_group" "this" {
  name        = "${var.name}-aurora"
  description = "TLS only, statements that change anything are logged"
  family      = local.family
  tags        = var.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

resource "aws_rds_cluster" "this" {
  #checkov:skip=CKV2_AWS_8:Continuous backups are on for as long as the profile says; a plan of AWS Backup belongs to the account
  cluster_identifier                  = var.name
  engine                              = "aurora-postgresql"
  engine_mode                         = "provisioned"
  engine_version                      = var.engine_version
  database_name                       = "app"
  master_username                     = "app_owner"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.key_arn
  storage_encrypted                   = true
  kms_key_id                          = var.key_arn
  iam_database_authentication_enabled = true
  db_subnet_group_name                = aws_db_subnet_group.this.name
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.this.name
  vpc_security_group_ids              = [aws_security_group.this.id]
  backup_retention_period             = var.backup_retention_days
  preferred_backup_window             = "02:00-03:00"
  preferred_maintenance_window        = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot               = true
  deletion_protection                 = var.deletion_protection
  skip_final_snapshot                 = var.skip_final_snapshot
  final_snapshot_identifier           = "${var.name}-final"
  enabled_cloudwatch_logs_exports     = ["postgresql"]
  tags                                = var.tags

  serverlessv2_scaling_configuration {
    min_capacity             = var.min_capacity
    max_capacity             = var.max_capacity
    seconds_until_auto_pause = var.min_capacity == 0 ? 3600 : null
  }

  [@protect /]
}

resource "aws_rds_cluster_instance" "this" {
  count = var.instance_count

  identifier                      = "${var.name}-${count.index}"
  cluster_identifier              = aws_rds_cluster.this.id
  engine                          = aws_rds_cluster.this.engine
  engine_version                  = aws_rds_cluster.this.engine_version
  instance_class                  = "db.serverless"
  publicly_accessible             = false
  auto_minor_version_upgrade      = true
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.key_arn
  copy_tags_to_snapshot           = true
  tags                            = var.tags
}
[/@file]
[@file "access.tf"]
data "aws_partition" "current" {}

resource "aws_security_group" "this" {
  name        = "${var.name}-aurora"
  description = "Database of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-aurora" })
}

resource "aws_vpc_security_group_ingress_rule" "client" {
  for_each = var.client_security_group_ids

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = var.tags
}

resource "aws_iam_role" "monitoring" {
  name                 = "${var.name}-aurora-monitoring"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "monitoring.rds.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
[/@file]
[@file "scaling.tf"]
# Instances for reading that load adds and takes away; those of the environment stay.
resource "aws_appautoscaling_target" "readers" {
  count = var.max_readers > 0 ? 1 : 0

  service_namespace  = "rds"
  resource_id        = "cluster:${aws_rds_cluster.this.cluster_identifier}"
  scalable_dimension = "rds:cluster:ReadReplicaCount"
  min_capacity       = var.instance_count - 1
  max_capacity       = min(15, var.instance_count - 1 + var.max_readers)
  tags               = var.tags

  depends_on = [aws_rds_cluster_instance.this]
}

resource "aws_appautoscaling_policy" "readers" {
  count = var.max_readers > 0 ? 1 : 0

  name               = "${var.name}-readers"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.readers[0].service_namespace
  resource_id        = aws_appautoscaling_target.readers[0].resource_id
  scalable_dimension = aws_appautoscaling_target.readers[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_in_cooldown  = 600
    scale_out_cooldown = 300

    predefined_metric_specification {
      predefined_metric_type = "RDSReaderAverageCPUUtilization"
    }
  }
}
[/@file]
[@file "hours.tf"]
# Stops the database at the end of working hours and starts it again; AWS itself would start a stopped one after seven days.
locals {
  hours = var.working_hours == null ? {} : {
    start = var.working_hours.start_hour
    stop  = var.working_hours.stop_hour
  }
}

resource "aws_iam_role" "hours" {
  count = var.working_hours == null ? 0 : 1

  name                 = "${var.name}-aurora-hours"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "scheduler.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "hours" {
  count = var.working_hours == null ? 0 : 1

  name = "start-and-stop"
  role = aws_iam_role.hours[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["rds:StartDBCluster", "rds:StopDBCluster"]
        Resource = aws_rds_cluster.this.arn
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = var.key_arn
      },
    ]
  })
}

resource "aws_scheduler_schedule" "hours" {
  for_each = local.hours

  name                         = "${var.name}-aurora-${each.key}"
  description                  = "Working hours of ${var.name}"
  schedule_expression          = "cron(0 ${each.value} ? * ${var.working_hours.days} *)"
  schedule_expression_timezone = var.working_hours.time_zone
  kms_key_arn                  = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${data.aws_partition.current.partition}:scheduler:::aws-sdk:rds:${each.key}DBCluster"
    role_arn = aws_iam_role.hours[0].arn
    input    = jsonencode({ DbClusterIdentifier = aws_rds_cluster.this.cluster_identifier })

    retry_policy {
      maximum_retry_attempts = 3
    }
  }
}
[/@file]
[@runs]
run "data_is_encrypted_private_and_backed_up" {
  command = plan

  assert {
    condition     = aws_rds_cluster.this.storage_encrypted && aws_rds_cluster.this.kms_key_id == var.key_arn
    error_message = "Data must be encrypted by the environment's key."
  }

  assert {
    condition     = aws_rds_cluster.this.manage_master_user_password
    error_message = "The password must be managed by AWS, and not be in the state."
  }

  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : !instance.publicly_accessible])
    error_message = "No instance may be public."
  }

  assert {
    condition     = aws_rds_cluster.this.deletion_protection == var.deletion_protection && aws_rds_cluster.this.backup_retention_period == var.backup_retention_days
    error_message = "Deletion protection and backups must be as the profile says."
  }

  assert {
    condition     = aws_rds_cluster.this.tags["team"] == var.tags["team"]
    error_message = "The cluster must carry the required tags."
  }
}

run "it_is_stopped_outside_of_working_hours" {
  command = plan

  variables {
    working_hours = { days = "MON-FRI", start_hour = 7, stop_hour = 20, time_zone = "UTC" }
  }

  assert {
    condition     = aws_scheduler_schedule.hours["stop"].schedule_expression == "cron(0 20 ? * MON-FRI *)" && endswith(one(aws_scheduler_schedule.hours["stop"].target).arn, ":stopDBCluster")
    error_message = "The database must be stopped at the end of the day."
  }
}

run "without_hours_it_always_runs" {
  command = plan

  variables {
    working_hours = null
  }

  assert {
    condition     = length(aws_scheduler_schedule.hours) == 0 && length(aws_iam_role.hours) == 0
    error_message = "No schedule may stop it."
  }
}

run "load_adds_readers" {
  command = plan

  assert {
    condition     = var.max_readers == 0 || one(aws_appautoscaling_target.readers[*].max_capacity) > one(aws_appautoscaling_target.readers[*].min_capacity)
    error_message = "Load must be able to add instances."
  }
}
[/@runs]
