package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// world is one snapshot made ready to be looked at: its index, its findings and
// the words of every row. It is made away from the keyboard; cells are left to
// the index, which answers for what is on the screen.
type world struct {
	ix       *access.Index
	lines    []line
	findings []access.Finding
	cluster  access.Cluster // zero while it is not known
	mode     access.Mode
	reading  string // what is still being read
	holes    []access.Gap
	account  string
	wants    wants // of all rows, so that columns don't move when rows do
}

// line is the words of one row.
type line struct {
	row    access.Row
	id     string
	name   string
	detail string
	user   string
	groups string
	via    string
	lower  string // the name, in lower case
	search string // lower case: what the filter looks through
	states []string
}

// survey builds the world of a snapshot. It can take a while on a big cluster; less
// from the index of one before, a clone that nobody else uses.
func survey(s access.Snapshot, was *access.Index) *world {
	ix := was
	if was == nil {
		ix = access.NewIndex(s)
	} else {
		ix = was.Renew(s)
	}
	w := &world{ix: ix, account: s.Caller.AWS.Account}
	w.cluster, _ = s.Cluster()
	w.mode, w.reading, w.holes = s.Mode(), waiting(s), holes(s)
	if w.cluster.Account != "" {
		w.account = w.cluster.Account
	}
	if w.reading == "" {
		w.findings = access.Inspect(w.ix) // of half a cluster they would be half true
	}
	for _, r := range w.ix.Rows() {
		w.lines = append(w.lines, w.line(r))
	}
	w.wants = wanted(w.lines)
	return w
}

// wanted are the widths of the texts. The columns are there before their texts.
func wanted(ls []line) wants {
	var name, detail, user, ident, all, via, place widths
	for _, l := range ls {
		u, g := report.Width(l.user), report.Width(l.groups)
		name, detail = append(name, report.Width(l.name)), append(detail, report.Width(l.detail))
		user, ident, all = append(user, u), append(ident, max(u, g)), append(all, u+gap+g)
		at, _ := l.where()
		via, place = append(via, report.Width(l.via)), append(place, report.Width(at))
	}
	return wants{name: name.extent(20), detail: detail.extent(0), user: user.extent(20), ident: ident.extent(20), whole: all.extent(20),
		via: via.extent(8).most, place: place.extent(8).most}
}

// widths are those of a column's texts.
type widths []int

// extent is what nearly all of them have room in, and what all of them have.
func (ws widths) extent(least int) extent {
	if len(ws) == 0 {
		return extent{least, least}
	}
	slices.Sort(ws)
	few := (len(ws) + 5) / 10 // so many may be longer than is usual
	return extent{max(least, ws[len(ws)-1-min(few, len(ws)-1)]), max(least, ws[len(ws)-1])}
}

func (w *world) line(r access.Row) line {
	l := line{row: r, id: r.Principal.ID(), name: report.Name(r.Principal),
		detail: report.Detail(r.Principal, w.account), via: report.Via(r)}
	m, ok := r.Active()
	if !ok {
		m, ok = r.Undecided()
	}
	if ok {
		l.user = report.Safe(shortUser(m.Identity.User))
		l.groups = groups(m, w.ix.Policies(m))
	}
	for _, m := range r.Mappings {
		l.states = append(l.states, string(m.State))
	}
	l.lower = strings.ToLower(l.name)
	l.search = strings.ToLower(strings.Join([]string{l.name, l.detail, l.user, l.groups, m.Identity.User, r.Principal.ARN}, "\x00"))
	return l
}

// where is the via in its two parts: the place of the mapping, and its state when it
// is not in force. A column too narrow for both shows the place.
func (l line) where() (place, state string) {
	place, state, _ = strings.Cut(l.via, " (")
	return place, strings.TrimSuffix(state, ")")
}

// shortUser leaves out what every default name of an entry begins with: the STS form
// of a role repeats partition and account. The whole name is in the why.
func shortUser(user string) string {
	if _, rest, ok := strings.Cut(user, ":assumed-role/"); ok && strings.HasPrefix(user, "arn:") {
		return "…/" + rest
	}
	return user
}

// groups are what the identity carries: its groups, then its access policies with
// their scopes.
func groups(m access.Mapping, ps []access.PolicyAssociation) string {
	var out []string
	for _, g := range m.Identity.Groups {
		out = append(out, report.Cut(report.Safe(g), 60))
	}
	for _, p := range ps {
		name := strings.TrimPrefix(access.PolicyName(p.Policy), "AmazonEKS")
		if p.Scope.Cluster {
			out = append(out, report.Safe(name))
			continue
		}
		out = append(out, report.Safe(name+" "+report.Cut(strings.Join(p.Scope.Namespaces, ","), 40)))
	}
	return strings.Join(out, " · ")
}

// you is the caller's row: as Kubernetes knows it, else as AWS does.
func (w *world) you() (access.Row, bool) {
	c := w.ix.Snapshot().Caller
	for _, p := range []access.Principal{c.Kube, c.AWS} {
		if p.ARN == "" {
			continue
		}
		if r, ok := w.ix.Row(p); ok {
			return r, true
		}
	}
	return access.Row{}, false
}

// kindWords are the kinds a person waits for.
var kindWords = map[access.Kind]string{
	access.ClusterKind: "cluster", access.AuthModeKind: "mode", access.EntryKind: "entries",
	access.AssociationKind: "policies", access.PolicyKind: "policy names", access.AuthMapKind: "aws-auth",
	access.NamespaceKind: "namespaces", access.RoleKind: "roles", access.ClusterRoleKind: "cluster roles",
	access.RoleBindingKind: "bindings", access.ClusterRoleBindingKind: "cluster bindings", access.IAMPrincipalKind: "IAM",
}

// waiting says what is still being read, with numbers where they are known.
func waiting(s access.Snapshot) string {
	left := map[access.Kind]int{}
	whole := map[access.Kind]bool{}
	for _, g := range s.Gaps {
		if g.Why != access.Loading {
			continue
		}
		if g.Name == "" {
			whole[g.Kind] = true
		} else {
			left[g.Kind]++
		}
	}
	if len(whole)+len(left) == 0 {
		return ""
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(left)) {
		// Entries that are known by name only are objects and gaps at once.
		total := max(s.Objects.Count(k), left[k])
		if !whole[k] {
			out = append(out, fmt.Sprintf("%s %d/%d", kindWord(k), total-left[k], total))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(whole)) {
		switch n := s.Objects.Count(k); n {
		case 0:
			out = append(out, kindWord(k))
		default:
			out = append(out, fmt.Sprintf("%s %d", kindWord(k), n))
		}
	}
	return strings.Join(out, ", ")
}

func kindWord(k access.Kind) string {
	if w, ok := kindWords[k]; ok {
		return w
	}
	return string(k)
}

// holes are the gaps that are not just on their way.
func holes(s access.Snapshot) []access.Gap {
	return slices.DeleteFunc(slices.Clone(s.Gaps), func(g access.Gap) bool { return g.Why == access.Loading })
}

// differing ranks namespaces: those in which most rows have grants of their own
// come first, the rest stay in order. The index must be nobody else's.
func differing(ix *access.Index) []string {
	count := map[string]int{}
	for _, r := range ix.Rows() {
		if m, ok := r.Active(); ok {
			for _, ns := range ix.Scopes(m) {
				count[ns]++
			}
		}
	}
	names := slices.Clone(ix.Namespaces())
	slices.SortStableFunc(names, func(a, b string) int { return count[b] - count[a] })
	return names
}
