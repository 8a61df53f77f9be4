[@file "main.tf"]
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  roles     = "arn:${local.partition}:iam::${local.account}:role/${var.name}-*"
  issuer    = { github = "token.actions.githubusercontent.com", gitlab = "gitlab.com" }[var.ci_platform]
  audience  = { github = "sts.amazonaws.com", gitlab = "https://gitlab.com" }[var.ci_platform]
  provider  = var.create_oidc_provider ? one(aws_iam_openid_connect_provider.this[*].arn) : "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"

  # GitLab has no environment in the subject of a token; its protected branch stands for it.
  apply_subject = {
    github = "repo:${var.repository}:environment:${var.environment}"
    gitlab = "project_path:${var.repository}:ref_type:branch:ref:main"
  }[var.ci_platform]
  plan_subject = {
    github = "repo:${var.repository}:environment:${var.environment}-plan"
    gitlab = "project_path:${var.repository}:ref_type:branch:ref:main"
  }[var.ci_platform]
}

resource "aws_iam_openid_connect_provider" "this" {
  count = var.create_oidc_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = [local.audience]
  tags           = var.tags
}
[/@file]
[@file "plan.tf"]
resource "aws_iam_role" "plan" {
  #checkov:skip=CKV_AWS_393:The subject names the repository and its environment in full; it is a value that the scanner can't follow
  name                 = "${var.name}-plan"
  max_session_duration = 3600
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Federated = local.provider }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${local.issuer}:aud" = local.audience
            "${local.issuer}:sub" = local.plan_subject
          }
        }
      },
    ]
  })
}

# Reads what there is, but no content of secrets or buckets.
resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy" "plan_state" {
  name   = "state"
  role   = aws_iam_role.plan.id
  policy = local.state_policy
}
[/@file]
[@file "apply.tf"]
resource "aws_iam_role" "apply" {
  #checkov:skip=CKV_AWS_393:The subject names the repository and its environment in full; it is a value that the scanner can't follow
  name                 = "${var.name}-apply"
  max_session_duration = 3600
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Federated = local.provider }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${local.issuer}:aud" = local.audience
            "${local.issuer}:sub" = local.apply_subject
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "apply_reads" {
  role       = aws_iam_role.apply.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy_attachment" "apply" {
  role       = aws_iam_role.apply.name
  policy_arn = aws_iam_policy.apply.arn
}

resource "aws_iam_role_policy" "apply_state" {
  name   = "state"
  role   = aws_iam_role.apply.id
  policy = local.state_policy
}
[/@file]
[@file "policies.tf"]
locals {
  # Resources of the environment by their names' prefix, in this account and region only.
  applied_resources = [for service in var.applied_services : "arn:${local.partition}:${service}:${var.region}:${local.account}:*"]

  state_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "States"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "arn:${local.partition}:s3:::${var.state_bucket}/${var.environment}/*"
      },
      {
        Sid      = "Locks"
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = "arn:${local.partition}:s3:::${var.state_bucket}/${var.environment}/*.tflock"
      },
      {
        Sid      = "FindStates"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = "arn:${local.partition}:s3:::${var.state_bucket}"
      },
    ]
  })
}

resource "aws_iam_policy" "apply" {
  name        = "${var.name}-apply"
  description = "Changes the environment's resources, and makes roles only under the boundary"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ServicesOfTheEnvironment"
        Effect   = "Allow"
        Action   = [for service in var.applied_services : "${service}:*"]
        Resource = concat(local.applied_resources, ["arn:${local.partition}:s3:::${var.name}-*"])
      },
      {
        Sid       = "RolesUnderTheBoundary"
        Effect    = "Allow"
        Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy"]
        Resource  = local.roles
        Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
      },
      {
        Sid      = "RolesOfTheEnvironment"
        Effect   = "Allow"
        Action   = ["iam:DeleteRole", "iam:PassRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"]
        Resource = local.roles
      },
      {
        Sid      = "PipelineStaysAsItIs"
        Effect   = "Deny"
        NotAction = ["iam:Get*", "iam:List*"]
        Resource = [for role in ["plan", "apply"] : "arn:${local.partition}:iam::${local.account}:role/${var.name}-${role}"]
      },
    ]
  })
}

# The most that a role of a module can ever do, whatever its policies say. It grants nothing by itself.
resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "Limit of all roles that the pipeline makes"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ServicesInThisRegion"
        Effect    = "Allow"
        Action    = [for service in setunion(var.applied_services, ["ecr", "xray"]) : "${service}:*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = var.region } }
      },
      {
        Sid      = "NoIdentities"
        Effect   = "Deny"
        Action   = ["iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Put*", "iam:Set*", "iam:Update*", "organizations:*"]
        Resource = "*"
      },
    ]
  })
}
[/@file]
[@runs]
run "roles_trust_one_environment_of_one_repository" {
  command = plan

  # Whether the provider is made here changes nothing in what is trusted; its ARN is known only when it isn't.
  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = endswith(one(jsondecode(aws_iam_role.apply.assume_role_policy).Statement).Condition.StringEquals["token.actions.githubusercontent.com:sub"], ":environment:${var.environment}")
    error_message = "Only the environment's own deployment may take the apply role."
  }

  assert {
    condition     = !strcontains(aws_iam_role.plan.assume_role_policy, "StringLike") && !strcontains(aws_iam_role.apply.assume_role_policy, "StringLike")
    error_message = "Subjects must be named in full."
  }

  assert {
    condition     = aws_iam_role.apply.tags["team"] == var.tags["team"]
    error_message = "Roles must carry the required tags."
  }
}
[/@runs]
