[@file "main.tf"]
data "aws_partition" "current" {}

# Made before the cluster, which would make it without an end and without the key.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn
  tags              = var.tags
}

resource "aws_eks_cluster" "this" {
  #checkov:skip=CKV_AWS_339:The list of this rule ends with 1.35; 1.36 is in standard support until August 2027
  name     = var.name
  role_arn = aws_iam_role.cluster.arn
  version  = var.kubernetes_version
  tags     = var.tags

  bootstrap_self_managed_addons = false
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.key_arn
    }
  }

  # A version that runs out is upgraded instead of being paid for.
  upgrade_policy {
    support_type = "STANDARD"
  }

  vpc_config {
    subnet_ids              = var.private_subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  # The three belong together: EKS refuses one without the others.
  compute_config {
    enabled       = var.auto_mode
    node_pools    = var.auto_mode ? ["general-purpose", "system"] : null
    node_role_arn = var.auto_mode ? aws_iam_role.node.arn : null
  }

  kubernetes_network_config {
    elastic_load_balancing {
      enabled = var.auto_mode
    }
  }

  storage_config {
    block_storage {
      enabled = var.auto_mode
    }
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.cluster]

  [@protect /]
}
[/@file]
[@file "access.tf"]
resource "aws_eks_access_entry" "administrator" {
  for_each = var.administrator_role_arns

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.value
  tags          = var.tags
}

# Through the entry, which must be there first.
resource "aws_eks_access_policy_association" "administrator" {
  for_each = aws_eks_access_entry.administrator

  cluster_name  = each.value.cluster_name
  principal_arn = each.value.principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_pod_identity_association" "workload" {
  for_each = var.pod_identities

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = each.value.role_arn
  tags            = var.tags
}
[/@file]
[@file "iam.tf"]
locals {
  managed_policies = "arn:${data.aws_partition.current.partition}:iam::aws:policy"

  # What Auto Mode does itself needs more rights than a cluster whose nodes are in groups.
  cluster_policies = var.auto_mode ? [
    "AmazonEKSClusterPolicy", "AmazonEKSBlockStoragePolicy", "AmazonEKSComputePolicy", "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy",
  ] : ["AmazonEKSClusterPolicy"]
  node_policies = var.auto_mode ? [
    "AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy",
  ] : ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"]
}

resource "aws_iam_role" "cluster" {
  name = "${var.name}-eks-cluster"
  permissions_boundary = var.permissions_boundary_arn
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "cluster" {
  for_each = toset(local.cluster_policies)

  role       = aws_iam_role.cluster.name
  policy_arn = "${local.managed_policies}/${each.key}"
}

resource "aws_iam_role" "node" {
  name = "${var.name}-eks-node"
  permissions_boundary = var.permissions_boundary_arn
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(local.node_policies)

  role       = aws_iam_role.node.name
  policy_arn = "${local.managed_policies}/${each.key}"
}

# Add-ons that call AWS have a role each, so that nodes need not have their rights.
resource "aws_iam_role" "addon" {
  for_each = local.addon_roles

  name = "${var.name}-${each.key}"
  permissions_boundary = var.permissions_boundary_arn
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "pods.eks.amazonaws.com" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = local.addon_roles

  role       = aws_iam_role.addon[each.key].name
  policy_arn = "${local.managed_policies}/${each.value.policy}"
}
[/@file]
[@file "nodes.tf"]
locals {
  node_groups = var.auto_mode ? {} : var.node_groups

  addon_roles = var.auto_mode ? {} : {
    aws-ebs-csi-driver = { service_account = "ebs-csi-controller-sa", policy = "service-role/AmazonEBSCSIDriverPolicy" }
    vpc-cni            = { service_account = "aws-node", policy = "AmazonEKS_CNI_Policy" }
  }

  # Without a network add-on no node becomes ready, so these come before the nodes; the others' pods need nodes.
  early_addons = var.auto_mode ? [] : ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]
  late_addons  = var.auto_mode ? [] : ["aws-ebs-csi-driver", "coredns"]
}

