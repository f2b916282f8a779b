#!/usr/bin/env bash
# Access of EKS cluster eks-workshop (arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop), written by kubectl eks-access.
# Plan: migrate every mapping in force to access entries
# Plan digest b8354e0406e7adcf: kubectl eks-access previews what it changes for whom.
# - Not in it: the guard's check against the cluster as it is by then, journal and undo, proofs that only the principal itself can give.
# It speaks to AWS with the credentials of its environment, and to Kubernetes by kubectl's current context.
set -euo pipefail

cluster='eks-workshop'
arn='arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop'
export AWS_PAGER='' AWS_DEFAULT_REGION='us-west-2' AWS_REGION='us-west-2'

say() { printf '%s\n' "$*" >&2; }
stop() { say "stopped: $*"; exit 1; }
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# What was written counts some seconds after it reads back.
settle() { sleep "${SETTLE_SECONDS:-10}"; }

# matches OPERATION INPUT QUERY: true, false, or absent when there is no such thing.
matches() {
  local out
  if out=$(aws eks "$1" --cli-input-json "$2" --query "$3" --output json 2>"$errors"); then
    case $out in true | false) printf '%s' "$out" ;; *) printf 'absent' ;; esac
  elif grep -q ResourceNotFoundException "$errors" && ! grep -q 'No cluster found' "$errors"; then
    printf 'absent'
  else
    stop "$1: $(<"$errors")"
  fi
}
entry() { matches describe-access-entry "$1" "$2"; }
association() { matches list-associated-access-policies "$1" "$2"; }
mode() { matches describe-cluster "$1" "$2"; }
gone() {
  local found
  found=$("$@") || exit 1
  if [[ $found == absent ]]; then printf 'true'; else printf 'false'; fi
}

# holds QUESTION...: whether its answer is true. A question without an answer stops the script.
holds() {
  local found
  found=$("$@") || exit 1
  [[ $found == true ]]
}
# must ANSWER QUESTION...: stops the script at any other answer.
must() {
  local want=$1 found
  shift
  found=$("$@") || exit 1
  if [[ $found != "$want" ]]; then stop "somebody else changed this since the plan was made: $*"; fi
}
# await QUESTION...: until its answer is true.
await() {
  local tries
  for ((tries = 0; tries < ${TRIES:-60}; tries++)); do
    if holds "$@"; then return; fi
    sleep "${PAUSE_SECONDS:-1}"
  done
  stop "this does not hold, so nothing more is changed: $*"
}

# write OPERATION INPUT: once more while EKS does not know yet what was just made.
write() {
  local tries
  for ((tries = 0; tries < ${TRIES:-60}; tries++)); do
    if aws eks "$1" --cli-input-json "$2" --output json >/dev/null 2>"$errors"; then return; fi
    if grep -q -e 'No cluster found' -e policyArn "$errors"; then break; fi
    if ! grep -q -e ResourceNotFoundException -e 'invalid principal' "$errors"; then break; fi
    sleep "${PAUSE_SECONDS:-1}"
  done
  stop "$1: $(<"$errors")"
}

# switch INPUT: the update of the cluster is done when it says so; the cluster may
# still be called ACTIVE before it begins.
switch() {
  local id status
  id=$(aws eks update-cluster-config --cli-input-json "$1" --query update.id --output text)
  while :; do
    status=$(aws eks describe-update --name "$cluster" --update-id "$id" --query update.status --output text)
    case $status in
      Successful) return ;;
      Failed | Cancelled) stop "the switch of the authentication mode is $status" ;;
    esac
    sleep "${PAUSE_SECONDS:-5}"
  done
}

same_cluster() {
  local found
  found=$(aws eks describe-cluster --name "$cluster" --query cluster.arn --output text)
  if [[ $found != "$arn" ]]; then stop "this is for $arn, and here is $found"; fi
}

same_server() {
  local want have
  want=$(aws eks describe-cluster --name "$cluster" --query cluster.endpoint --output text)
  have=$(kubectl config view --minify --output 'jsonpath={.clusters[0].cluster.server}')
  if [[ ${ANY_SERVER:-} != yes && ${want%/} != "${have%/}" ]]; then
    stop "kubectl speaks to $have, and the cluster is at $want; if that is the same, set ANY_SERVER=yes"
  fi
}

# object NAMESPACE TARGET TESTS: true, false, or absent.
object() {
  if kubectl patch --namespace="$1" "$2" --type=json --dry-run=server --patch="$3" --output=name >/dev/null 2>"$errors"; then
    printf 'true'
  elif grep -q '(NotFound)' "$errors"; then
    printf 'absent'
  elif grep -q 'request is invalid' "$errors"; then
    printf 'false'
  else
    stop "$2: $(<"$errors")"
  fi
}

# allowed REVIEW: what the API server answers about an identity; denied is its contrary.
allowed() {
  local out
  out=$(kubectl create --filename=- --output='jsonpath={.status.allowed}' <<<"$1") || exit 1
  printf '%s' "${out:-false}"
}
denied() {
  local out
  out=$(allowed "$1") || exit 1
  if [[ $out == false ]]; then printf 'true'; else printf 'false'; fi
}

