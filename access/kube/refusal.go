package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/eks-access/kubectl-eks-access/access"
)

// refusal is a client-go error in our words. The Status ends here.
type refusal struct {
	why      access.Code
	text     string // what, where, how to fix
	answered bool
	context  error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.context }

// missing is a refusal because something that a change needs is not there.
type missing struct{ *refusal }

func (m missing) Unwrap() error { return m.refusal }
func (m missing) Absent() bool  { return true }

// Answered reports whether the API server said no: then nothing was written.
func (r *refusal) Answered() bool { return r.answered }

func absent(err error) bool { return apierrors.IsNotFound(err) }

// subject is the user in the API server's sentence.
var subject = regexp.MustCompile(`(?:User "([^"]*)" cannot|user "([^"]*)" \(groups=.* is attempting to grant)`)

// refused puts an error into words, once.
func (s *Side) refused(verb string, k access.Key, err error) error {
	if err == nil {
		return nil
	}
	what := resourceOf(k)
	var status apierrors.APIStatus
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &refusal{access.Unreachable, fmt.Sprintf("%s %s was given up: no answer in time", verb, what), false, err}
	case apierrors.IsForbidden(err):
		return s.forbidden(verb, k, err)
	case apierrors.IsUnauthorized(err):
		return &refusal{access.Unauthorized, fmt.Sprintf("%s does not know who we are (401): the principal has no mapping in this cluster, or the kubeconfig's helper signs for another cluster or with other credentials; compare `aws sts get-caller-identity`", s.server), true, nil}
	case errors.Is(err, errBroken):
		return &refusal{access.Broken, fmt.Sprintf("%s %s: %v; something between here and %s answers in its place, or it is no API server", verb, what, err, s.server), true, nil}
	case apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "does not support dry run"):
		// An admission webhook with side effects (kubernetes apiserver
		// pkg/admission/plugin/webhook/errors): it is asked about real writes only.
		return fmt.Errorf("%w: %s", access.ErrNoDryRun, strings.TrimSpace(err.Error()))
	case errors.As(err, &status):
		code := status.Status().Code
		why := access.Broken
		if code >= 500 || code == 429 {
			why = access.Unreachable
		}
		r := &refusal{why, fmt.Sprintf("%s %s: %s", verb, what, status.Status().Message), why == access.Broken && code != 0, nil}
		if absent(err) {
			return missing{r}
		}
		return r
	case strings.Contains(err.Error(), "getting credentials") || strings.Contains(err.Error(), "exec plugin"):
		return &refusal{access.Unauthorized, fmt.Sprintf("the kubeconfig's helper gives no credentials: %v; log in again (aws sso login, with the helper's profile) or run the helper by hand to see why", err), true, nil}
	}
	return &refusal{access.Unreachable, fmt.Sprintf("no answer from the API server %s: %v; a private endpoint needs the VPN or a proxy", s.server, err), false, nil}
}

func (s *Side) forbidden(verb string, k access.Key, err error) error {
	f := &access.Forbidden{Who: "the present user", Action: verb + " " + resourceOf(k), Detail: "ask for the verb " + verb + " on " + resourceOf(k)}
	m := subject.FindStringSubmatch(err.Error())
	if m != nil {
		f.Who = cmp.Or(m[1], m[2], `the user ""`)
	}
	switch {
	case strings.Contains(err.Error(), "attempting to grant"):
		// The API server's escalation check sees RBAC only.
		f.Detail = "the API server lets nobody grant what they don't hold through RBAC (rights from access policies don't count): use AmazonEKSClusterAdminPolicy, or ask for the verbs bind and escalate"
	case m == nil && refuses.MatchString(err.Error()):
		return &refusal{access.Denied, fmt.Sprintf("%s %s is refused: %s", verb, resourceOf(k), refuses.FindString(err.Error())), true, nil}
	}
	return f
}

// refuses is the sentence of what refuses by the object and not by who asks: admission
// webhooks and policies, quotas, a namespace that is being deleted.
var refuses = regexp.MustCompile(`(?s)(admission webhook .* denied the request|ValidatingAdmissionPolicy .* denied request|exceeded quota: |unable to create new content in namespace ).*`)

// resourceOf says an object in RBAC's words: verb and resource are what one asks for.
func resourceOf(k access.Key) string {
	gvr, ok := resources[k.Kind]
	what := gvr.Resource
	if !ok {
		what = string(k.Kind) // a review
	}
	if gvr.Group != "" {
		what += "." + gvr.Group
	}
	if k.Name != "" {
		what += fmt.Sprintf(" %q", k.Name)
	}
	switch {
	case k.Namespace != "":
		return what + " in namespace " + k.Namespace
	case k.Name == "":
		return what + " in the whole cluster"
	}
	return what
}

func (s *Side) gap(k access.Kind, verb string, about access.Key, err error) access.Gap {
	err = s.refused(verb, about, err)
	g := access.Gap{Realm: s.realm, Kind: k, Why: access.Denied, Detail: err.Error()}
	var r *refusal
	if errors.As(err, &r) {
		g.Why = r.why
	}
	return g
}
