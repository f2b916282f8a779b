package export

// tools are the functions at the top of every script. Each value reaches the AWS CLI
// inside of one JSON document: a value on its own that begins with file:// or http://
// would be read from there, and one with a dash would be an option (AWS CLI user
// guide, "Load a parameter from a file").
//
// What is compared is compared by the AWS CLI itself (--query), which prints true or
// false in every version and needs no jq. An answer that is no answer stops the script.
const tools = `
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
`

// kubeTools compare on the server: a JSON patch of tests alone, as a dry run, holds or
// does not (RFC 6902, "test"). An object is named as TYPE/NAME, so that a name with a
// dash in front is no option.
const kubeTools = `
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
`
