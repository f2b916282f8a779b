package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// Identity is who Kubernetes sees. Templates such as {{SessionName}} are left as
// written: they are filled in at each login.
type Identity struct {
	User   string   `json:"username"`
	Groups []string `json:"groups,omitempty"`
}

// Masters is the group that the API server allows everything before any
// authorizer is asked (kubernetes pkg/kubeapiserver/authorizer).
const Masters = "system:masters"

// Super reports whether the identity is in system:masters.
func (id Identity) Super() bool { return slices.Contains(id.Groups, Masters) }

// Node reports whether the identity is a node's: the Node authorizer decides for it.
func (id Identity) Node() bool {
	return slices.Contains(id.Groups, "system:nodes") || strings.HasPrefix(id.User, "system:node:")
}

// Source says which store a mapping is in.
type Source string

const (
	FromEntry   Source = "access-entry"
	FromAuthMap Source = "aws-auth"
	FromCreator Source = "creator" // in no visible place
	FromCaller  Source = "caller"  // who we are, as the API server told: a certificate, a token, or not read
)

// MappingState is a mapping's fate.
type MappingState string

const (
	Active      MappingState = "active"      // in force
	Shadowed    MappingState = "shadowed"    // another mapping of this principal wins
	Unmatchable MappingState = "unmatchable" // no caller can ever match it
	Dormant     MappingState = "dormant"     // the authentication mode does not read it
	Dead        MappingState = "dead"        // its principal is gone or was made again
	Undecided   MappingState = "unknown"     // a fact that decides it could not be read
)

// Reasons of a state.
const (
	EntryWins       Code = "entry-wins"         // shadowed by the access entry
	LaterItemWins   Code = "later-item-wins"    // shadowed by a later item of the same ARN
	RoleItemWins    Code = "role-item-wins"     // mapRoles is searched before mapUsers
	PathInRoleARN   Code = "path-in-role-arn"   // STS leaves the path out
	PathNotTheUsers Code = "path-not-the-users" // users keep their path, and this is not it
	PathsDiffer     Code = "paths-differ"       // two items name one user with two paths: IAM, unread, knows which
	SessionARN      Code = "session-arn"        // items are not canonicalised
	NotAnARN        Code = "not-an-arn"         //
	WrongPartition  Code = "wrong-partition"    // not the cluster's
	BlankInARN      Code = "blank-in-arn"       // text is not trimmed
	SSOMatcher      Code = "sso-matcher"        // behind a gate that is off by default
	ItemDropped     Code = "item-dropped"       // the authenticator leaves it out
	NotReadInMode   Code = "not-read-in-mode"   // dormant
	PrincipalGone   Code = "principal-gone"     // IAM does not have it
	GoneAsSpelled   Code = "gone-as-spelled"    // IAM does not have this spelling; an item holds for any
	PrincipalRemade Code = "principal-remade"   // created later than the entry, which keeps the old unique id
	ModeUnread      Code = "mode-unread"        // DescribeCluster gave no mode
	EntriesUnread   Code = "entries-unread"     // an entry could shadow it
	CaseAmbiguous   Code = "case-ambiguous"     // user items that differ in case: random per lookup
	DeadEntryAbove  Code = "dead-entry-above"   // whether EKS falls through to aws-auth is not documented
)

// Mapping is one line that turns a principal into an identity, with its fate.
type Mapping struct {
	Principal Principal
	Identity  Identity
	Source    Source
	From      Key
	Item      awsauth.Item // of aws-auth: section, index, line
	Type      string       // of an entry: STANDARD, EC2_LINUX, ...
	State     MappingState
	Reason    Code
}

// Line is the 1-based line in the section's text, 0 for an entry.
func (m Mapping) Line() int { return m.Item.Line }

// Resolve says which mapping wins for each principal: an active access entry
// replaces aws-auth as a whole; in aws-auth roles before users, the last of equal
// items, accounts only when nothing else matches. Sorted by principal, entry
// first, then by place.
//
// Source: EKS user guide "Migrate existing aws-auth ConfigMap entries to access
// entries"; aws-iam-authenticator pkg/mapper/configmap and pkg/server doMapping.
func Resolve(s Snapshot) []Mapping {
	am, _ := s.AuthMap()
	return resolve(s, awsauth.Parse(am.Data))
}

func resolve(s Snapshot, parsed awsauth.Map) []Mapping {
	r := resolver{s: s, gaps: s.gaps(), mode: s.Mode(), entry: map[string]Mapping{}, iam: map[string]IAMPrincipal{}}
	for _, p := range Of[IAMPrincipal](s.Objects) {
		r.iam[p.ID] = p
	}
	if c, ok := s.Cluster(); ok {
		r.partition = partition(c.ARN)
	}
	var out []Mapping
	for _, e := range Of[AccessEntry](s.Objects) {
		m := r.fromEntry(e)
		r.entry[strings.ToLower(m.Principal.Canonical())] = m
		out = append(out, m)
	}
	if am, ok := s.AuthMap(); ok {
		out = append(out, r.fromAuthMap(am, parsed)...)
	}
	if r.mode == ConfigMapMode {
		out = append(out, r.creator())
	}
	undecideTwins(out)
	return byPlace(out)
}

