package report

import "github.com/eks-access/kubectl-eks-access/access"

// planFindings are about a plan: what Build and Guard say before it runs.
var planFindings = map[access.Code]explained{
	access.NothingToDo: {
		"nothing to do: it is so already",
		"",
		"a plan holds only what differs from what is there"},
	access.OneWayMode: {
		"the authentication mode goes from {0|MODE} to {1|ANOTHER MODE}, and EKS never goes back",
		"look first who comes in through what: kubectl eks-access list (VIA)",
		"EKS switches CONFIG_MAP, API_AND_CONFIG_MAP, API, in this order only; no undo of ours takes it back"},
	access.MastersToPolicy: {
		"{p0}: system:masters becomes AmazonEKSClusterAdminPolicy, the same rights, but through the authorizer, which can be asked and taken away",
		"",
		"no access entry can carry system:masters, which is let through before any authorizer is asked; the policy gives the same through one, like anybody's rights"},
	access.NodeLeft: {
		"{p0} is a node role and stays in aws-auth until EKS shows a node entry for it",
		"leave it to EKS; for self-managed and Karpenter nodes: kubectl eks-access migrate {a0} --node-type EC2_LINUX (or EC2_WINDOWS)",
		"nodes log in by that item; without it, and without an entry of a node type, they turn NotReady"},
	access.AlreadyEntry: {
		"{p0} has an access entry in force, so only its aws-auth item goes",
		"",
		"an access entry hides the aws-auth items of its principal, so they give nothing; they would come back to life if the entry went"},
	access.AlreadyDead: {
		"{p0} has nothing to migrate: {r1}",
		"remove what is left of it: kubectl eks-access revoke {a0}",
		"it lets nobody in today, and an entry made of it would let in whoever takes that name next"},
	access.NotMigratable: {
		"{p0} can't be migrated as it is: {r1}{s2}",
		"give it access on purpose instead: kubectl eks-access grant {a0} --level LEVEL",
		"what an access entry can't say, or what never worked, is not translated by a guess: it would give what nobody has today"},
	access.UnresolvedARN: {
		"the full ARN of {p0} is not known, and an access entry needs it with its path: {1|REASON}",
		"name the full ARN, or ask with credentials that may iam:GetRole",
		"aws-auth leaves a role's path out and an access entry needs it; an entry with the wrong path matches nobody"},
	access.ForeignAccount: {
		"{p0} is in account {1|ACCOUNT}, where we do not ask IAM",
		"name its full ARN, or use a --profile of that account",
		"a role of the same name in your account is somebody else: its name is never looked up there"},
	access.ARNAsWritten: {
		"{0|ARN} could not be looked up: that it exists, with this path, is taken from you",
		"see that it exists and that its Arn is this very one, with credentials of its account: {c0}",
		"EKS takes an entry for a principal that does not exist; a mistake in the ARN shows when somebody can't log in"},
	access.AccountNotMapped: {
		"everyone in account {0|ACCOUNT} is mapped by mapAccounts, which access entries can't say",
		"whom bindings name is migrated; grant the others who need access: kubectl eks-access grant ARN --level LEVEL",
		"an access entry is for one role or user; with aws-auth, everybody of the account goes"},
	access.NameMoved: {
		"{p0} logs in as {2|NEW NAME} instead of {1|OLD NAME} from now on; the bindings to it ({3|N}) name both first, and keep the old name",
		"the old name can go from the bindings when nobody else arrives under it: migrate with --subjects",
		"entries refuse user names that begin with system:, eks:, aws:, amazon: or iam:, and {{SessionName}} without a colon before it"},
	access.NameEmpty: {
		"{p0} had the empty user name from aws-auth, so bindings to its ARN never matched; its entry gets a name that none of them gives anything",
		"",
		"bindings can't name the empty user, so nothing hung on it; EKS's default for an entry is a name that some binding may know"},
	access.BridgeUsed: {
		"{0|BINDING} carries the rights of {n1} while the policies take effect, and goes at the end",
		"",
		"an access entry replaces the aws-auth mapping at once, and its policy counts seconds later"},
	access.NoBridge: {
		"{p0} is without rights for some seconds, between its entry and its policy: no bridge can be built from here",
		"run it as somebody whom both say yes to: kubectl auth can-i bind clusterroles/cluster-admin; kubectl auth can-i create clusterrolebindings",
		"an access entry replaces the aws-auth mapping at once, and its policy counts seconds later; the bridge that spans this needs the right to bind cluster-admin"},
	access.NodeEntryMade: {
		"{p0} gets an entry of type {1|TYPE} on your word that its nodes are self-managed or Karpenter's",
		"see that no node group of EKS has this role: aws eks list-nodegroups --cluster-name {k}; and for each: aws eks describe-nodegroup --cluster-name {k} --nodegroup-name NAME --query nodegroup.nodeRole",
		"the entries of managed node groups and of Fargate are EKS's to make, and one of the wrong type keeps nodes out"},
	access.ItemRevived: {
		"{p0} has an item in aws-auth that counts again once its dead entry is gone: {2|RULES}, {i1}",
		"if it shall not have these, take all away first: kubectl eks-access revoke {a0}",
		"whether EKS reads an item beneath a dead entry is not documented, so this may be more than it has today"},
	access.DeadEntry: {
		"the access entry of {p0} is taken for dead, and deleted: {r1}{s2}",
		"see that its createdAt is before the CreateDate of its role or user, or that there is no such one (NoSuchEntity): aws eks describe-access-entry --cluster-name {k} --principal-arn {a0}; {c0}",
		"EKS ties an entry to the unique ID of its role or user and does not show it; that it is another one's is concluded from dates and from IAM's answer"},
	access.NameReplaced: {
		"{p0} logs in as {2|NEW NAME} instead of {1|OLD NAME} from now on; the bindings to it ({3|N}) name both first, and in the end the new name alone unless others arrive under the old one",
		"leave --subjects out if certificates or another issuer bring somebody under the old name",
		"entries refuse user names that begin with system:, eks:, aws:, amazon: or iam:, and {{SessionName}} without a colon before it"},
	access.NodeWindow: {
		"the nodes of {p0} can't log in for some seconds: its entry is deleted, and made again with another type",
		"do it while no node joins; all should be Ready before and after: kubectl get nodes",
		"EKS changes the type of no entry; running nodes go on with the token they have for some minutes"},
	access.NotProvable: {
		"what access policies give {p0} can't be proven from here: the API server answers only {p0} itself",
		"log in as {p0} and run: kubectl auth can-i '*' '*' (can-i --list shows RBAC only)",
		"a review for somebody else sees RBAC only (EKS user guide, Associate access policies), so nobody but the principal itself can ask"},
	access.NamespaceGoes: {
		"namespace {0|NAMESPACE} is deleted, if nothing has been put into it",
		"to keep it, leave it: a plan stops there and has taken back everything else",
		"taking back a grant takes back the namespace that it made; what others have put there is never deleted"},
	access.LeftInMap: {
		"{p0} stays in aws-auth only, and the mode API does not read it",
		"give it an entry first: kubectl eks-access migrate {a0}; a role of self-managed or Karpenter nodes with --node-type EC2_LINUX (or EC2_WINDOWS)",
		"from the switch on only access entries let anybody in, and there is no way back"},
	access.LosesAccess: {
		"{p0} would lose access at step {1|N} {i2}: {3|RULES}",
		"leave this principal out, or grant what is missing first: kubectl eks-access grant {a0} --level LEVEL",
		"nobody may lose a right at any moment, unless the plan is to take it away"},
	access.GainsMeanwhile: {
		"{p0} would have more than before and after at step {1|N} {i2}: {3|RULES}",
		"make the plan again, or split it",
		"on its way a plan may give nobody what they have neither before nor after it"},
	access.OthersGain: {
		"{p0} would get more {i1}, though nothing was asked for: {2|RULES}",
		"see who else has the same user name or group, which a binding is for: kubectl eks-access list -o wide",
		"bindings name groups and user names, and others arrive under the same"},
	access.OthersLose: {
		"{p0} loses it too: it is in the group {1|GROUP}, like {p2|ANOTHER}",
		"to take it from one only, change its groups: kubectl eks-access change {a2|ANOTHER} --drop-group {a1|GROUP}",
		"a binding to a group counts for everybody in it; one of them can't be taken out of the binding"},
	access.AccountLetsIn: {
		"{p0} can still log in, without rights of its own: mapAccounts lets everybody of account {1|ACCOUNT} in",
		"take the account out of mapAccounts when nobody else needs it: kubectl eks-access revoke {a1|ACCOUNT}",
		"mapAccounts maps whoever has no mapping of its own, by the ARN as user name"},
	access.AccountLoses: {
		"everybody of account {0|ACCOUNT} whom mapAccounts alone lets in can't log in any more",
		"see who does, if EKS keeps its logs: aws logs filter-log-events --log-group-name /aws/eks/{k}/cluster --log-stream-name-prefix authenticator --filter-pattern {a0|ACCOUNT}; and grant them access: kubectl eks-access grant ARN --level LEVEL",
		"nobody can list them: mapAccounts names no one; those whom bindings name are said by name"},
	access.NameLeftBound: {
		"the {0|KIND} {1|NAME} is still named by bindings ({2|N}), and no principal arrives under it any more",
		"take it out with --subjects, if no certificate and no other issuer brings somebody under it",
		"a certificate, a service account or an OIDC user may arrive under that name; none of them can be listed"},
	access.CallerLoses: {
		"you ({p0}) would lose access at step {1|N} {i2} and might not be able to undo it: {3|RULES}",
		"let another administrator run this; they are: kubectl eks-access who-can '*' '*'",
		"who can't change the cluster any more can't take the change back"},
	access.NodesLose: {
		"the nodes of {p0} would lose access at step {1|N}: they turn NotReady",
		"leave {p0} out until a node entry for it exists",
		"kubelets log in by the node role's mapping"},
	access.NoAdminLeft: {
		"after step {0|N} no known administrator is left",
		"grant another one first: kubectl eks-access grant ARN --level full",
		"then only the cluster's hidden creator, or whoever may create access entries through IAM, can repair it"},
	access.NoAdminAside: {
		"every known administrator depends on what this changes: {P}",
		"have another administrator first: kubectl eks-access grant ARN --level full; or change them one by one, the next when the last one has asked and may: kubectl auth can-i '*' '*'",
		"if the change does not do what it should, nobody is left who can mend it from inside the cluster"},
	access.CreatorStays: {
		"whoever created the cluster stays an administrator, and no list shows who that is",
		"",
		"EKS puts the creator into system:masters inside the control plane; on the first switch it makes an access entry of that"},
	access.BeyondYou: {
		"{p0} gets more {i1} than you have yourself: {2|RULES}",
		"make sure that whoever asked for it may have it",
		"whoever may write access entries or aws-auth may hand out anything, and no API server checks it"},
	access.NamespaceMade: {
		"the namespace {0|NAMESPACE} is created",
		"",
		"a role binding needs its namespace"},
	access.NamespaceAbsent: {
		"the namespace {0|NAMESPACE} does not exist yet; the grant counts from its creation on",
		"create it in the same plan with --create-namespace",
		"an access policy's scope may name what does not exist yet; a mistake in the name is no error anywhere"},
	access.RoleExtended: {
		"the role {0|ROLE} is there already and gets more: {1|RULES}",
		"",
		"whoever has the role already gets that too: they are listed with what they gain"},
	access.RoleFromEdit: {
		"the role {0|ROLE} does not exist; it is made with the rules of edit",
		"name a file with its rules: --role-file FILE, or rules in the form",
		"rights that nobody wrote down are not given silently"},
	access.SmokeTestDenied: {
		"{0|ROLE} does not allow: kubectl {1|VERB} {2|RESOURCE} --namespace {3|NAMESPACE}",
		"add that to the role, or try something that it allows",
		"a common first question of whoever gets a role is what it holds"},
	access.SharedName: {
		"others have the user name {0|USER NAME} too: a binding to it counts also for {1|PRINCIPALS}",
		"give each its own with --username",
		"RBAC knows user names and groups, not IAM principals"},
	access.Unseen: {
		"{0|KIND} {1|NAME} could not be read, so what it gives to anybody is not compared: {2|DETAIL}",
		"ask for that permission, then preview again",
		"what nobody has read can't be compared, so a loss or gain by it would not be seen"},
	access.OwnedElsewhere: {
		"{p0} is managed by {1|OWNER}, which will undo or fight this change",
		"let it make the change: the same command with --export cloudformation, terraform or ack",
		"CloudFormation, Terraform and ACK put back what they find changed, or fail on it"},
	access.WildcardScope: {
		"the scope {0|PATTERN} also takes in namespaces that are made later",
		"name the namespaces one by one",
		"whoever may make a namespace of such a name hands out rights in it"},
	access.EscalatesBeyondYou: {
		"{1|ROLE} gives more than {p0} has, so the API server may refuse to bind it",
		"ask somebody who has it, or the verb bind on it, to run this",
		"the API server lets somebody bind only what they hold through RBAC, or with the verb bind"},
	access.MadeAnew: {
		"{K} was changed by somebody else, so the plan is made anew, and {0|N} of its {1|M} steps are not those of the one before",
		"look at what they changed, and at the plan as at any new one: kubectl eks-access resume --replan --dry-run",
		"a yes was said to another plan; what came in between may have been meant to stop it"},
	access.ItemGone: {
		"the aws-auth item of {p0} was changed or taken out by somebody else while it was on its way to an access entry; what the entry gives already stays",
		"to take the access away too: kubectl eks-access revoke {a0}; to change it: kubectl eks-access change {a0}",
		"the change may have been meant to take access away, which the entry gives now; groups that were added are carried over"},
	access.GivesSince: {
		"{p0} gets more {i1} by taking the change back, though the change did not take it: {2|RULES}",
		"if it was taken away on purpose since: leave the change as it is, or kubectl eks-access revoke {a0} afterwards",
		"somebody else has changed since what this principal has; the undo knows only what the change did"},
	access.TakesSince: {
		"{p0} loses {i1} by taking the change back, though the change did not give it: {2|RULES}",
		"give it first in another way: kubectl eks-access grant {a0} --level LEVEL",
		"somebody else counts on what the change made, or a part of it can't be taken back"},
	access.GivenAgain: {
		"{p0} had been given {1|POLICY} when the plan stopped and has it no more; the plan made anew gives it again",
		"if it was taken away on purpose: kubectl eks-access undo, and then: kubectl eks-access revoke {a0}",
		"somebody may have taken the access away meanwhile; a plan made anew does all that was wished, and who is being moved would be left with nothing when the aws-auth item goes"},
	access.ServerRefuses: {
		"the API server refuses step {0|N} in a dry run: {1|ANSWER}",
		"mend what it names, or ask whoever answers for it",
		"it would refuse the real change too, and the plan would stop there"},
	access.ServerTried: {
		"the API server has tried {0|N} of {1|M} steps by a dry run",
		"",
		"a dry run checks all but the storing: rights, escalation, validity, quotas, admission webhooks and policies"},
	access.EKSHasNone: {
		"EKS has no dry run, so it could not try its steps ({0|NUMBERS})",
		"",
		"whether EKS takes an access entry, a policy or a mode shows when it is made; the plan stops there if not"},
	access.NeedsSteps: {
		"not tried, because they need what the plan makes first: {0|NUMBERS}",
		"",
		"the API server knows nothing of the steps before"},
	access.WebhookOnly: {
		"not tried, because an admission webhook is asked about real changes only: {0|NUMBERS} ({1|ANSWER})",
		"",
		"a webhook with side effects takes no part in dry runs, and the API server then refuses them"},
	access.RevokesAll: {
		"all access of {p0} goes, and it can't log in any more",
		"to take one thing only, name it: --policy NAME, --cluster-role NAME or --role NAME",
		"a flag that was forgotten must not turn one policy into everything; undo gives it back, but until then it is locked out"},
	access.YoursUnknown: {
		"whether {P} get more than you have is not known: the API server did not say who you are",
		"log in to the cluster, and preview again",
		"who may write access entries can hand out more than their own rights, and nothing checks it"},
}
