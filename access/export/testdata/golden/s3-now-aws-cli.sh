#!/usr/bin/env bash
# Access of EKS cluster eks-workshop (arn:aws:eks:us-west-2:123456789012:cluster/eks-workshop), written by kubectl eks-access.
# What exists now.
# - Left out: the entry of arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS is AWS's own.
# - It makes all of this anew, for a cluster that has lost it. What is there already is left as it is; what is there and differs stops it.
# - Not in it: aws-auth, the authentication mode, namespaces, what Kubernetes and EKS ship, and what only service accounts have.
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

say '1/29 + ClusterRole deploy-observer'
what=(object '' 'clusterroles.rbac.authorization.k8s.io/deploy-observer')
after='[{"op":"test","path":"/metadata/name","value":"deploy-observer"},{"op":"test","path":"/rules","value":[{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["namespaces","nodes"]},{"verbs":["get","list","watch"],"apiGroups":["storage.k8s.io"],"resources":["storageclasses"]}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: deploy-observer
rules:
  - apiGroups:
      - ""
    resources:
      - namespaces
      - nodes
    verbs:
      - get
      - list
      - watch
  - apiGroups:
      - storage.k8s.io
    resources:
      - storageclasses
    verbs:
      - get
      - list
      - watch
EOF
  await "${what[@]}" "$after"
fi

say '2/29 + Role rabbitmq/queue-debugger'
what=(object 'rabbitmq' 'roles.rbac.authorization.k8s.io/queue-debugger')
after='[{"op":"test","path":"/metadata/name","value":"queue-debugger"},{"op":"test","path":"/rules","value":[{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["pods","pods/log"]},{"verbs":["create"],"apiGroups":[""],"resources":["pods/exec"]}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: queue-debugger
  namespace: rabbitmq
rules:
  - apiGroups:
      - ""
    resources:
      - pods
      - pods/log
    verbs:
      - get
      - list
      - watch
  - apiGroups:
      - ""
    resources:
      - pods/exec
    verbs:
      - create
EOF
  await "${what[@]}" "$after"
fi

say '3/29 + ClusterRoleBinding deployers-observe'
what=(object '' 'clusterrolebindings.rbac.authorization.k8s.io/deployers-observe')
after='[{"op":"test","path":"/metadata/name","value":"deployers-observe"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"deploy-observer"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"deployers"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: deployers-observe
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: deploy-observer
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: deployers
EOF
  await "${what[@]}" "$after"
fi

say '4/29 + RoleBinding carts/deployers'
what=(object 'carts' 'rolebindings.rbac.authorization.k8s.io/deployers')
after='[{"op":"test","path":"/metadata/name","value":"deployers"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"deployers"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: deployers
  namespace: carts
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: deployers
EOF
  await "${what[@]}" "$after"
fi

say '5/29 + RoleBinding catalog/deployers'
what=(object 'catalog' 'rolebindings.rbac.authorization.k8s.io/deployers')
after='[{"op":"test","path":"/metadata/name","value":"deployers"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"deployers"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: deployers
  namespace: catalog
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: deployers
EOF
  await "${what[@]}" "$after"
fi

say '6/29 + RoleBinding checkout/deployers'
what=(object 'checkout' 'rolebindings.rbac.authorization.k8s.io/deployers')
after='[{"op":"test","path":"/metadata/name","value":"deployers"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"deployers"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: deployers
  namespace: checkout
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: deployers
EOF
  await "${what[@]}" "$after"
fi

say '7/29 + RoleBinding orders/deployers'
what=(object 'orders' 'rolebindings.rbac.authorization.k8s.io/deployers')
after='[{"op":"test","path":"/metadata/name","value":"deployers"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"deployers"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: deployers
  namespace: orders
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: deployers
EOF
  await "${what[@]}" "$after"
fi

say '8/29 + RoleBinding orders/orders-oncall'
what=(object 'orders' 'rolebindings.rbac.authorization.k8s.io/orders-oncall')
after='[{"op":"test","path":"/metadata/name","value":"orders-oncall"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"admin"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"orders-oncall"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: orders-oncall
  namespace: orders
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: admin
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: orders-oncall
EOF
  await "${what[@]}" "$after"
