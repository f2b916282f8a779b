package tui

import (
	"errors"
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// ruled gives each grant of a role the rules of its file. It reads files, so it is
// called in tasks only; a file that changed since is read anew by every plan.
func ruled(ws []wish, read func(path string) (access.Role, error)) ([]wish, error) {
	out := slices.Clone(ws)
	for i, w := range out {
		g, ok := w.intent.(access.GrantAccess)
		if w.rules == "" || !ok || g.RoleObject != nil { // a file of changes has brought its rules with it
			continue
		}
		if read == nil {
			return nil, errors.New("role files can't be read here: create the role with kubectl, then grant it")
		}
		role, err := read(w.rules)
		if err != nil {
			return nil, err
		}
		if err := suits(w, role); err != nil {
			return nil, err
		}
		g.RoleObject = &role
		out[i].intent = g
	}
	return out, nil
}

// suits checks that the file is about the role that is granted: bound by a name
// that is not the file's, its rules would be in a place nobody looks for them.
func suits(w wish, r access.Role) error {
	switch g := w.intent.(access.GrantAccess); {
	case r.Name != g.Role:
		return fmt.Errorf("role file %s holds role %q, and the role to grant is %q\nmake them equal, there or here", w.rules, r.Name, g.Role)
	case r.Namespace != "" && !slices.Equal(g.Namespaces, []string{r.Namespace}):
		return fmt.Errorf("role file %s is for namespace %q only, and the grant for others\nmake them equal, or leave metadata.namespace out of the file", w.rules, r.Namespace)
	}
	return nil
}
