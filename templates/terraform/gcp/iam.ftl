[@file "main.tf"]
data "google_client_config" "this" {}

locals {
  pool   = "//iam.googleapis.com/${google_iam_workload_identity_pool.this.name}"
  issuer = { github = "https://token.actions.githubusercontent.com", gitlab = "https://gitlab.com" }[var.ci_platform]

  # What a token must say besides being of this repository, and what is kept of it. A token of GitHub says its environment in its subject.
  github = {
    apply = "repo:${var.repository}:environment:${var.environment}"
    plan  = "repo:${var.repository}:environment:${var.environment}-plan"
  }
  # A token of GitLab says the branch, also of a merge request: that of its source. What may apply is one protected branch, and where
  # GitLab has protected environments, a job of this one; a token that lacks these claims is one that plans.
  gitlab = join(" && ", concat(
    ["assertion.ref_type == 'branch'", "assertion.ref == '${var.default_branch}'", "assertion.ref_protected == 'true'"],
    var.require_protected_environment ? ["has(assertion.environment)", "assertion.environment == '${var.environment}'", "assertion.environment_protected == 'true'"] : [],
  ))

  attribute_mapping = {
    github = {
      "google.subject" = "assertion.sub"
    }
    gitlab = {
      "google.subject" = "'project:' + assertion.project_id + ':job:' + assertion.job_id"
      "attribute.role" = "${local.gitlab} ? 'apply' : 'plan'"
    }
  }[var.ci_platform]
  attribute_condition = {
    github = "assertion.sub == '${local.github.apply}' || assertion.sub == '${local.github.plan}'"
    gitlab = "assertion.project_path == '${var.repository}'"
  }[var.ci_platform]
  members = {
    github = {
      apply = { apply = "principal:${local.pool}/subject/${local.github.apply}" }
      plan  = { plan = "principal:${local.pool}/subject/${local.github.plan}" }
    }
    gitlab = {
      apply = { apply = "principalSet:${local.pool}/attribute.role/apply" }
      plan  = { for role in ["apply", "plan"] : role => "principalSet:${local.pool}/attribute.role/${role}" }
    }
  }[var.ci_platform]
}

resource "google_project_service" "this" {
  for_each = toset(["cloudresourcemanager.googleapis.com", "iam.googleapis.com", "iamcredentials.googleapis.com", "sts.googleapis.com"])

  service            = each.value
  disable_on_destroy = false
}

resource "google_iam_workload_identity_pool" "this" {
  workload_identity_pool_id = "${var.name}-ci"
  display_name              = "Pipeline"
  description               = "Jobs of ${var.repository} that deploy ${var.name}"

  depends_on = [google_project_service.this]
}

resource "google_iam_workload_identity_pool_provider" "this" {
  #checkov:skip=CKV_GCP_125:The condition compares the whole subject with repo:OWNER/NAME:environment:NAME; it is put together of variables, which the scanner can't follow
  workload_identity_pool_id          = google_iam_workload_identity_pool.this.workload_identity_pool_id
  workload_identity_pool_provider_id = var.ci_platform
  display_name                       = var.ci_platform
  attribute_mapping                  = local.attribute_mapping
  attribute_condition                = local.attribute_condition

  oidc {
    issuer_uri        = local.issuer
    allowed_audiences = ["https:${local.pool}/providers/${var.ci_platform}"]
  }
}
[/@file]
[@file "plan.tf"]
locals {
  # What reads what a module's roles change: descriptions, no contents of secrets, buckets or databases.
  readers = {
    artifactregistry  = "roles/artifactregistry.reader"
    binaryauthorization = "roles/binaryauthorization.policyViewer"
    cloudfunctions    = "roles/cloudfunctions.viewer"
    cloudkms          = "roles/cloudkms.viewer"
    cloudscheduler    = "roles/cloudscheduler.viewer"
    cloudsql          = "roles/cloudsql.viewer"
    compute           = "roles/compute.viewer"
    container         = "roles/container.clusterViewer"
    dns               = "roles/dns.reader"
    eventarc          = "roles/eventarc.viewer"
    logging           = "roles/logging.viewer"
    monitoring        = "roles/monitoring.viewer"
    pubsub            = "roles/pubsub.viewer"
    run               = "roles/run.viewer"
    secretmanager     = "roles/secretmanager.viewer"
  }
  applied = [for role in var.applied_roles : role if can(regex("^roles/[a-z]+[.][A-Za-z.]+$", role)) && !can(regex("^roles/(iam|resourcemanager)[.]", role))]
  read    = distinct([for role in local.applied : local.readers[split(".", trimprefix(role, "roles/"))[0]] if contains(keys(local.readers), split(".", trimprefix(role, "roles/"))[0])])
}

