[@file "main.tf"]
data "aws_partition" "current" {}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Where the database of ${var.name} may stand"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "Who may talk to the database of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-database" })

  lifecycle {
    create_before_destroy = true
  }
}

# A rule of its own for each client: inline rules of two groups that name each other could not be made.
resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = var.client_security_group_ids

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from ${each.key}"
  referenced_security_group_id = each.value
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
  tags                         = var.tags
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres${split(".", var.engine_version)[0]}"
  description = "PostgreSQL of ${var.name}"
  family      = "postgres${split(".", var.engine_version)[0]}"
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

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  kms_key_id        = var.key_arn
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_iam_role" "monitoring" {
  name                 = "${var.name}-rds-monitoring"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = var.database_name
  username       = "dbadmin"

  # RDS makes the password, keeps it in Secrets Manager and rotates it: it is in no state and in no variable.
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  allocated_storage     = var.storage_gb
  max_allocated_storage = var.storage_gb * 5
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.key_arn

  db_subnet_group_name                = aws_db_subnet_group.this.name
  vpc_security_group_ids              = [aws_security_group.this.id]
  parameter_group_name                = aws_db_parameter_group.this.name
  publicly_accessible                 = false
  multi_az                            = var.multi_az
  iam_database_authentication_enabled = true
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"

  backup_retention_period   = var.backup_days
  backup_window             = "02:00-03:00"
  maintenance_window        = "sun:03:30-sun:04:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = var.deletion_protection ? "${var.name}-final" : null

  auto_minor_version_upgrade      = true
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.key_arn
  tags                            = var.tags

  # The groups first: RDS would make them itself, unencrypted and for ever.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]

  [@protect /]
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

  name                 = "${var.name}-rds-hours"
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
        Action   = ["rds:StartDBInstance", "rds:StopDBInstance"]
        Resource = aws_db_instance.this.arn
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

  name                         = "${var.name}-rds-${each.key}"
  description                  = "Working hours of ${var.name}"
  schedule_expression          = "cron(0 ${each.value} ? * ${var.working_hours.days} *)"
  schedule_expression_timezone = var.working_hours.time_zone
  kms_key_arn                  = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:${data.aws_partition.current.partition}:scheduler:::aws-sdk:rds:${each.key}DBInstance"
    role_arn = aws_iam_role.hours[0].arn
    input    = jsonencode({ DbInstanceIdentifier = aws_db_instance.this.identifier })

    retry_policy {
      maximum_retry_attempts = 3
    }
  }
}
[/@file]
[@runs]
run "data_is_encrypted_private_and_its_password_in_no_state" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.key_arn
    error_message = "Data must be encrypted by the environment's key."
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible
    error_message = "The database must have no public address."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "The password must be made and kept by RDS."
  }

  assert {
    condition     = anytrue([for p in aws_db_parameter_group.this.parameter : p.name == "rds.force_ssl" && p.value == "1"])
    error_message = "Clients must use TLS."
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection == var.deletion_protection
    error_message = "The cloud's own protection must be what the environment says."
  }

  assert {
    condition     = aws_db_instance.this.tags["service"] == var.tags["service"]
    error_message = "The database must carry the required tags."
  }
}

run "it_is_stopped_outside_of_working_hours" {
  command = plan

  variables {
    working_hours = { days = "MON-FRI", start_hour = 7, stop_hour = 20, time_zone = "UTC" }
  }

  assert {
    condition     = aws_scheduler_schedule.hours["stop"].schedule_expression == "cron(0 20 ? * MON-FRI *)" && endswith(one(aws_scheduler_schedule.hours["stop"].target).arn, ":stopDBInstance")
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
[/@runs]
