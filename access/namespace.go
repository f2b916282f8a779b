package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MakeNamespaces makes the namespaces that do not exist yet.
type MakeNamespaces struct{ Names []string }

func (in MakeNamespaces) words() string      { return "make the namespaces " + listed(in.Names) }
func (in MakeNamespaces) about() []Principal { return nil }

func (b *builder) makeNamespaces(in MakeNamespaces) error {
	if len(in.Names) == 0 {
		return errors.New("name the namespaces to make")
	}
	if err := (GrantAccess{Namespaces: in.Names}).names(); err != nil {
		return err
	}
	for _, ns := range set(in.Names) {
		if err := b.namespace(ns, true); err != nil {
			return err
		}
	}
	return nil
}

// namespace makes a namespace that a grant or a role needs and that does not exist, if
// the person said so.
func (b *builder) namespace(ns string, make bool) error {
	if ns == "" || slices.Contains(b.ix.names, ns) {
		return nil
	}
	if strings.HasSuffix(ns, "*") {
		return fmt.Errorf("namespace %q: a wildcard goes with access policies only (--level or --policy via an access entry)", ns)
	}
	if _, unread := b.ix.snap.Gap(b.kube(), NamespaceKind, ns); unread {
		if make {
			return fmt.Errorf("whether namespace %q exists could not be read: ask for list on namespaces, or leave --create-namespace out if it does", ns)
		}
		return nil // said of every plan; the API server refuses a binding in one that is not there
	}
	if !make {
		return fmt.Errorf("namespace %q does not exist: correct the name, or add --create-namespace", ns)
	}
	b.say(Info, NamespaceMade, nil, ns)
	b.step(Step{After: Namespace{In: b.kube(), Name: ns}, Why: WhyNamespace, Args: []string{ns}})
	return nil
}

func listed(names []string) string { return strings.Join(set(names), ", ") }