fi

say '9/29 + RoleBinding rabbitmq/queue-debugger'
what=(object 'rabbitmq' 'rolebindings.rbac.authorization.k8s.io/queue-debugger')
after='[{"op":"test","path":"/metadata/name","value":"queue-debugger"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"queue-debugger"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"orders-oncall"},{"kind":"ServiceAccount","name":"orders","namespace":"orders"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: queue-debugger
  namespace: rabbitmq
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: queue-debugger
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: orders-oncall
  - kind: ServiceAccount
    name: orders
    namespace: orders
EOF
  await "${what[@]}" "$after"
fi

say '10/29 + RoleBinding ui/deployers'
what=(object 'ui' 'rolebindings.rbac.authorization.k8s.io/deployers')
after='[{"op":"test","path":"/metadata/name","value":"deployers"},{"op":"test","path":"/roleRef","value":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}},{"op":"test","path":"/subjects","value":[{"kind":"Group","apiGroup":"rbac.authorization.k8s.io","name":"deployers"}]}]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  kubectl create --filename=- <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: deployers
  namespace: ui
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: deployers
EOF
  await "${what[@]}" "$after"
fi

say '11/29 + access entry of arn:aws:iam::123456789012:role/KarpenterNodeRole-eks-workshop'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/KarpenterNodeRole-eks-workshop"}')
after='accessEntry.type == `"EC2_LINUX"`'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/KarpenterNodeRole-eks-workshop","type":"EC2_LINUX"}'
  await "${what[@]}" "$after"
fi

