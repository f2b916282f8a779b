# Access of EKS cluster eks-workshop (arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop), written by kubectl eks-access.
# What exists now.
# - Left out: the entry of arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS is AWS's own.
# - Not in it: namespaces, what Kubernetes and EKS ship, and what only service accounts have.
# - Not in it: aws-auth, which EKS writes too. kubectl eks-access migrate --export makes access entries of it.

import {
  to = aws_eks_access_entry.role_karpenternoderole_eks_workshop
  id = "eks-workshop:arn:aws:iam::123456789012:role/KarpenterNodeRole-eks-workshop"
}

resource "aws_eks_access_entry" "role_karpenternoderole_eks_workshop" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/KarpenterNodeRole-eks-workshop"
  type          = "EC2_LINUX"
}

import {
  to = aws_eks_access_entry.role_github_actions_deploy
  id = "eks-workshop:arn:aws:iam::123456789012:role/ci/github-actions-deploy"
}

resource "aws_eks_access_entry" "role_github_actions_deploy" {
  cluster_name      = "eks-workshop"
  principal_arn     = "arn:aws:iam::123456789012:role/ci/github-actions-deploy"
  type              = "STANDARD"
  user_name         = "github-actions:{{SessionName}}"
  kubernetes_groups = ["deployers"]
}

import {
  to = aws_eks_access_entry.role_data_science
  id = "eks-workshop:arn:aws:iam::123456789012:role/data-science"
}

resource "aws_eks_access_entry" "role_data_science" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/data-science"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.role_data_science_amazoneksviewpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:role/data-science#arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
}

resource "aws_eks_access_policy_association" "role_data_science_amazoneksviewpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_data_science.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

  access_scope {
    type       = "namespace"
    namespaces = ["catalog"]
  }
}

import {
  to = aws_eks_access_entry.role_legacy_jenkins
  id = "eks-workshop:arn:aws:iam::123456789012:role/legacy-jenkins"
}

resource "aws_eks_access_entry" "role_legacy_jenkins" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/legacy-jenkins"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.role_legacy_jenkins_amazoneksadminpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:role/legacy-jenkins#arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"
}

resource "aws_eks_access_policy_association" "role_legacy_jenkins_amazoneksadminpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_legacy_jenkins.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"

  access_scope {
    type       = "namespace"
    namespaces = ["carts", "orders"]
  }
}

import {
  to = aws_eks_access_entry.role_platform_admin
  id = "eks-workshop:arn:aws:iam::123456789012:role/platform-admin"
}

resource "aws_eks_access_entry" "role_platform_admin" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/platform-admin"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.role_platform_admin_amazoneksclusteradminpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:role/platform-admin#arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
}

resource "aws_eks_access_policy_association" "role_platform_admin_amazoneksclusteradminpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_platform_admin.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

import {
  to = aws_eks_access_entry.role_security_audit
  id = "eks-workshop:arn:aws:iam::123456789012:role/security-audit"
}

resource "aws_eks_access_entry" "role_security_audit" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/security-audit"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.role_security_audit_amazoneksadminviewpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:role/security-audit#arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"
}

resource "aws_eks_access_policy_association" "role_security_audit_amazoneksadminviewpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_security_audit.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"

  access_scope {
    type = "cluster"
  }
}

import {
  to = aws_eks_access_entry.role_carts_developers
  id = "eks-workshop:arn:aws:iam::123456789012:role/teams/carts-developers"
}

resource "aws_eks_access_entry" "role_carts_developers" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/teams/carts-developers"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.role_carts_developers_amazonekseditpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:role/teams/carts-developers#arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
}

resource "aws_eks_access_policy_association" "role_carts_developers_amazonekseditpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_carts_developers.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = ["carts"]
  }
}

import {
  to = aws_eks_access_policy_association.role_carts_developers_amazoneksviewpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:role/teams/carts-developers#arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
}

resource "aws_eks_access_policy_association" "role_carts_developers_amazoneksviewpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_carts_developers.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

  access_scope {
    type       = "namespace"
    namespaces = ["catalog", "checkout", "orders", "ui"]
  }
}

import {
  to = aws_eks_access_entry.role_orders_oncall
  id = "eks-workshop:arn:aws:iam::123456789012:role/teams/orders-oncall"
}

resource "aws_eks_access_entry" "role_orders_oncall" {
  cluster_name      = "eks-workshop"
  principal_arn     = "arn:aws:iam::123456789012:role/teams/orders-oncall"
  type              = "STANDARD"
  kubernetes_groups = ["orders-oncall"]
}

import {
  to = aws_eks_access_entry.user_dana
  id = "eks-workshop:arn:aws:iam::123456789012:user/auditors/dana"
}

resource "aws_eks_access_entry" "user_dana" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:user/auditors/dana"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.user_dana_amazoneksviewpolicy
  id = "eks-workshop#arn:aws:iam::123456789012:user/auditors/dana#arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
}

resource "aws_eks_access_policy_association" "user_dana_amazoneksviewpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.user_dana.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

  access_scope {
    type = "cluster"
  }
}