resource "google_service_account" "plan" {
  account_id   = "${var.name}-plan"
  display_name = "Plans ${var.name}"
}

resource "google_service_account_iam_member" "plan" {
  for_each = local.members.plan

  service_account_id = google_service_account.plan.name
  role               = "roles/iam.workloadIdentityUser"
  member             = each.value
}

resource "google_project_iam_member" "plan" {
  for_each = toset(concat(local.read, ["roles/iam.securityReviewer", "roles/serviceusage.serviceUsageConsumer"]))

  project = data.google_client_config.this.project
  role    = each.value
  member  = google_service_account.plan.member
}

# What the roles above leave out and a refresh asks for.
resource "google_project_iam_custom_role" "plan" {
  role_id     = "${replace(var.name, "-", "_")}_plan"
  title       = "Plans ${var.name}"
  description = "Reads descriptions that no predefined role without contents reads"

  permissions = [
    "iam.roles.get", "iam.serviceAccounts.get", "iam.workloadIdentityPoolProviders.get", "iam.workloadIdentityPools.get",
    "resourcemanager.projects.get", "servicenetworking.services.get", "serviceusage.services.get", "storage.buckets.get", "storage.buckets.getIamPolicy",
  ]
}

resource "google_project_iam_member" "plan_reads" {
  project = data.google_client_config.this.project
  role    = google_project_iam_custom_role.plan.id
  member  = google_service_account.plan.member
}
[/@file]
[@file "apply.tf"]
resource "google_service_account" "apply" {
  account_id   = "${var.name}-apply"
  display_name = "Applies ${var.name}"
}

resource "google_service_account_iam_member" "apply" {
  for_each = local.members.apply

  service_account_id = google_service_account.apply.name
  role               = "roles/iam.workloadIdentityUser"
  member             = each.value
}

# The roles that the modules of this environment name, and no others.
resource "google_project_iam_member" "apply" {
  for_each = toset(concat(local.applied, ["roles/iam.securityReviewer"]))

  project = data.google_client_config.this.project
  role    = each.value
  member  = google_service_account.apply.member
}

# Identities of workloads are made and attached, but neither impersonated, nor given keys, nor opened to others: nobody climbs by them.
resource "google_project_iam_custom_role" "apply" {
  role_id     = "${replace(var.name, "-", "_")}_apply"
  title       = "Applies ${var.name}"
  description = "Makes service accounts and attaches them to what runs by them"

  permissions = [
    "iam.roles.get", "iam.serviceAccounts.actAs", "iam.serviceAccounts.create", "iam.serviceAccounts.delete", "iam.serviceAccounts.get",
    "iam.serviceAccounts.update", "iam.workloadIdentityPoolProviders.get", "iam.workloadIdentityPools.get", "resourcemanager.projects.get",
  ]
}

resource "google_project_iam_member" "apply_identities" {
  project = data.google_client_config.this.project
  role    = google_project_iam_custom_role.apply.id
  member  = google_service_account.apply.member
}

# Roles of the project are granted to workloads only out of this list, so that the pipeline can't grant itself what it lacks.
resource "google_project_iam_member" "apply_grants" {
  project = data.google_client_config.this.project
  role    = "roles/resourcemanager.projectIamAdmin"
  member  = google_service_account.apply.member

  condition {
    title       = "${var.name}-workloads"
    description = "Only the roles that modules grant to workloads"
    expression  = "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${join(", ", [for role in sort(var.workload_roles) : "'${role}'"])}])"
  }
}
[/@file]
[@file "state.tf"]
locals {
  states = "projects/_/buckets/${var.state_bucket}/objects/${var.environment}/"
  state_roles = {
    apply = { member = google_service_account.apply.member, role = "roles/storage.objectUser", expression = "resource.name.startsWith('${local.states}')" }
    plan  = { member = google_service_account.plan.member, role = "roles/storage.objectViewer", expression = "resource.name.startsWith('${local.states}')" }
    locks = {
      member     = google_service_account.plan.member
      role       = "roles/storage.objectUser"
      expression = "resource.name.startsWith('${local.states}') && resource.name.endsWith('.tflock')"
    }
  }
}