say '12/29 + access entry of arn:aws:iam::123456789012:role/ci/github-actions-deploy'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/ci/github-actions-deploy"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"github-actions:{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`["deployers"]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","kubernetesGroups":["deployers"],"principalArn":"arn:aws:iam::123456789012:role/ci/github-actions-deploy","type":"STANDARD","username":"github-actions:{{SessionName}}"}'
  await "${what[@]}" "$after"
fi

say '13/29 + access entry of arn:aws:iam::123456789012:role/data-science'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/data-science"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::123456789012:assumed-role/data-science/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/data-science","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '14/29 + policy AmazonEKSViewPolicy of arn:aws:iam::123456789012:role/data-science'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/data-science"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"`].[accessScope.type == `"namespace"` && sort(accessScope.namespaces || `[]`) == sort(`["catalog"]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"namespaces":["catalog"],"type":"namespace"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy","principalArn":"arn:aws:iam::123456789012:role/data-science"}'
  await "${what[@]}" "$after"
fi

say '15/29 + access entry of arn:aws:iam::123456789012:role/legacy-jenkins'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/legacy-jenkins"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::123456789012:assumed-role/legacy-jenkins/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/legacy-jenkins","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '16/29 + policy AmazonEKSAdminPolicy of arn:aws:iam::123456789012:role/legacy-jenkins'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/legacy-jenkins"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"`].[accessScope.type == `"namespace"` && sort(accessScope.namespaces || `[]`) == sort(`["carts","orders"]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"namespaces":["carts","orders"],"type":"namespace"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy","principalArn":"arn:aws:iam::123456789012:role/legacy-jenkins"}'
  await "${what[@]}" "$after"
fi

say '17/29 + access entry of arn:aws:iam::123456789012:role/platform-admin'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/platform-admin"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::123456789012:assumed-role/platform-admin/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/platform-admin","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '18/29 + policy AmazonEKSClusterAdminPolicy of arn:aws:iam::123456789012:role/platform-admin'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/platform-admin"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"type":"cluster"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy","principalArn":"arn:aws:iam::123456789012:role/platform-admin"}'
  await "${what[@]}" "$after"
fi

say '19/29 + access entry of arn:aws:iam::123456789012:role/security-audit'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/security-audit"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::123456789012:assumed-role/security-audit/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/security-audit","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '20/29 + policy AmazonEKSAdminViewPolicy of arn:aws:iam::123456789012:role/security-audit'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/security-audit"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"type":"cluster"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy","principalArn":"arn:aws:iam::123456789012:role/security-audit"}'
  await "${what[@]}" "$after"
fi

say '21/29 + access entry of arn:aws:iam::123456789012:role/teams/carts-developers'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/teams/carts-developers"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::123456789012:assumed-role/carts-developers/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/teams/carts-developers","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '22/29 + policy AmazonEKSEditPolicy of arn:aws:iam::123456789012:role/teams/carts-developers'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/teams/carts-developers"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"`].[accessScope.type == `"namespace"` && sort(accessScope.namespaces || `[]`) == sort(`["carts"]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"namespaces":["carts"],"type":"namespace"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy","principalArn":"arn:aws:iam::123456789012:role/teams/carts-developers"}'
  await "${what[@]}" "$after"
fi

say '23/29 + policy AmazonEKSViewPolicy of arn:aws:iam::123456789012:role/teams/carts-developers'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/teams/carts-developers"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"`].[accessScope.type == `"namespace"` && sort(accessScope.namespaces || `[]`) == sort(`["catalog","checkout","orders","ui"]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"namespaces":["catalog","checkout","orders","ui"],"type":"namespace"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy","principalArn":"arn:aws:iam::123456789012:role/teams/carts-developers"}'
  await "${what[@]}" "$after"
fi

say '24/29 + access entry of arn:aws:iam::123456789012:role/teams/orders-oncall'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:role/teams/orders-oncall"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::123456789012:assumed-role/orders-oncall/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`["orders-oncall"]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","kubernetesGroups":["orders-oncall"],"principalArn":"arn:aws:iam::123456789012:role/teams/orders-oncall","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '25/29 + access entry of arn:aws:iam::123456789012:user/auditors/dana'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:user/auditors/dana"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:iam::123456789012:user/auditors/dana"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:user/auditors/dana","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '26/29 + policy AmazonEKSViewPolicy of arn:aws:iam::123456789012:user/auditors/dana'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::123456789012:user/auditors/dana"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"`].[accessScope.type == `"cluster"` && sort(accessScope.namespaces || `[]`) == sort(`[]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"type":"cluster"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy","principalArn":"arn:aws:iam::123456789012:user/auditors/dana"}'
  await "${what[@]}" "$after"
fi

say '27/29 + access entry of arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085'
what=(entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"}')
after='accessEntry.type == `"STANDARD"` && accessEntry.username == `"arn:aws:sts::210987654321:assumed-role/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085/{{SessionName}}"` && sort(accessEntry.kubernetesGroups || `[]`) == sort(`[]`)'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write create-access-entry '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085","type":"STANDARD"}'
  await "${what[@]}" "$after"
fi

say '28/29 + policy AmazonEKSEditPolicy of arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"`].[accessScope.type == `"namespace"` && sort(accessScope.namespaces || `[]`) == sort(`["catalog","ui"]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"namespaces":["catalog","ui"],"type":"namespace"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy","principalArn":"arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"}'
  await "${what[@]}" "$after"
fi

say '29/29 + policy AmazonEKSViewPolicy of arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085'
what=(association '{"clusterName":"eks-workshop","principalArn":"arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"}')
after='associatedAccessPolicies[?policyArn == `"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"`].[accessScope.type == `"namespace"` && sort(accessScope.namespaces || `[]`) == sort(`["carts","checkout","orders","preview-*"]`)] | [0][0]'
if holds "${what[@]}" "$after"; then
  say '  done already'
else
  must absent "${what[@]}" "$after"
  write associate-access-policy '{"accessScope":{"namespaces":["carts","checkout","orders","preview-*"],"type":"namespace"},"clusterName":"eks-workshop","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy","principalArn":"arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/us-west-2/AWSReservedSSO_EKSDeveloper_4f2d9c1b7a6e3085"}'
  await "${what[@]}" "$after"
fi

say 'done'