import {
  to = aws_eks_access_entry.role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085
  id = "eks-workshop:arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"
}

resource "aws_eks_access_entry" "role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"
  type          = "STANDARD"
}

import {
  to = aws_eks_access_policy_association.role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085_amazonekseditpolicy
  id = "eks-workshop#arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085#arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
}

resource "aws_eks_access_policy_association" "role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085_amazonekseditpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = ["catalog", "ui"]
  }
}

import {
  to = aws_eks_access_policy_association.role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085_amazoneksviewpolicy
  id = "eks-workshop#arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085#arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
}

resource "aws_eks_access_policy_association" "role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085_amazoneksviewpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_awsreservedsso_eksdeveloper_4f2d9c1b7a6e3085.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

  access_scope {
    type       = "namespace"
    namespaces = ["carts", "checkout", "orders", "preview-*"]
  }
}

import {
  to = kubernetes_cluster_role_v1.cluster_deploy_observer
  id = "deploy-observer"
}

resource "kubernetes_cluster_role_v1" "cluster_deploy_observer" {
  metadata {
    name = "deploy-observer"
  }

  rule {
    api_groups = [""]
    resources  = ["namespaces", "nodes"]
    verbs      = ["get", "list", "watch"]
  }

  rule {
    api_groups = ["storage.k8s.io"]
    resources  = ["storageclasses"]
    verbs      = ["get", "list", "watch"]
  }
}

import {
  to = kubernetes_role_v1.in_rabbitmq_queue_debugger
  id = "rabbitmq/queue-debugger"
}

resource "kubernetes_role_v1" "in_rabbitmq_queue_debugger" {
  metadata {
    name      = "queue-debugger"
    namespace = "rabbitmq"
  }

  rule {
    api_groups = [""]
    resources  = ["pods", "pods/log"]
    verbs      = ["get", "list", "watch"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/exec"]
    verbs      = ["create"]
  }
}

import {
  to = kubernetes_cluster_role_binding_v1.cluster_deployers_observe
  id = "deployers-observe"
}

resource "kubernetes_cluster_role_binding_v1" "cluster_deployers_observe" {
  metadata {
    name = "deployers-observe"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = kubernetes_cluster_role_v1.cluster_deploy_observer.metadata[0].name
  }

  subject {
    kind      = "Group"
    name      = "deployers"
    api_group = "rbac.authorization.k8s.io"
  }
}

import {
  to = kubernetes_role_binding_v1.in_carts_deployers
  id = "carts/deployers"
}

resource "kubernetes_role_binding_v1" "in_carts_deployers" {
  metadata {
    name      = "deployers"
    namespace = "carts"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "deployers"
    api_group = "rbac.authorization.k8s.io"
  }
}

import {
  to = kubernetes_role_binding_v1.in_catalog_deployers
  id = "catalog/deployers"
}

resource "kubernetes_role_binding_v1" "in_catalog_deployers" {
  metadata {
    name      = "deployers"
    namespace = "catalog"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "deployers"
    api_group = "rbac.authorization.k8s.io"
  }
}

import {
  to = kubernetes_role_binding_v1.in_checkout_deployers
  id = "checkout/deployers"
}

resource "kubernetes_role_binding_v1" "in_checkout_deployers" {
  metadata {
    name      = "deployers"
    namespace = "checkout"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "deployers"
    api_group = "rbac.authorization.k8s.io"
  }
}

import {
  to = kubernetes_role_binding_v1.in_orders_deployers
  id = "orders/deployers"
}

resource "kubernetes_role_binding_v1" "in_orders_deployers" {
  metadata {
    name      = "deployers"
    namespace = "orders"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "deployers"
    api_group = "rbac.authorization.k8s.io"
  }
}

import {
  to = kubernetes_role_binding_v1.in_orders_orders_oncall
  id = "orders/orders-oncall"
}

resource "kubernetes_role_binding_v1" "in_orders_orders_oncall" {
  metadata {
    name      = "orders-oncall"
    namespace = "orders"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "admin"
  }

  subject {
    kind      = "Group"
    name      = "orders-oncall"
    api_group = "rbac.authorization.k8s.io"
  }
}

import {
  to = kubernetes_role_binding_v1.in_rabbitmq_queue_debugger
  id = "rabbitmq/queue-debugger"
}

resource "kubernetes_role_binding_v1" "in_rabbitmq_queue_debugger" {
  metadata {
    name      = "queue-debugger"
    namespace = "rabbitmq"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.in_rabbitmq_queue_debugger.metadata[0].name
  }

  subject {
    kind      = "Group"
    name      = "orders-oncall"
    api_group = "rbac.authorization.k8s.io"
  }

  subject {
    kind      = "ServiceAccount"
    name      = "orders"
    namespace = "orders"
  }
}

import {
  to = kubernetes_role_binding_v1.in_ui_deployers
  id = "ui/deployers"
}

resource "kubernetes_role_binding_v1" "in_ui_deployers" {
  metadata {
    name      = "deployers"
    namespace = "ui"
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "deployers"
    api_group = "rbac.authorization.k8s.io"
  }
}
