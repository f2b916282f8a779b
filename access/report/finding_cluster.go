package report

import "github.com/eks-access/kubectl-eks-access/access"

// explained is a sentence with the reason why it matters, for somebody who meets the
// code for the first time. The reason holds no arguments.
type explained struct{ text, fix, why string }

// clusterFindings are about the cluster as it stands.
var clusterFindings = map[access.Code]explained{
	access.CallersDiffer: {
		"AWS is asked as {0|ARN}, kubectl talks to the cluster as {1|ANOTHER ARN}",
		"use one profile for both: --profile, or the env and args of the kubeconfig's exec section",
		"what one of them may see or change says nothing about the other"},
	access.EndpointDiffers: {
		"the kubeconfig's server {0|SERVER} is not the cluster's endpoint {1|ENDPOINT}",
		"compare the two: kubectl cluster-info; aws eks describe-cluster --name {k} --query cluster.endpoint; if they are two clusters, choose one with --context, or with --cluster-name and --region",
		"access entries of one cluster beside the role bindings of another would be read as one"},
	access.ClusterNotActive: {
		"the cluster is {0|STATUS}: EKS may refuse changes until it is ACTIVE",
		"wait, then run this again: aws eks wait cluster-active --name {k}",
		"while a cluster is created, updated or deleted, its access configuration may be in between"},
	access.HiddenCreator: {
		"whoever created the cluster is an administrator, and in the mode {0|MODE} no list shows who that is",
		"keep that role safe; in the mode API_AND_CONFIG_MAP it gets an access entry: kubectl eks-access migrate --to API_AND_CONFIG_MAP",
		"EKS puts the creator into system:masters inside the control plane, in no object that can be read"},
	access.MapUnreadable: {
		"the authenticator can't read aws-auth {0|SECTION}{l1} as it is meant, and what it can't read gives nobody access: {2|MISTAKE}",
		"correct the YAML: kubectl edit configmap aws-auth --namespace kube-system; we never rewrite what we can't read",
		"a mistake in one place of a section takes the whole section away, nodes included"},
	access.MapComplaint: {
		"aws-auth {0|SECTION}{l1}: {3|MISTAKE}",
		"correct the item: kubectl edit configmap aws-auth --namespace kube-system",
		"the authenticator takes the item otherwise than it reads"},
	access.MapAbsent: {
		"there is no aws-auth ConfigMap, which is normal while nothing is mapped in it (mode {0|MODE})",
		"",
		"a new cluster has none until the first node group or person is mapped in it"},
	access.MappingShadowed: {
		"the aws-auth item of {p0}{l2} has no effect: {r1}",
		"it goes with a migration: kubectl eks-access migrate {a0}",
		"one mapping of a principal counts; what the others say is read by people only"},
	access.MappingUnmatchable: {
		"the mapping of {p0}{l2} never matches: {r1}",
		"if it is the only mapping of this principal, take it out: kubectl eks-access revoke {a0} (which takes all it has); if access is meant, then: kubectl eks-access grant {a0} --level LEVEL",
		"the authenticator compares the whole ARN as STS says it, and this text is never equal"},
	access.MappingDead: {
		"the mapping of {p0} gives nothing: {r1}",
		"remove it: kubectl eks-access revoke {a0}{D}",
		"an access entry is tied to the unique ID of a role or user, which a new one of that name does not have"},
	access.MappingDormant: {
		"the mapping of {p0} is not read in the mode {1|MODE}",
		"if access is meant: kubectl eks-access migrate {a0}",
		"CONFIG_MAP reads no access entries, API reads no aws-auth"},
	access.MappingUnknown: {
		"whether the mapping of {p0} counts is not known: {r1}",
		"read again when what is missing can be read (see the gaps)",
		"a fact that decides it is missing, so its rights are shown as unknown and never as none"},
	access.EntryNarrower: {
		"{p0} had more from its aws-auth item than its access entry gives now",
		"give the entry what is missing: kubectl eks-access grant {a0} --level LEVEL",
		"an access entry replaces the aws-auth item of its principal as a whole; nothing is added up"},
	access.AggregationPending: {
		"ClusterRole {0|NAME} does not have all rules of the roles it aggregates yet",
		"the kube-controller-manager fills them in; until then the rules as stored count",
		"the API server authorizes by the stored rules, not by the selectors"},
	access.PolicyUnknown: {
		"AWS does not publish the rules of {0|POLICY}, so what {w1} may do through it is unknown",
		"nobody else can ask, so with the credentials of {w1}: kubectl auth can-i get secrets --all-namespaces, or another verb and resource",
		"EKS does not tell the rules of an access policy; what the user guide lacks can't be known from here"},
	access.PolicyNew: {
		"our table of access policies, as of {1|DATE}, does not have {0|POLICY}: what it gives is unknown",
		"look for a newer release: kubectl krew upgrade eks-access; what AWS says of it: aws eks list-access-policies",
		"the rules of access policies are taken from the EKS user guide, whose table is dated"},
	access.PolicyWildcard: {
		"{0|POLICY} on {1|PATTERN} counts for {w} also in namespaces that are made later",
		"name all its namespaces one by one: {W}",
		"whoever may make a namespace of such a name hands out rights in it"},
	access.AdminCantBind: {
		"{p0} has AmazonEKSAdminPolicy {i1}, and yet its role bindings are refused: rights of a policy don't count for that",
		"bind them through RBAC too: kubectl create rolebinding NAME --clusterrole admin --group GROUP --namespace NS, with GROUP in its access entry",
		"the API server lets somebody bind only what they hold through RBAC, or with the verb bind, which this policy lacks"},
	access.GroupUnbound: {
		"no binding names the group {0|GROUP}: it gives nothing to {w1}",
		"correct the name, or bind it: kubectl create rolebinding NAME --clusterrole view --group {a0} --namespace NS",
		"a group exists by being named; a mistake in its name is no error anywhere"},
	access.BindingUnreached: {
		"no IAM principal arrives as {0|SUBJECT}; {b1} for certificates or single sign-on only, or for nobody",
		"if nobody else arrives so, delete what is left: kubectl get rolebindings,clusterrolebindings --all-namespaces -o wide",
		"who gets that name or group later gets these rights with it"},
	access.RoleMissing: {
		"{0|BINDING} refers to {1|ROLE}, which does not exist: it gives nothing",
		"create the role, or delete the binding",
		"whoever may create a role of that name decides what the binding gives"},
	access.BridgeLeft: {
		"{0|BINDING} is a bridge that a stopped change left behind",
		"see what was stopped, and how far: kubectl eks-access history; go on with it: kubectl eks-access resume; or take it back: kubectl eks-access undo",
		"a bridge gives cluster-admin to a group of its own while an access policy takes effect"},
	access.OnBridge: {
		"{p0} has its rights by a bridge that a stopped change left behind",
		"see what was stopped, and how far: kubectl eks-access history; go on with it: kubectl eks-access resume; from another machine: kubectl eks-access migrate {a0}",
		"a bridge is cluster-admin while an access policy takes effect: who stays on it stays an administrator by a group that nobody knows"},
	access.ClusterAdmin: {
		"{p0} may do everything",
		"take away what is not meant: {R}",
		"administrators can give themselves and others anything; each road is one to take away"},
	access.BecomesAdmin: {
		"{p0} is no administrator, and has rights that can lead there",
		"take away what is not meant: {R}",
		"these rights lead to others that were never given (Kubernetes, RBAC Good Practices, privilege escalation risks)"},
	access.EverybodyAdmin: {
		"whoever is in {0|GROUP} has rights that lead to everything, and the API server puts everybody there",
		"take away what is not meant: {R}",
		"system:authenticated is everyone who logs in, system:unauthenticated everyone who does not"},
	access.NodeRights: {
		"{p0} is a node role and has more than a node needs",
		"give people a role of their own, and take it away from the nodes: {R}",
		"every pod that reaches the node's credentials has what the node role has (EKS Best Practices, instance profile)"},
	access.ResourceUnknown: {
		"{0|ROLE}: no API has a resource {1|RESOURCE}, so it grants nothing{t2}",
		"name the resource as its URL has it: kubectl api-resources -o name",
		"RBAC compares with the plural name in lower case; kubectl's short names and kinds mean nothing to it"},
	access.ClusterScoped: {
		"{0|ROLE}: {1|RESOURCE} are outside of namespaces, where a Role grants nothing",
		"grant them with a ClusterRole and a ClusterRoleBinding, if they are meant",
		"a Role, or a binding in a namespace, reaches what is in that namespace only"},
	access.RuleEmpty: {
		"{0|ROLE}: rule {1|N} names no verbs, no resources or no API groups, and grants nothing",
		"complete the rule, or leave it out",
		"all parts of a rule must match a request, and an empty part never does"},
	access.VerbUnknown: {
		"{0|ROLE}: {1|VERB} is not a verb of the Kubernetes API and grants nothing",
		"leave it out, since kubectl describe uses get and list; exec and logs are the resources pods/exec and pods/log",
		"the API server asks for its own verbs only; words of kubectl never come up"},
	access.WatchMissing: {
		"{0|ROLE} has list without watch, so kubectl get --watch fails",
		"add the verb watch",
		"kubectl wait, rollout status and get --watch, and most tools, watch what they list"},
	access.GroupMoved: {
		"{0|ROLE}: {1|RESOURCE} of the API group {2|GROUP} is not served any more, so the rule grants nothing; today it is {3|ANOTHER GROUP}",
		"name the API group of today",
		"a rule counts for the API group of the request, and no current cluster serves this one"},
}
