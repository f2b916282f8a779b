package access

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
)

// builder collects the steps of all intents. Steps that give come as the intents
// say them; steps that take away wait in the fields below until everything has been
// given, so that one plan has one bridge, one proof and one edit of aws-auth.
type builder struct {
	was  *Index // before any step
	ix   *Index // after the steps so far
	plan *Plan

	bridges  []bridged
	retire   []retired
	taken    []awsauth.Item // removed so far, as they stood before
	proofs   []Expect
	left     []string        // bridges that a stopped run of this plan left unworn
	begun    *unfinished     // by plans whose rest this is; nil: by none
	grantees map[string]bool // principal IDs that are meant to gain
	forgone  map[string]bool // principal IDs whose loss is asked for by a finding
	broken   error           // a step that does not start from what is there
	switchTo Mode
	drop     []Step      // revoked policies and entries, after the items of aws-auth
	unbind   []unbinding // and then names in bindings
}

// retired is an aws-auth item to remove, once its principal's new access is proven.
type retired struct {
	item  awsauth.Item
	who   Principal
	sort  retirement
	first []Expect
}

// retirement is why an item goes; each sort has an edit of its own, in this order.
type retirement uint8

const (
	replaced retirement = iota // by an entry of a person or a program
	revoked                    // its principal shall have no access
	ofNode                     // replaced by a node's entry: last
)

// Build turns intents into one plan, checked by Guard at every prefix. The error
// is for a wish that can't be planned at all (an unknown role, a contradiction, a
// fact that could not be read) and says how to fix it; what can be planned but must
// not run is a Refuse finding instead, so that it can be looked at.
func Build(s Snapshot, intents ...Intent) (Plan, error) { return newBuilder(s).build(s, intents) }

func (b *builder) build(s Snapshot, intents []Intent) (Plan, error) {
	if err := b.readable(); err != nil {
		return Plan{}, err
	}
	for _, in := range intents {
		if err := b.intend(in); err != nil {
			return Plan{}, err
		}
		b.plan.Intents, b.plan.From = append(b.plan.Intents, in.words()), append(b.plan.From, in)
	}
	b.finish()
	if err := b.takeAway(); err != nil {
		return Plan{}, err
	}
	b.madeAnew()
	return b.done(s, b.everyone())
}

func (b *builder) intend(in Intent) error {
	in, left := b.rest(in)
	if !left {
		return nil
	}
	switch in := in.(type) {
	case Migrate:
		return b.migrate(in)
	case GrantAccess:
		if err := b.carryOn(in); err != nil {
			return err
		}
		return b.grant(in)
	case RevokeAccess:
		return b.revoke(in)
	case ChangeIdentity:
		return b.changeIdentity(in)
	case SwitchMode:
		return b.switchMode(in.To)
	}
	panic(fmt.Sprintf("intent %T", in))
}

// everyone who is in force must keep what they have: no intent takes rights away, but
// those whose loss a finding asks for.
func (b *builder) everyone() []Principal {
	var out []Principal
	for _, r := range b.was.Rows() {
		if !b.forgone[r.Principal.ID()] {
			out = append(out, r.Principal)
		}
	}
	return out
}

// BuildSteps makes a plan of steps that are known already: an undo, a plan file.
// Guard and deltas are computed for the cluster as it stands.
func BuildSteps(s Snapshot, steps []Step) (Plan, error) {
	b := newBuilder(s)
	if err := b.readable(); err != nil {
		return Plan{}, err
	}
	for _, st := range steps {
		was, _ := st.Before.(AuthMode)
		if is, ok := st.After.(AuthMode); ok {
			b.say(Confirm, OneWayMode, []Key{is.Key()}, string(was.Mode), string(is.Mode))
		}
		b.step(st)
	}
	for _, id := range b.touched() {
		if m := b.ix.inForce(id); m.State == Active && m.Source != FromCreator {
			b.proofs = append(b.proofs, b.ask(m)...)
		}
	}
	return b.done(s, nil)
}