resource "aws_launch_template" "node" {
  for_each = local.node_groups

  name                   = "${var.name}-${each.key}"
  update_default_version = true
  tags                   = var.tags

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted   = true
      volume_size = 50
      volume_type = "gp3"
    }
  }

  # Pods can't take the node's rights: its credentials do not pass a second hop.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  # The provider's default tags do not reach what an autoscaling group makes.
  tag_specifications {
    resource_type = "instance"
    tags          = merge(var.tags, { Name = "${var.name}-${each.key}" })
  }

  tag_specifications {
    resource_type = "volume"
    tags          = merge(var.tags, { Name = "${var.name}-${each.key}" })
  }
}

resource "aws_eks_node_group" "this" {
  for_each = local.node_groups

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.private_subnet_ids
  version         = aws_eks_cluster.this.version
  ami_type        = "AL2023_ARM_64_STANDARD"
  capacity_type   = each.value.capacity_type
  instance_types  = each.value.instance_types
  tags            = var.tags

  labels = {
    capacity = each.value.capacity_type == "SPOT" ? "spot" : "on-demand"
  }

  launch_template {
    id      = aws_launch_template.node[each.key].id
    version = aws_launch_template.node[each.key].latest_version
  }

  scaling_config {
    desired_size = max(each.value.min_size, 1)
    min_size     = each.value.min_size
    max_size     = each.value.max_size
  }

  update_config {
    max_unavailable_percentage = 33
  }

  node_repair_config {
    enabled = true
  }

  # The autoscaler decides between the smallest and the largest size.
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_eks_addon.early, aws_iam_role_policy_attachment.node]
}

# Nodes are there in working hours only; what makes them else is the group's own size.
resource "aws_autoscaling_schedule" "this" {
  for_each = var.working_hours == null || var.auto_mode ? {} : merge([
    for name, group in var.node_groups : {
      "${name}-start" = { group = name, hour = var.working_hours.start_hour, min = group.min_size, max = group.max_size }
      "${name}-stop"  = { group = name, hour = var.working_hours.stop_hour, min = 0, max = 0 }
    }
  ]...)

  scheduled_action_name  = each.key
  autoscaling_group_name = aws_eks_node_group.this[each.value.group].resources[0].autoscaling_groups[0].name
  recurrence             = "0 ${each.value.hour} * * ${var.working_hours.days}"
  time_zone              = var.working_hours.time_zone
  min_size               = each.value.min
  max_size               = each.value.max
  desired_capacity       = each.value.min
}

resource "aws_eks_pod_identity_association" "addon" {
  for_each = local.addon_roles

  cluster_name    = aws_eks_cluster.this.name
  namespace       = "kube-system"
  service_account = each.value.service_account
  role_arn        = aws_iam_role.addon[each.key].arn
  tags            = var.tags
}

resource "aws_eks_addon" "early" {
  for_each = toset(local.early_addons)

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  depends_on = [aws_eks_pod_identity_association.addon]
}

resource "aws_eks_addon" "late" {
  for_each = toset(local.late_addons)

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  depends_on = [aws_eks_node_group.this]
}
[/@file]
[@runs]
run "cluster_is_private_encrypted_and_logged" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The API must not be reachable from the internet."
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.key_arn
    error_message = "Secrets must be encrypted by the environment's key."
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5
    error_message = "All five logs must be on."
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "Access must be by entries only."
  }

  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.metadata_options[0].http_tokens == "required"])
    error_message = "Nodes must ask for metadata tokens."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.node_repair_config[0].enabled])
    error_message = "Broken nodes must be replaced."
  }
}

run "auto_mode_has_no_node_groups" {
  command = plan

  variables {
    auto_mode = true
  }

  assert {
    condition     = length(aws_eks_node_group.this) == 0 && length(aws_eks_addon.early) == 0 && aws_eks_cluster.this.compute_config[0].enabled
    error_message = "Auto Mode brings nodes and add-ons itself."
  }
}
[/@runs]
