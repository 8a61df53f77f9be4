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

  # A token of GitLab says the branch, also of a merge request: that of its source. Which parts the subject has is a setting of the project.
  gitlab = {
    apply = merge(local.gitlab_claims, { ref = var.default_branch })
    plan  = { for claim, value in local.gitlab_claims : claim => contains(["project_path", "ref_type"], claim) ? value : "*" }
  }
  gitlab_claims = {
    project_path          = var.repository
    ref_type              = "branch"
    ref                   = "*"
    ref_protected         = "true"
    environment_protected = "true"
    deployment_tier       = var.deployment_tier
  }
  subjects = {
    github = { for role, environment in { apply = var.environment, plan = "${var.environment}-plan" } : role => "repo:${var.repository}:environment:${environment}" }
    gitlab = { for role, claims in local.gitlab : role => join(":", [for claim in var.gitlab_subject : "${claim}:${claims[claim]}"]) }
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
        # On GitLab any branch of the project may be planned, since a merge request has its source's; elsewhere the subject has no pattern in it.
        Condition = {
          StringEquals = { "${local.issuer}:aud" = local.audience }
          StringLike   = { "${local.issuer}:sub" = local.subjects.plan }
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

# What the audit's policy leaves out and a refresh asks for: descriptions, no contents.
resource "aws_iam_role_policy" "plan_reads" {
  name = "reads"
  role = aws_iam_role.plan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for service, actions in local.described : {
        Effect   = "Allow"
        Action   = [for action in actions : "${service}:${action}"]
        Resource = "arn:${local.partition}:${service}:*:${local.account}:*"
      }
    ]
  })
}

# The state is read under its lock, and not written.
resource "aws_iam_role_policy" "plan_state" {
  name   = "state"
  role   = aws_iam_role.plan.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.state_reads })
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
            "${local.issuer}:sub" = local.subjects.apply
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
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.state_reads, local.state_writes) })
}
[/@file]
[@file "policies.tf"]
locals {
  states    = "arn:${local.partition}:s3:::${var.state_bucket}"
  places    = setunion([var.region], [var.global_region])
  described = {
    acm                     = ["DescribeCertificate", "ListTagsForCertificate"]
    application-autoscaling = ["ListTagsForResource"]
    budgets                 = ["ListTagsForResource", "ViewBudget"]
    ce                      = ["GetAnomalyMonitors", "GetAnomalySubscriptions", "ListTagsForResource"]
    kms                     = ["GetPublicKey"]
    lambda                  = ["GetFunction", "GetFunctionCodeSigningConfig", "ListVersionsByFunction"]
    scheduler               = ["GetSchedule", "ListTagsForResource"]
    sns                     = ["GetSubscriptionAttributes"]
    sqs                     = ["ListQueueTags"]
    wafv2                   = ["GetLoggingConfiguration", "GetWebACL", "GetWebACLForResource", "ListTagsForResource"]
  }

  state_reads = [
    {
      Sid      = "ReadStates"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${local.states}/${var.environment}/*"
    },
    {
      Sid      = "FindStates"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = local.states
    },
    {
      Sid      = "Locks"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = "${local.states}/${var.environment}/*.tflock"
    },
    {
      # By whatever key the bucket has, and for what lies in it only.
      Sid      = "KeyOfTheStates"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = "arn:${local.partition}:kms:${var.region}:${local.account}:key/*"
      Condition = {
        StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
        StringLike   = { "kms:EncryptionContext:aws:s3:arn" = [local.states, "${local.states}/*"] }
      }
    },
  ]

  state_writes = [
    {
      Sid      = "WriteStates"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = "${local.states}/${var.environment}/*"
    },
  ]
}

resource "aws_iam_policy" "apply" {
  name        = "${var.name}-apply"
  description = "Changes the environment's resources, and makes roles only under the boundary"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          # What makes a thing has no ARN to name yet, so that the place is what limits it: this region, and that of what has none.
          Sid       = "ServicesOfTheModules"
          Effect    = "Allow"
          Action    = [for service in var.applied_services : "${service}:*" if service != "s3"]
          Resource  = "*"
          Condition = { StringEquals = { "aws:RequestedRegion" = local.places } }
        },
      ],
      [
        for service in var.applied_services : {
          Sid      = "BucketsOfTheEnvironment"
          Effect   = "Allow"
          Action   = ["s3:*"]
          Resource = [for prefix in ["", "aws-waf-logs-"] : "arn:${local.partition}:s3:::${prefix}${var.name}-*"]
        } if service == "s3"
      ],
      [
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
          Action   = ["iam:DeleteRole", "iam:PassRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
          Resource = local.roles
        },
        {
          Sid      = "RolesThatServicesMakeForThemselves"
          Effect   = "Allow"
          Action   = ["iam:CreateServiceLinkedRole"]
          Resource = "arn:${local.partition}:iam::${local.account}:role/aws-service-role/*"
        },
        {
          Sid       = "PipelineStaysAsItIs"
          Effect    = "Deny"
          NotAction = ["iam:Get*", "iam:List*"]
          Resource  = [for role in ["plan", "apply"] : "arn:${local.partition}:iam::${local.account}:role/${var.name}-${role}"]
        },
      ],
    )
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
        Condition = { StringEquals = { "aws:RequestedRegion" = local.places } }
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
    condition     = endswith(one(jsondecode(aws_iam_role.plan.assume_role_policy).Statement).Condition.StringLike["token.actions.githubusercontent.com:sub"], ":environment:${var.environment}-plan")
    error_message = "Only jobs of the environment that plans may take the plan role."
  }

  assert {
    condition     = !strcontains(aws_iam_role.apply.assume_role_policy, "StringLike") && !strcontains(aws_iam_role.plan.assume_role_policy, "*")
    error_message = "Subjects must be named in full."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.plan_state.policy).Statement : !contains(s.Action, "s3:PutObject") || endswith(s.Resource, ".tflock")])
    error_message = "The plan role must write no state."
  }

  assert {
    condition     = aws_iam_role.apply.tags["team"] == var.tags["team"]
    error_message = "Roles must carry the required tags."
  }
}

run "gitlab_plans_any_branch_and_applies_the_default_one" {
  command = plan

  variables {
    ci_platform          = "gitlab"
    create_oidc_provider = false
  }

  assert {
    condition     = one(jsondecode(aws_iam_role.plan.assume_role_policy).Statement).Condition.StringLike["gitlab.com:sub"] == "project_path:${var.repository}:ref_type:branch:ref:*"
    error_message = "Only branches of the project may take the plan role."
  }

  assert {
    condition     = one(jsondecode(aws_iam_role.apply.assume_role_policy).Statement).Condition.StringEquals["gitlab.com:sub"] == "project_path:${var.repository}:ref_type:branch:ref:main"
    error_message = "Only the default branch may take the apply role."
  }
}

run "gitlab_binds_the_apply_role_to_a_protected_environment_where_its_subject_says_it" {
  command = plan

  variables {
    ci_platform          = "gitlab"
    create_oidc_provider = false
    deployment_tier      = "production"
    gitlab_subject       = ["project_path", "ref_type", "ref", "environment_protected", "deployment_tier"]
  }

  assert {
    condition     = endswith(one(jsondecode(aws_iam_role.apply.assume_role_policy).Statement).Condition.StringEquals["gitlab.com:sub"], ":ref:main:environment_protected:true:deployment_tier:production")
    error_message = "Only jobs of the protected environment may take the apply role."
  }
}
[/@runs]
