package access

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// APIVersion is the version of every JSON form we write.
const APIVersion = "eks-access/v1alpha1"

// Intent is what a person wants, as plain data: Migrate, GrantAccess, SwitchMode.
type Intent interface {
	words() string
	about() []Principal // whom it names
}

// Request is one question to an authorizer, in the API server's attributes.
type Request struct {
	Verb        string `json:"verb"`
	Group       string `json:"group,omitempty"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Name        string `json:"name,omitempty"`
	Namespace   string `json:"namespace,omitempty"` // "" asks at the cluster scope
	URL         string `json:"url,omitempty"`       // a non-resource request
}

// Expect is a question with its right answer: either a Request asked as Identity,
// or an Object that must read back as it is here.
type Expect struct {
	Principal Principal
	Identity  Identity
	Request   Request
	Want      bool
	// Policies: the right comes from access policies, so a review for somebody
	// else can't show it. It is provable only as the principal itself
	// (EKS user guide, "Associate access policies": impersonation uses RBAC only).
	Policies bool
	Object   Object
}

// Step is one change: Before nil creates, After nil deletes, both update.
type Step struct {
	Before, After Object
	First         []Expect // must hold before this step takes something away
	Settle        bool     // takes something away: wait until what was written before it counts
	Why           Code
	Args          []string
}

// Key is the key of the object the step is about.
func (s Step) Key() Key {
	if s.After != nil {
		return s.After.Key()
	}
	return s.Before.Key()
}

// Sign is '+', '~' or '-'.
func (s Step) Sign() byte {
	switch {
	case s.Before == nil:
		return '+'
	case s.After == nil:
		return '-'
	}
	return '~'
}

// Plan is ordered steps, what must hold when they are done, and what to say about it.
type Plan struct {
	Cluster  Cluster   // what it was made for: another cluster's plan is refused
	Caller   Principal // who looked
	At       time.Time // when the facts were read
	Intents  []string  // for the screen only, in words; Apply never looks
	From     []Intent  // what Build made it of, so that it can be made again; none for known steps
	Undoes   []string  // the journals whose steps this takes back, none for a plan of its own
	GoesOn   []string  // the journals whose rest this is, made anew after a conflict; the latest first
	Steps    []Step
	Expect   []Expect
	Findings []Finding
	Deltas   []Delta
	Impact   Impact
}

// Impact is how many principals a plan reaches: whoever loses something and gains
// something is among both.
type Impact struct {
	Lose int `json:"lose"`
	Gain int `json:"gain"`
	Keep int `json:"keep"` // exactly what they have
}

// Digest names what a person approved: the caller, the cluster and the steps.
func (p Plan) Digest() string {
	text, err := json.Marshal(struct {
		Caller  string
		Cluster string
		Steps   []Step
	}{p.Caller.ID(), p.Cluster.ARN, p.Steps})
	if err != nil {
		panic(err) // every Object encodes
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Refused reports whether a guard forbids the plan.
func (p Plan) Refused() bool { return len(p.Refusals()) > 0 }

// Refusals are the codes for which a plan never runs, Confirms those that must be
// accepted one by one before it does; both sorted.
func (p Plan) Refusals() []Code { return p.codes(Refuse) }
func (p Plan) Confirms() []Code { return p.codes(Confirm) }

func (p Plan) codes(sev Severity) []Code {
	var out []Code
	for _, f := range p.Findings {
		if f.Severity == sev && !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	slices.Sort(out)
	return out
}

// Unaccepted are the codes that still need a yes.
func (p Plan) Unaccepted(yes []Code) []Code {
	return slices.DeleteFunc(p.Confirms(), func(c Code) bool { return slices.Contains(yes, c) })
}

// ErrOneWay says that a plan can't be undone: EKS never goes back to an earlier
// authentication mode (EKS user guide, "Change authentication mode").
var ErrOneWay = errors.New("the authentication mode can't be switched back")

// Inverse returns the steps that take back the first done steps, newest first.
// Steps on the authentication mode stay; they are returned with ErrOneWay beside
// the steps that can be undone. Dead entries stay away, too.
func Inverse(done []Step) ([]Step, error) {
	var out []Step
	var err error
	for _, s := range slices.Backward(done) {
		if s.Key().Kind == AuthModeKind {
			err = ErrOneWay
			continue
		}
		if s.Why == WhyDead {
			continue // made again it would live, and it gave nothing
		}
		out = append(out, Step{Before: s.After, After: s.Before, Why: WhyUndo, Args: []string{string(s.Why)}})
	}
	return out, err
}

type jsonStep struct {
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	First  []Expect        `json:"first,omitempty"`
	Settle bool            `json:"settle,omitempty"`
	Why    Code            `json:"why"`
	Args   []string        `json:"args,omitempty"`
}

// MarshalJSON writes the pair with the kinds of its objects.
func (s Step) MarshalJSON() ([]byte, error) {
	before, err := EncodeObject(s.Before)
	if err != nil {
		return nil, err
	}
	after, err := EncodeObject(s.After)
	if err != nil {
		return nil, err
	}
	return json.Marshal(jsonStep{before, after, s.First, s.Settle, s.Why, s.Args})
}

// UnmarshalJSON reads it back and refuses a step about nothing or about two objects.
func (s *Step) UnmarshalJSON(text []byte) error {
	var j jsonStep
	if err := exactly(text, &j); err != nil {
		return err
	}
	before, err := objectExactly(orNull(j.Before))
	if err != nil {
		return fmt.Errorf("before: %w", err)
	}
	after, err := objectExactly(orNull(j.After))
	if err != nil {
		return fmt.Errorf("after: %w", err)
	}
	switch {
	case before == nil && after == nil:
		return errors.New("a step needs a before or an after")
	case before != nil && after != nil && before.Key() != after.Key():
		return fmt.Errorf("a step's before (%s %s) and after (%s %s) are two objects", before.Key().Kind, before.Key().Name, after.Key().Kind, after.Key().Name)
	}
	*s = Step{before, after, j.First, j.Settle, j.Why, j.Args}
	return nil
}

type jsonExpect struct {
	Principal Principal       `json:"principal,omitzero"`
	Identity  Identity        `json:"identity,omitzero"`
	Request   *Request        `json:"request,omitempty"`
	Want      bool            `json:"want"`
	Policies  bool            `json:"policies,omitempty"`
	Object    json.RawMessage `json:"object,omitempty"`
}

// MarshalJSON writes the question, or the object.
func (e Expect) MarshalJSON() ([]byte, error) {
	j := jsonExpect{Principal: e.Principal, Identity: e.Identity, Want: e.Want, Policies: e.Policies}
	if e.Object == nil {
		j.Request = &e.Request
		return json.Marshal(j)
	}
	object, err := EncodeObject(e.Object)
	j.Object = object
	return orBytes(j, err)
}

// UnmarshalJSON reads it back.
func (e *Expect) UnmarshalJSON(text []byte) error {
	var j jsonExpect
	if err := exactly(text, &j); err != nil {
		return err
	}
	object, err := objectExactly(orNull(j.Object))
	if err != nil {
		return err
	}
	*e = Expect{Principal: j.Principal, Identity: j.Identity, Want: j.Want, Policies: j.Policies, Object: object}
	if j.Request != nil {
		e.Request = *j.Request
	}
	if object == nil && j.Request == nil {
		return errors.New("an expectation needs a request or an object")
	}
	return nil
}

type jsonPlan struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Cluster    Cluster           `json:"cluster"`
	Caller     Principal         `json:"caller"`
	At         time.Time         `json:"at"`
	Digest     string            `json:"digest"`
	Intents    []string          `json:"intents"`
	From       []json.RawMessage `json:"from,omitempty"` // files of earlier releases have none
	Undoes     []string          `json:"undoes,omitempty"`
	GoesOn     []string          `json:"goesOn,omitempty"`
	Steps      []Step            `json:"steps"`
	Expect     []Expect          `json:"expect"`
	Findings   []Finding         `json:"findings"`
	Deltas     []Delta           `json:"deltas"`
	Impact     Impact            `json:"impact"`
}

// MarshalJSON writes the plan file that `apply -f` takes.
func (p Plan) MarshalJSON() ([]byte, error) {
	from, err := encodeIntents(p.From)
	return orBytes(jsonPlan{APIVersion, "Plan", p.Cluster, p.Caller, p.At, p.Digest(), orEmpty(p.Intents), from, p.Undoes, p.GoesOn,
		orEmpty(p.Steps), orEmpty(p.Expect), orEmpty(p.Findings), orEmpty(p.Deltas), p.Impact}, err)
}

// UnmarshalJSON reads a plan file. It refuses another kind or version, a field that it does
// not know, and a file whose steps are not those its digest names: an edited plan was
// never previewed.
func (p *Plan) UnmarshalJSON(text []byte) error {
	var head struct{ APIVersion, Kind string }
	if err := json.Unmarshal(text, &head); err != nil {
		return err
	}
	if head.Kind != "Plan" || head.APIVersion != APIVersion {
		return fmt.Errorf("want apiVersion %s and kind Plan, have %q and %q", APIVersion, head.APIVersion, head.Kind)
	}
	var j jsonPlan
	if err := exactly(text, &j); err != nil {
		return err
	}
	from, err := decodeIntents(j.From)
	if err != nil {
		return err
	}
	*p = Plan{j.Cluster, j.Caller, j.At, j.Intents, from, j.Undoes, j.GoesOn, j.Steps, j.Expect, j.Findings, j.Deltas, j.Impact}
	if p.Digest() != j.Digest {
		return errors.New("the steps are not those that were previewed (digest differs): make the plan again")
	}
	return nil
}

func orNull(text json.RawMessage) []byte {
	if len(text) == 0 {
		return []byte("null")
	}
	return text
}

func orEmpty[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

func orBytes(v any, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}