// byPlace sorts mappings by principal, entry first, then by their place in aws-auth.
func byPlace(ms []Mapping) []Mapping {
	return sorted(ms, func(m Mapping) string { return m.Principal.ID() }, func(a, b Mapping) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Item.Section, b.Item.Section), cmp.Compare(a.Item.Index, b.Item.Index))
	})
}

// sorted sorts by a key that costs something to make, then by what else counts.
func sorted[T any](list []T, key func(T) string, then func(a, b T) int) []T {
	type keyed struct {
		key string
		at  int
	}
	order := make([]keyed, len(list))
	for i, v := range list {
		order[i] = keyed{key(v), i}
	}
	slices.SortFunc(order, func(a, b keyed) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		return cmp.Or(then(list[a.at], list[b.at]), cmp.Compare(a.at, b.at))
	})
	out := make([]T, len(list))
	for i, k := range order {
		out[i] = list[k.at]
	}
	return out
}

// undecideTwins: a user has one path, so of two items that name it with two paths
// one at most is in force.
func undecideTwins(ms []Mapping) {
	first := map[string]int{}
	for i, m := range ms {
		if m.Source != FromAuthMap || m.State != Active || m.Principal.Kind != UserPrincipal {
			continue
		}
		id := m.Principal.ID()
		j, twin := first[id]
		if !twin {
			first[id] = i
			continue
		}
		for _, k := range []int{i, j} {
			ms[k].State, ms[k].Reason = Undecided, PathsDiffer
		}
	}
}

type resolver struct {
	s         Snapshot
	mode      Mode
	partition string
	entry     map[string]Mapping // by canonical ARN, lower case
	iam       map[string]IAMPrincipal
	gaps      gaps
}

func (r resolver) fromEntry(e AccessEntry) Mapping {
	p, _ := ParsePrincipal(e.Principal)
	m := Mapping{Principal: p, Source: FromEntry, From: e.Key(), Type: e.Type, State: Active,
		Identity: Identity{User: cmp.Or(e.Username, DefaultUsername(p)), Groups: set(e.Groups)}}
	// An entry that is there although others are not yet, or never, was read whole.
	if _, unread := r.gaps.of(e.In, EntryKind, e.Principal); unread {
		m.Identity = Identity{} // it exists, and who it makes of its principal is not known
	}
	fact, known := r.iam[p.ID()]
	switch {
	case r.mode == ConfigMapMode:
		m.State, m.Reason = Dormant, NotReadInMode
	case known && (fact.Gone || fact.ARN != e.Principal):
		// Another path is another principal for an entry: it matches the real ARN only.
		m.State, m.Reason = Dead, PrincipalGone
	case known && !e.Created.IsZero() && fact.Created.After(e.Created):
		m.State, m.Reason = Dead, PrincipalRemade
	}
	return m
}

// DefaultUsername is the name EKS gives a STANDARD entry that asks for none: a
// user's ARN, or the STS form of a role without its path (EKS user guide, "Create
// access entries").
func DefaultUsername(p Principal) string {
	if p.Kind == RolePrincipal {
		return "arn:" + p.Partition + ":sts::" + p.Account + ":assumed-role/" + p.Name + "/{{SessionName}}"
	}
	return p.ARN
}

func (r resolver) creator() Mapping {
	return Mapping{
		Principal: Principal{Kind: CreatorPrincipal, Name: "cluster creator"},
		Identity:  Identity{User: "kubernetes-admin", Groups: []string{Masters}},
		Source:    FromCreator, State: Active,
	}
}

func (r resolver) fromAuthMap(am AuthMap, parsed awsauth.Map) []Mapping {
	winner := map[string]int{}     // by folded ARN: the item that a lookup finds
	last := map[[2]string]int{}    // by folded ARN and key of the authenticator's map: the item that it keeps
	ambiguous := map[string]bool{} // folded ARNs with two such keys: a lookup takes either
	for i, it := range parsed.Items {
		if it.Dropped != "" || it.SSO || it.Section == awsauth.MapAccounts {
			continue
		}
		k := foldText(it.ARN)
		w, found := winner[k]
		if found && parsed.Items[w].Section != it.Section {
			continue // a role item came first and wins over users
		}
		ambiguous[k] = ambiguous[k] || found && mapKey(parsed.Items[w]) != mapKey(it)
		last[[2]string{k, mapKey(it)}] = i
		winner[k] = i
	}
	var out []Mapping
	for i, it := range parsed.Items {
		p, _ := ParsePrincipal(foldARN(it.ARN))
		m := Mapping{Principal: p, Source: FromAuthMap, From: am.Key(), Item: it, Identity: rendered(p, it)}
		k := foldText(it.ARN)
		m.State, m.Reason = r.judge(p, it, func() (MappingState, Code) {
			w, ok := winner[k]
			switch {
			case !ok || it.Section == awsauth.MapAccounts:
				return Active, ""
			case parsed.Items[w].Section != it.Section:
				return Shadowed, RoleItemWins
			case last[[2]string{k, mapKey(it)}] != i:
				return Shadowed, LaterItemWins
			case ambiguous[k]:
				return Undecided, CaseAmbiguous
			}
			return Active, ""
		})
		if p.Kind == AccountPrincipal {
			m.Identity = Identity{}
		}
		out = append(out, m)
	}
	return out
}