// touched are the principals whose mapping, policies or rights the steps change.
func (b *builder) touched() []string {
	out := []string{}
	for _, id := range affected(b.was, b.ix, nil) {
		if !sameIdentity(b.was, b.ix, id) || len(Compare(b.was, b.ix, b.ix.principal(id))) > 0 {
			out = append(out, id)
		}
	}
	return out
}

func newBuilder(s Snapshot) *builder {
	c, _ := s.Cluster()
	ix := NewIndex(s)
	return &builder{was: ix, ix: ix.fork(), plan: &Plan{Cluster: c, Caller: s.Caller.AWS, At: s.At}, grantees: map[string]bool{}, forgone: map[string]bool{}}
}

// readable refuses to plan on facts that are missing: a plan is only as safe as
// what it was made from.
func (b *builder) readable() error {
	s := b.was.snap
	if s.Realm("eks") == "" || s.Realm("kube") == "" {
		return errors.New("a change needs both the EKS API and the Kubernetes API of the cluster")
	}
	for _, k := range []struct {
		api   string
		kind  Kind
		words string
	}{{"eks", ClusterKind, "the cluster"}, {"eks", AuthModeKind, "the authentication mode"}, {"eks", EntryKind, "the access entries"}, {"kube", AuthMapKind, "aws-auth"}} {
		if k.kind == AuthMapKind && s.Mode() == APIMode {
			continue // not read by EKS, so not needed
		}
		if g, ok := s.Gap(s.Realm(k.api), k.kind, ""); ok {
			return fmt.Errorf("nothing can be planned while %s could not be read (%s): %s", k.words, g.Why, g.Detail)
		}
	}
	if c, ok := s.Cluster(); ok && c.Status != "ACTIVE" {
		b.say(Refuse, ClusterNotActive, nil, c.Status)
	}
	return nil
}

func (b *builder) done(s Snapshot, keep []Principal) (Plan, error) {
	if b.broken != nil {
		return Plan{}, b.broken
	}
	p := b.plan
	if len(p.Steps) == 0 {
		if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Severity >= Warn }) {
			b.say(Info, NothingToDo, nil)
		}
	} else if c := p.Cluster; otherEndpoint(s, c) {
		// The two halves may be of two clusters: an item would go in one, its entry come in the other.
		b.say(Confirm, EndpointDiffers, []Key{c.Key()}, s.Server, c.Endpoint)
	}
	for _, st := range p.Steps {
		if n, ok := st.Before.(Namespace); ok && st.After == nil {
			b.say(Warn, NamespaceGoes, []Key{n.Key()}, n.Name)
		}
	}
	b.owners()
	b.unseen()
	p.Deltas = Compare(b.was, b.ix)
	if keep != nil {
		b.gains()
	}
	p.Expect = append(p.Expect, b.proofs...)
	for _, e := range p.Expect {
		if e.Policies && e.Principal.ID() != s.Caller.Kube.ID() {
			b.say(Info, NotProvable, nil, e.Principal.String())
		}
	}
	p.Findings = append(p.Findings, guardFrom(b.was, *p, keep)...)
	slices.SortStableFunc(p.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(x.Code, y.Code), slices.Compare(x.Args, y.Args))
	})
	p.Findings = slices.CompactFunc(p.Findings, func(x, y Finding) bool { return x.Code == y.Code && slices.Equal(x.Args, y.Args) })
	return *p, nil
}

// step appends one change and moves the projection on.
func (b *builder) step(st Step) {
	st.Settle = takes(st)
	if had := b.live(st.Key()); !Same(st.Before, had) && b.broken == nil {
		b.broken = &Conflict{Key: st.Key(), Want: st.Before, Have: had}
	}
	if mode, ok := st.After.(AuthMode); ok && mode.Mode == APIMode {
		b.leftInMap()
	}
	b.plan.Steps = append(b.plan.Steps, st)
	b.ix.advance(st)
}

