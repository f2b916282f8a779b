package report

import "github.com/eks-access/kubectl-eks-access/access"

// planFindings are about a plan: what Build and Guard say before it runs.
var planFindings = map[access.Code]sentence{
	access.NothingToDo: {"nothing to do: it is so already", ""},
	access.OneWayMode: {
		"the authentication mode goes from {0} to {1}, and EKS never goes back",
		"type the cluster's name"},
	access.MastersToPolicy: {
		"{p0}: system:masters becomes AmazonEKSClusterAdminPolicy, the same rights, but through the authorizer, which can be asked and taken away",
		""},
	access.NodeLeft: {
		"{p0} is a node role and stays in aws-auth until EKS shows a node entry for it",
		"leave it; for self-managed nodes create an entry of type EC2_LINUX or EC2_WINDOWS first"},
	access.AlreadyEntry: {
		"{p0} has an access entry in force, so only its aws-auth item goes",
		""},
	access.AlreadyDead: {
		"{p0} has nothing to migrate: {r1}",
		"remove the item from aws-auth: kubectl edit configmap aws-auth --namespace kube-system"},
	access.NotMigratable: {
		"{p0} can't be migrated as it is: {r1}{s2}",
		"give it access on purpose instead: kubectl eks-access grant {a0} --level LEVEL"},
	access.UnresolvedARN: {
		"the full ARN of {p0} is not known, and an access entry needs it with its path: {1}",
		"name the full ARN, or ask with credentials that may iam:GetRole"},
	access.ForeignAccount: {
		"{p0} is in account {1}, where we do not ask IAM",
		"name its full ARN, or use a --profile of that account"},
	access.ARNAsWritten: {
		"{0} could not be looked up: that it exists, with this path, is taken from you",
		"check it: aws iam get-role or get-user, with credentials of its account"},
	access.AccountNotMapped: {
		"everyone in account {0} is mapped by mapAccounts, which access entries can't say",
		"grant each principal that needs access: kubectl eks-access grant ARN --level LEVEL"},
	access.NameMoved: {
		"{p0} logs in as {2} instead of {1} from now on; the bindings to it ({3}) name both first, and keep the old name",
		"the old name can go from the bindings when nobody else arrives under it"},
	access.NameEmpty: {
		"{p0} had the empty user name from aws-auth; its entry gets EKS's default, which loses nothing",
		""},
	access.BridgeUsed: {
		"{0} carries the rights of {n1} while the policies take effect, and goes at the end",
		""},
	access.NoBridge: {
		"{p0} is without rights for some seconds, between its entry and its policy: no bridge can be built from here",
		"use a kubeconfig that reaches the API server and may bind cluster-admin"},
	access.NotProvable: {
		"what access policies give {p0} can't be proven from here: the API server answers only {p0} itself",
		"log in as {p0} and run: kubectl auth can-i '*' '*' (can-i --list shows RBAC only)"},
	access.NamespaceGoes: {
		"namespace {0} is deleted, if nothing has been put into it",
		"to keep it, leave it: a plan stops there and has taken back everything else"},
	access.LeftInMap: {
		"{p0} stays in aws-auth only, and the mode API does not read it",
		"give it an entry first: kubectl eks-access migrate {a0}; a node role: aws eks create-access-entry --cluster-name {k} --principal-arn {a0} --type EC2_LINUX (or EC2_WINDOWS)"},
	access.LosesAccess: {
		"{p0} would lose access at step {1} {i2}: {3}",
		"leave this principal out, or grant what is missing first: kubectl eks-access grant {a0} --level LEVEL"},
	access.GainsMeanwhile: {
		"{p0} would have more than before and after at step {1} {i2}: {3}",
		"make the plan again, or split it"},
	access.OthersGain: {
		"{p0} would get more {i1}, though nothing was asked for: {2}",
		"look why: the same user name, group or binding counts for others too"},
	access.OthersLose: {
		"{p0} loses it too: it is in the group {1}, like {p2}",
		"to take it from one only, change its groups: kubectl eks-access change {a2} --drop-group GROUP"},
	access.AccountLetsIn: {
		"{p0} can still log in, without rights of its own: mapAccounts lets everybody of account {1} in",
		"take the account out of mapAccounts when nobody else needs it: kubectl edit configmap aws-auth --namespace kube-system"},
	access.NameLeftBound: {
		"{n2} still name the {r0} {1}, under which no principal arrives any more",
		"take it out with --subjects, if no certificate and no other issuer brings somebody under it"},
	access.CallerLoses: {
		"you ({p0}) would lose access at step {1} {i2} and might not be able to undo it: {3}",
		"let another administrator run this"},
	access.NodesLose: {
		"the nodes of {p0} would lose access at step {1}: they turn NotReady",
		"leave {p0} out until a node entry for it exists"},
	access.NoAdminLeft: {
		"after step {0} no known administrator is left",
		"grant another one first: kubectl eks-access grant ARN --level full"},
	access.NamespaceMade: {"the namespace {0} is created", ""},
	access.NamespaceAbsent: {
		"the namespace {0} does not exist yet; the grant counts from its creation on",
		"create it in the same plan with --create-namespace"},
	access.RoleFromEdit: {
		"the role {0} does not exist; it is made with the rules of edit",
		"name a file with its rules: --role-file FILE, or rules in the form"},
	access.SmokeTestDenied: {
		"{0} does not allow: kubectl {1} {2} --namespace {3}",
		"add that to the role, or try something that it allows"},
	access.SharedName: {
		"others have the user name {0} too: a binding to it counts also for {1}",
		"give each its own with --username"},
	access.Unseen: {
		"{0} {1} could not be read, so what it gives to anybody is not compared: {2}",
		"ask for that permission, then preview again"},
	access.OwnedElsewhere: {
		"{p0} is managed by {1}, which will undo or fight this change",
		"change it there"},
	access.WildcardScope: {
		"the scope {0} also takes in namespaces that are made later",
		"name the namespaces one by one"},
	access.EscalatesBeyondYou: {
		"{1} gives more than {p0} has, so the API server may refuse to bind it",
		"ask somebody who has it, or the verb bind on it, to run this"},
}