// mapKey is the key under which the authenticator keeps an item, the later in the
// place of the earlier: of users as written (pkg/config Key).
func mapKey(it awsauth.Item) string {
	if it.Section == awsauth.MapUsers {
		return it.ARN
	}
	return strings.ToLower(it.ARN)
}

// notASCII are the two letters that equal ASCII ones where case does not count.
var notASCII = strings.NewReplacer("\u017f", "s", "\u212a", "k")

// foldText is the same for all texts that strings.EqualFold takes for one ARN: by it
// the authenticator compares an item with a caller (pkg/config Matches).
func foldText(s string) string { return strings.ToLower(notASCII.Replace(s)) }

// foldARN lowers the parts of an ARN that have one spelling: the authenticator
// compares the whole text without regard to case (pkg/config Matches).
func foldARN(text string) string {
	parts := strings.SplitN(notASCII.Replace(text), ":", 6)
	if len(parts) < 6 {
		return text
	}
	for i := range parts[:5] {
		parts[i] = strings.ToLower(parts[i])
	}
	kind, rest, path := strings.Cut(parts[5], "/")
	parts[5] = strings.ToLower(kind) + pick(path, "/", "") + rest
	return strings.Join(parts, ":")
}

// rendered is an item's identity with the templates filled in that are the same at
// every login: the account, and the session's name of whoever has no session
// (aws-iam-authenticator pkg/server renderTemplate, pkg/token getIdentityFromSTSResponse).
func rendered(p Principal, it awsauth.Item) Identity {
	fill := func(s string) string {
		s = strings.ReplaceAll(s, "{{AccountID}}", p.Account)
		if p.Kind != RolePrincipal {
			s = strings.ReplaceAll(strings.ReplaceAll(s, "{{SessionName}}", ""), "{{SessionNameRaw}}", "")
		}
		return s
	}
	id := Identity{User: fill(it.Username)}
	for _, g := range it.Groups {
		id.Groups = append(id.Groups, fill(g))
	}
	id.Groups = set(id.Groups)
	return id
}

// judge says what becomes of an aws-auth item; among decides between items of one ARN.
func (r resolver) judge(p Principal, it awsauth.Item, among func() (MappingState, Code)) (MappingState, Code) {
	if it.Dropped != "" {
		return Unmatchable, ItemDropped
	}
	if code := unmatchable(p, it, r.partition); code != "" {
		return Unmatchable, code
	}
	if r.mode == APIMode {
		return Dormant, NotReadInMode
	}
	if r.mode == "" {
		return Undecided, ModeUnread
	}
	state, reason := among()
	if state == Shadowed {
		return state, reason
	}
	if r.mode.Entries() && it.Section != awsauth.MapAccounts {
		if e, ok := r.entry[foldText(it.ARN)]; ok {
			if e.State == Dead {
				return Undecided, DeadEntryAbove
			}
			return Shadowed, EntryWins
		}
		if _, gap := r.gaps.whole(r.s.Realm("eks"), EntryKind); gap {
			return Undecided, EntriesUnread
		}
	}
	fact, known := r.iam[p.ID()]
	switch {
	case known && fact.Unlisted:
		return Undecided, GoneAsSpelled
	case known && fact.Gone:
		return Dead, PrincipalGone
	case known && p.Kind == UserPrincipal && !strings.EqualFold(fact.ARN, p.ARN):
		return Unmatchable, PathNotTheUsers
	}
	return state, reason
}

// unmatchable says why no caller's canonical ARN can equal the item's text.
func unmatchable(p Principal, it awsauth.Item, partition string) Code {
	switch {
	case it.SSO:
		return SSOMatcher
	case it.Section == awsauth.MapAccounts:
		return pick(p.Kind == AccountPrincipal, Code(""), NotAnARN)
	case strings.TrimSpace(it.ARN) != it.ARN:
		return BlankInARN
	case p.FromSession():
		return SessionARN
	case p.Kind == UnknownPrincipal, p.Kind == AccountPrincipal:
		return NotAnARN
	case p.Kind == RolePrincipal && p.Path != "/":
		return PathInRoleARN
	case partition != "" && !strings.EqualFold(p.Partition, partition):
		return WrongPartition
	}
	return ""
}

func partition(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}