func (b *builder) say(sev Severity, code Code, about []Key, args ...string) {
	b.plan.Findings = append(b.plan.Findings, Finding{Code: code, Severity: sev, About: about, Args: args})
}

// unseen says what could not be read and would have counted: the comparison of
// before and after is only as good as what was seen.
func (b *builder) unseen() {
	if len(b.plan.Steps) == 0 {
		return
	}
	for _, g := range b.was.snap.Gaps {
		if g.Kind != PolicyKind && g.Kind != IAMPrincipalKind {
			b.say(Warn, Unseen, nil, string(g.Kind), g.Name, g.Detail)
		}
	}
}

// leftInMap asks, before aws-auth stops counting, for everyone whom it still lets in.
func (b *builder) leftInMap() {
	for _, m := range b.ix.Mappings() {
		if m.Source == FromAuthMap && (m.State == Active || m.State == Undecided) {
			b.say(pick(nodeItem(m.Identity), Refuse, Confirm), LeftInMap, []Key{m.From}, m.Principal.String())
			b.forgone[m.Principal.ID()] = true
		}
	}
}

// gains says who gets more than was asked for: anyone but the principals that a
// grant names. Without a grant nobody may gain.
func (b *builder) gains() {
	for _, d := range b.plan.Deltas {
		more := slices.DeleteFunc(slices.Clone(d.Gained), Everyones)
		if len(more) == 0 || b.grantees[d.Principal.ID()] {
			continue
		}
		b.say(pick(len(b.grantees) == 0, Refuse, Confirm), OthersGain, nil, d.Principal.String(), d.Namespace, ruleWords(more))
	}
}

// live returns the object under the key as it is after the steps so far.
func (b *builder) live(k Key) Object { return b.ix.snap.Objects.At(k) }

func (b *builder) eks() Realm  { return b.was.snap.Realm("eks") }
func (b *builder) kube() Realm { return b.was.snap.Realm("kube") }

func (b *builder) partition() string { return cmp.Or(partition(b.plan.Cluster.ARN), "aws") }

// authMap is aws-auth after the steps so far: an absent one is empty, and one that
// the authenticator can't read whole is never edited.
func (b *builder) authMap() (am AuthMap, exists bool, err error) {
	am, exists = b.ix.snap.AuthMap()
	if !exists {
		return AuthMap{In: b.kube()}, false, nil
	}
	if i := slices.IndexFunc(b.ix.parsed.Problems, func(p awsauth.Problem) bool { return p.Lost }); i >= 0 {
		p := b.ix.parsed.Problems[i]
		return am, true, fmt.Errorf("aws-auth is not changed while it can't be read: data.%s, line %d: %s. Repair it with kubectl edit -n kube-system configmap aws-auth", p.Section, p.Line, p.Detail)
	}
	return am, true, nil
}

// switchMode adds the steps from the present mode to another, one at a time: EKS
// allows each only once, forward, and never a skip.
func (b *builder) switchMode(to Mode) error {
	order := []Mode{ConfigMapMode, BothMode, APIMode}
	from, want := slices.Index(order, b.ix.snap.Mode()), slices.Index(order, to)
	switch {
	case want < 0:
		return fmt.Errorf("authentication mode %q: want %s or %s", to, BothMode, APIMode)
	case want < from:
		return fmt.Errorf("the cluster is in mode %s and can't go back to %s: EKS switches forward only", order[from], to)
	}
	for ; from < want; from++ {
		was, is := AuthMode{b.eks(), order[from]}, AuthMode{b.eks(), order[from+1]}
		b.say(Confirm, OneWayMode, []Key{is.Key()}, string(was.Mode), string(is.Mode))
		b.step(Step{Before: was, After: is, Why: WhyMode, Args: []string{string(was.Mode), string(is.Mode)}})
	}
	return nil
}
