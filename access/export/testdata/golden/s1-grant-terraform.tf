# Access of EKS cluster dev-cluster (arn:aws:eks:us-west-2:111122223333:cluster/dev-cluster), written by kubectl eks-access.
# Plan: grant arn:aws:iam::111122223333:role/team-a-developer k8s-test-role in test
# Plan digest cb25d16209eaa21f: kubectl eks-access previews what it changes for whom.
# - WARNING: the plan changes aws-auth, and this does not: without that change it has no effect. Apply the plan, use its kubectl or eksctl form for that step, or make it again with --via access-entry.
# - Not in it: the plan's order, waits and proofs, its check against what is there, journal and undo. kubectl eks-access apply has them.

resource "kubernetes_namespace_v1" "namespace_test" {
  metadata {
    name = "test"
  }
}

resource "kubernetes_role_v1" "in_test_k8s_test_role" {
  metadata {
    name      = "k8s-test-role"
    namespace = kubernetes_namespace_v1.namespace_test.metadata[0].name
  }

  rule {
    api_groups = ["", "apps"]
    resources  = ["deployments", "pods", "pods/log"]
    verbs      = ["get", "list", "watch"]
  }
}

resource "kubernetes_role_binding_v1" "in_test_k8s_test_rolebinding" {
  metadata {
    name      = "k8s-test-rolebinding"
    namespace = kubernetes_namespace_v1.namespace_test.metadata[0].name
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.in_test_k8s_test_role.metadata[0].name
  }

  subject {
    kind      = "User"
    name      = "k8s-test-user"
    api_group = "rbac.authorization.k8s.io"
  }
}
