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
	emptied  map[string]bool // principal IDs whose whole access is revoked
	moved    map[string]bool // principal IDs that an intent before this one migrates
	buried   map[Key]bool    // dead entries that are deleted
	broken   error           // a step that does not start from what is there
	switchTo Mode
	drop     []dropped      // revoked policies and entries, after the items of aws-auth
	renamed  []movedSubject // whose old names shall go, too
	unbind   []unbinding    // and then names in bindings
}

// Build turns intents into one plan, checked by Guard at every prefix. The error
// is for a wish that can't be planned at all (an unknown role, a contradiction, a
// fact that could not be read) and says how to fix it; what can be planned but must
// not run is a Refuse finding instead, so that it can be looked at.
func Build(s Snapshot, intents ...Intent) (Plan, error) { return newBuilder(s).build(s, intents) }

func (b *builder) build(s Snapshot, intents []Intent) (Plan, error) {
	if err := b.readable(); err != nil {
		return Plan{}, err
	}
	if err := b.together(intents); err != nil {
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
		return b.setMode(in.To)
	case ChangeScope:
		return b.changeScope(in)
	case ChangeType:
		return b.changeType(in)
	case Remake:
		return b.remake(in)
	case MakeRole:
		return b.makeRole(in)
	case BindRole:
		return b.bindRole(in)
	case MakeNamespaces:
		return b.makeNamespaces(in)
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
	b.strand()
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
	return &builder{was: ix, ix: ix.fork(), plan: &Plan{Cluster: c, Caller: s.Caller.AWS, At: s.At}, grantees: map[string]bool{}, forgone: map[string]bool{},
		emptied: map[string]bool{}, moved: map[string]bool{}, buried: map[Key]bool{}}
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

// step appends one change and moves the projection on.
func (b *builder) step(st Step) {
	st.Settle = takes(st)
	if had := b.live(st.Key()); !Same(st.Before, had) && b.broken == nil {
		b.broken = &Conflict{Key: st.Key(), Want: st.Before, Have: had}
	}
	if mode, ok := st.After.(AuthMode); ok && mode.Mode == APIMode {
		b.leftInMap()
		if st.First == nil { // a plan file's step has it
			st.First = b.inPlace()
		}
	}
	b.plan.Steps = append(b.plan.Steps, st)
	b.ix.advance(st)
}

func (b *builder) say(sev Severity, code Code, about []Key, args ...string) {
	b.plan.Findings = append(b.plan.Findings, Finding{Code: code, Severity: sev, About: about, Args: args})
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