# The state is read under its lock by who plans, and written by who applies; each of them in its own environment.
resource "google_storage_bucket_iam_member" "state" {
  for_each = local.state_roles

  bucket = var.state_bucket
  role   = each.value.role
  member = each.value.member

  condition {
    title       = "${var.name}-${each.key}"
    description = "States of this environment"
    expression  = each.value.expression
  }
}

# To find a state the backend lists names; a list can't be limited to a part of a bucket.
resource "google_storage_bucket_iam_member" "state_names" {
  for_each = { apply = google_service_account.apply.member, plan = google_service_account.plan.member }

  bucket = var.state_bucket
  role   = "roles/storage.legacyBucketReader"
  member = each.value
}
[/@file]
[@runs]
run "roles_trust_one_environment_of_one_repository" {
  command = plan

  assert {
    condition     = google_iam_workload_identity_pool_provider.this.attribute_condition == "assertion.sub == 'repo:${var.repository}:environment:${var.environment}' || assertion.sub == 'repo:${var.repository}:environment:${var.environment}-plan'"
    error_message = "Only jobs of the two environments may have an identity at all."
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.this.oidc[0].issuer_uri == "https://token.actions.githubusercontent.com"
    error_message = "Only tokens of the platform may be taken."
  }
}

run "gitlab_plans_any_branch_and_applies_the_default_one" {
  command = plan

  variables {
    ci_platform                   = "gitlab"
    require_protected_environment = true
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.this.attribute_condition == "assertion.project_path == '${var.repository}'"
    error_message = "Only jobs of the project may have an identity at all."
  }

  assert {
    condition     = strcontains(google_iam_workload_identity_pool_provider.this.attribute_mapping["attribute.role"], "assertion.ref == 'main' && assertion.ref_protected == 'true'") && strcontains(google_iam_workload_identity_pool_provider.this.attribute_mapping["attribute.role"], "assertion.environment == '${var.environment}' && assertion.environment_protected == 'true'")
    error_message = "Only the protected branch in the protected environment may apply."
  }
}

run "pipeline_can_not_raise_itself" {
  command = plan

  variables {
    applied_roles  = ["roles/cloudsql.admin", "roles/iam.serviceAccountAdmin", "roles/resourcemanager.projectIamAdmin", "roles/storage.admin"]
    workload_roles = ["roles/cloudsql.client"]
  }

  assert {
    condition     = toset(keys(google_project_iam_member.apply)) == toset(["roles/cloudsql.admin", "roles/iam.securityReviewer", "roles/storage.admin"])
    error_message = "Rights over identities must not be taken over from modules."
  }

  assert {
    condition     = endswith(google_project_iam_member.apply_grants.condition[0].expression, ".hasOnly(['roles/cloudsql.client'])")
    error_message = "Roles may be granted out of the list only."
  }

  assert {
    condition     = !contains(google_project_iam_custom_role.apply.permissions, "iam.serviceAccounts.setIamPolicy") && !contains(google_project_iam_custom_role.apply.permissions, "iam.serviceAccountKeys.create") && !contains(google_project_iam_custom_role.apply.permissions, "iam.serviceAccounts.getAccessToken")
    error_message = "Service accounts must not be impersonated nor given keys."
  }
}

run "who_plans_writes_locks_only" {
  command = plan

  variables {
    applied_roles = ["roles/cloudsql.admin", "roles/pubsub.admin"]
  }

  assert {
    condition     = toset(keys(google_project_iam_member.plan)) == toset(["roles/cloudsql.viewer", "roles/iam.securityReviewer", "roles/pubsub.viewer", "roles/serviceusage.serviceUsageConsumer"])
    error_message = "Who plans must read only."
  }

  assert {
    condition     = google_storage_bucket_iam_member.state["plan"].role == "roles/storage.objectViewer" && endswith(google_storage_bucket_iam_member.state["locks"].condition[0].expression, "resource.name.endsWith('.tflock')")
    error_message = "Who plans must write no state."
  }
}
[/@runs]