# empty NAMESPACE: deleting a namespace takes along what others have put into it.
empty() {
  local out
  out=$(kubectl get --namespace="$1" --output=name pods,services,secrets,configmaps,persistentvolumeclaims,deployments.apps,statefulsets.apps,daemonsets.apps,jobs.batch,cronjobs.batch)
  out=$(grep -v -x configmap/kube-root-ca.crt <<<"$out") || true
  if [[ -n $out ]]; then stop "namespace $1 is not deleted, because it holds: $out"; fi
}

same_cluster
same_server

say '1/6 + ClusterRoleBinding eks-access-bridge-a4fb640b'
what=(object '' 'clusterrolebindings.rbac.authorization.k8s.io/eks-access-bridge-a4fb640b')
after='[{"op":"test","path":"/metadata/name","value":"eks-access-bridge-a4fb640b"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"eks-access-bridge-a4fb640b"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: eks-access-bridge-a4fb640b
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: eks-access-bridge-a4fb640b
EOF
  await "${what[@]}" "$after"
fi

say '2/6 + access entry of arn:aws:iam::123456789012:role/eks-workshop-admins'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"cluster-admin"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`["eks-access-bridge-a4fb640b"]`)'
if holds "${what[@]}" "$after" || holds entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}' 'accessEntry.type == `"STANDARD"` && accessEntry.username == `"cluster-admin"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","kubernetesGroups":["eks-access-bridge-a4fb640b"],"principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins","type":"STANDARD","username":"cluster-admin"}'
  await "${what[@]}" "$after"
fi

say '3/6 + policy AmazonEKSClusterAdminPolicy of arn:aws:iam::123456789012:role/eks-workshop-admins'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"type":"cluster"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}'
  await "${what[@]}" "$after"
fi

say '4/6 ~ access entry of arn:aws:iam::123456789012:role/eks-workshop-admins'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}')
before='accessEntry.type == `"STANDARD"` && accessEntry.username == `"cluster-admin"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`["eks-access-bridge-a4fb640b"]`)'
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"cluster-admin"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  settle
  await association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}' 'associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'
  must true "${what[@]}" "$before"
  write update-access-entry '{"clusterName":"eks-workshop","kubernetesGroups":[],"principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins","username":"cluster-admin"}'
  await "${what[@]}" "$after"
fi

say '5/6 - ClusterRoleBinding eks-access-bridge-a4fb640b'
what=(object '' 'clusterrolebindings.rbac.authorization.k8s.io/eks-access-bridge-a4fb640b')
before='[{"op":"test","path":"/metadata/name","value":"eks-access-bridge-a4fb640b"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"eks-access-bridge-a4fb640b"}]}]'
if holds gone "${what[@]}" "$before"; then
  say '  done already'
else
  settle
  must true "${what[@]}" "$before"
  kubectl delete --namespace='' 'clusterrolebindings.rbac.authorization.k8s.io/eks-access-bridge-a4fb640b'
  await gone "${what[@]}" "$before"
fi

say '6/6 ~ AuthMap kube-system/aws-auth'
what=(object 'kube-system' 'configmaps/aws-auth')
before='[{"op":"test","path":"/data","value":{"mapRoles":"# Nodes of the default node group. Managed by eksctl, do not edit.\n- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA\n  username: system:node:{{EC2PrivateDNSName}}\n# Workshop administrators, ask in #platform before you touch this.\n- groups:\n  - system:masters\n  rolearn: arn:aws:iam::123456789012:role/eks-workshop-admins\n  username: cluster-admin\n","mapUsers":"[]\n"}},{"op":"test","path":"/metadata/name","value":"aws-auth"}]'
after='[{"op":"test","path":"/data","value":{"mapRoles":"# Nodes of the default node group. Managed by eksctl, do not edit.\n- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA\n  username: system:node:{{EC2PrivateDNSName}}\n# Workshop administrators, ask in #platform before you touch this.\n","mapUsers":"[]\n"}},{"op":"test","path":"/metadata/name","value":"aws-auth"}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  settle
  await entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}' 'accessEntry.type == `"STANDARD"` && accessEntry.username == `"cluster-admin"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
  await association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}' 'associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'
  must true "${what[@]}" "$before"
  kubectl patch --namespace='kube-system' 'configmaps/aws-auth' --type=json --patch='[{"op":"test","path":"/data","value":{"mapRoles":"# Nodes of the default node group. Managed by eksctl, do not edit.\n- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA\n  username: system:node:{{EC2PrivateDNSName}}\n# Workshop administrators, ask in #platform before you touch this.\n- groups:\n  - system:masters\n  rolearn: arn:aws:iam::123456789012:role/eks-workshop-admins\n  username: cluster-admin\n","mapUsers":"[]\n"}},{"op":"test","path":"/metadata/name","value":"aws-auth"},{"op":"add","path":"/data","value":{"mapRoles":"# Nodes of the default node group. Managed by eksctl, do not edit.\n- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-acgt4WAVfXAA\n  username: system:node:{{EC2PrivateDNSName}}\n# Workshop administrators, ask in #platform before you touch this.\n","mapUsers":"[]\n"}}]'
  await "${what[@]}" "$after"
fi

say 'proof'
await entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}' 'accessEntry.type == `"STANDARD"` && accessEntry.username == `"cluster-admin"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
await association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/eks-workshop-admins"}' 'associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'

say 'done'
