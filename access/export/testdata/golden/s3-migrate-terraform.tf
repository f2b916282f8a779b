# Access of EKS cluster eks-workshop (arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop), written by kubectl eks-access.
# Plan: migrate every mapping in force to access entries
# Plan digest b8354e0406e7adcf: kubectl eks-access previews what it changes for whom.
# - WARNING: arn:aws:iam::123456789012:role/eks-workshop-admins has no rights for some seconds: its access entry replaces its aws-auth mapping at once, and the policy follows. kubectl eks-access apply and the aws-cli form have no such moment.
# - aws-auth is not changed by this. When all of it is in force, run kubectl eks-access migrate: it finds the entries and does what is left in aws-auth, proven.
# - Not in it: the bridge eks-access-bridge-a4fb640b, which the plan makes and removes.
# - Not in it: the plan's order, waits and proofs, its check against what is there, journal and undo. kubectl eks-access apply has them.

resource "aws_eks_access_entry" "role_eks_workshop_admins" {
  cluster_name  = "eks-workshop"
  principal_arn = "arn:aws:iam::123456789012:role/eks-workshop-admins"
  type          = "STANDARD"
  user_name     = "cluster-admin"
}

resource "aws_eks_access_policy_association" "role_eks_workshop_admins_amazoneksclusteradminpolicy" {
  cluster_name  = "eks-workshop"
  principal_arn = aws_eks_access_entry.role_eks_workshop_admins.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}
