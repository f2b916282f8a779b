package sim

import "time"

// World is everything a bench starts from, as plain data. Its written form is
// YAML, kept short enough to write by hand, and read strictly by Parse:
//
//	about: one sentence about the story
//	accounts:                         # IAM, one per account
//	  "111122223333":
//	    roles:
//	    - {name: dev}                                        # path /
//	    - {name: team/a/dev, created: 2025-01-02T03:04:05Z}  # path /team/a/
//	    - {name: batch, id: AROA..., trust: ["arn:aws:iam::444455556666:role/ci"]}
//	    users:
//	    - {name: ops/alice}
//	callers:                          # who holds which access key; the first is the default
//	- key: AKIADEVELOPER00001
//	  arn: arn:aws:sts::111122223333:assumed-role/dev/alice
//	  deny: [eks:ListAccessEntries, "iam:*"]
//	clusters:
//	- name: demo
//	  account: "111122223333"
//	  region: us-west-2               # tells the partition, too
//	  version: "1.33"
//	  mode: API_AND_CONFIG_MAP        # CONFIG_MAP, API_AND_CONFIG_MAP, API
//	  creator: arn:aws:iam::111122223333:role/admin   # hidden administrator in CONFIG_MAP
//	  entries:
//	  - principal: arn:aws:iam::111122223333:role/team/a/dev
//	    groups: [devs]
//	    policies:
//	    - {policy: AmazonEKSViewPolicy}                      # cluster scope
//	    - {policy: AmazonEKSEditPolicy, namespaces: [dev-*]} # namespace scope
//	  aws-auth:                       # absent: there is no such ConfigMap
//	    mapRoles: |
//	      - rolearn: ...
//	  namespaces: [default, kube-system, dev-1]
//	  objects:                        # ordinary Kubernetes manifests, in creation order
//	  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: app, namespace: dev-1}}
//
// Left out, a unique id is made from the ARN and the time of creation, so two
// runs agree; a caller's own role or user exists without being listed.
type World struct {
	About    string             `yaml:"about"`
	Accounts map[string]Account `yaml:"accounts"`
	Callers  []Caller           `yaml:"callers"`
	Clusters []Cluster          `yaml:"clusters"`
}

// Account is the part of one AWS account's IAM that matters here.
type Account struct {
	Roles []Role `yaml:"roles"`
	Users []User `yaml:"users"`
}

// Role is an IAM role. Name may carry its path: "team/a/dev".
type Role struct {
	Name        string    `yaml:"name"`
	ID          string    `yaml:"id"`
	Created     time.Time `yaml:"created"`
	Description string    `yaml:"description"`
	// Trust holds who may assume the role: ARNs of roles, users or account roots.
	// Empty: every caller of the same account.
	Trust []string `yaml:"trust"`
}

// User is an IAM user. Name may carry its path.
type User struct {
	Name    string    `yaml:"name"`
	ID      string    `yaml:"id"`
	Created time.Time `yaml:"created"`
}

// Caller is an access key and whom it speaks for.
type Caller struct {
	Key string `yaml:"key"`
	ARN string `yaml:"arn"`
	// Deny holds the IAM actions refused to this caller; a trailing star is a wildcard.
	Deny []string `yaml:"deny"`
	// Expired marks temporary credentials that have run out.
	Expired bool `yaml:"expired"`
}

// Cluster is one EKS cluster: what its control plane knows and what its
// Kubernetes holds.
type Cluster struct {
	Name          string            `yaml:"name"`
	Account       string            `yaml:"account"`
	Region        string            `yaml:"region"`
	Version       string            `yaml:"version"`
	Platform      string            `yaml:"platform"`
	Status        string            `yaml:"status"`
	Mode          string            `yaml:"mode"` // empty: an old cluster that answers no accessConfig
	Created       time.Time         `yaml:"created"`
	Creator       string            `yaml:"creator"`
	Role          string            `yaml:"role"`
	Tags          map[string]string `yaml:"tags"`
	Entries       []Entry           `yaml:"entries"`
	PodIdentities []PodIdentity     `yaml:"podIdentities"`
	AWSAuth       map[string]string `yaml:"aws-auth"`
	Namespaces    []string          `yaml:"namespaces"`
	Objects       []map[string]any  `yaml:"objects"`
}

// Entry is an access entry with its associations.
type Entry struct {
	Principal string `yaml:"principal"`
	// ID is the unique id that EKS stored when the entry was made. Given and
	// different from the principal's, the entry is dead: the principal was made anew.
	ID       string            `yaml:"id"`
	Type     string            `yaml:"type"`
	Username string            `yaml:"username"`
	Groups   []string          `yaml:"groups"`
	Tags     map[string]string `yaml:"tags"`
	Created  time.Time         `yaml:"created"`
	Policies []Association     `yaml:"policies"`
}

// Association ties an access policy, by its name, to an entry. Without
// namespaces its scope is the cluster.
type Association struct {
	Policy     string    `yaml:"policy"`
	Namespaces []string  `yaml:"namespaces"`
	Created    time.Time `yaml:"created"`
}

// PodIdentity is an EKS Pod Identity association.
type PodIdentity struct {
	ID             string    `yaml:"id"`
	Namespace      string    `yaml:"namespace"`
	ServiceAccount string    `yaml:"serviceAccount"`
	Role           string    `yaml:"role"`
	TargetRole     string    `yaml:"targetRole"`
	Owner          string    `yaml:"owner"`
	Created        time.Time `yaml:"created"`
}
