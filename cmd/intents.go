package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"github.com/eks-access/kubectl-eks-access/access"
)

// intents are what one wish asks for, and whom it gives access.
func (w wishes) intents(ix *access.Index, one wish) (out []access.Intent, given []access.Principal, err error) {
	var words many
	switch {
	case one.Grant != nil:
		return w.grants(ix, one.Grant)
	case one.Mode != nil:
		return []access.Intent{access.SwitchMode{To: one.Mode.To}}, nil, nil
	case one.Namespace != nil:
		return []access.Intent{access.MakeNamespaces{Names: one.Namespace.Names}}, nil, nil
	case one.Role != nil:
		in, err := w.role(one.Role)
		return []access.Intent{in}, nil, err
	case one.Bind != nil:
		in, err := w.bind(one.Bind)
		return []access.Intent{in}, nil, err
	case one.Revoke != nil:
		words = one.Revoke.Principals
	case one.Change != nil:
		words = one.Change.Principals
	default:
		words = one.Migrate.Principals
	}
	who, err := choose(ix, words)
	if err != nil {
		return nil, nil, err
	}
	if m := one.Migrate; m != nil {
		return []access.Intent{access.Migrate{Principals: who, To: m.To, NodeType: m.NodeType, Subjects: m.Subjects}}, nil, nil
	}
	for _, p := range who {
		if r := one.Revoke; r != nil {
			out = append(out, access.RevokeAccess{Principal: p, Policy: r.Policy, ClusterRole: r.ClusterRole, Role: r.Role,
				Namespaces: r.Namespaces, Subjects: r.Subjects})
			continue
		}
		out = append(out, one.Change.alteration().intent(p))
	}
	return out, nil, nil
}

func (w wishes) grants(ix *access.Index, g *grantWish) (out []access.Intent, given []access.Principal, err error) {
	role, err := w.roleOf(g.RoleFile, g.Role, g.ClusterRole, g.Namespaces)
	if err != nil {
		return nil, nil, err
	}
	level := access.None
	if g.Level != "" {
		if level, err = access.ParseLevel(g.Level); err != nil {
			return nil, nil, err
		}
	}
	for _, word := range g.Principals {
		p, err := grantee(ix, word)
		if err != nil {
			return nil, nil, err
		}
		given = append(given, p)
		out = append(out, access.GrantAccess{
			Principal: p, Level: level, Policy: g.Policy, ClusterRole: g.ClusterRole, Role: g.Role, RoleObject: role, Namespaces: g.Namespaces,
			Via: cmp.Or(g.Via, access.ViaAuto), Username: g.Username, Groups: g.Groups, CreateNamespaces: g.CreateNamespaces,
		})
	}
	return out, given, nil
}

func (w wishes) bind(b *bindWish) (access.Intent, error) {
	role, err := w.roleOf(b.RoleFile, b.Role, b.ClusterRole, b.Namespaces)
	if err != nil {
		return nil, err
	}
	return access.BindRole{Groups: b.Groups, Users: b.Users, ClusterRole: b.ClusterRole, Role: b.Role, RoleObject: role,
		Namespaces: b.Namespaces, CreateNamespaces: b.CreateNamespaces}, nil
}

// roleOf reads the manifest of the role that a wish names; none when it names no file.
func (w wishes) roleOf(file, role, clusterRole string, namespaces []string) (*access.Role, error) {
	if file == "" {
		return nil, nil
	}
	path, manifest, err := w.manifest(file)
	if err != nil {
		return nil, err
	}
	r, _, err := parseRole(path, manifest, roleKind(role))
	if err != nil {
		return nil, err
	}
	return r, suits(path, r, role+clusterRole, namespaces)
}

// role is a Role in namespaces, its own if it names one, or a ClusterRole.
func (w wishes) role(r *roleWish) (access.Intent, error) {
	path, manifest, err := w.manifest(r.File)
	if err != nil {
		return nil, err
	}
	role, kind, err := parseRole(path, manifest, "")
	if err != nil {
		return nil, err
	}
	in := access.MakeRole{Role: *role, Namespaces: r.Namespaces, CreateNamespaces: r.CreateNamespaces}
	switch {
	case kind == access.ClusterRoleKind && len(r.Namespaces) > 0:
		return nil, errors.New("a ClusterRole is in no namespace: leave namespaces out")
	case kind == access.RoleKind && len(r.Namespaces) == 0 && role.Namespace == "":
		return nil, errors.New("a Role is inside a namespace: say which with namespaces")
	case kind == access.RoleKind && len(r.Namespaces) == 0:
		in.Namespaces = []string{role.Namespace}
	}
	return in, suits(path, role, role.Name, in.Namespaces)
}

// manifest reads a file that is named beside the file of changes.
func (w wishes) manifest(file string) (path string, text []byte, err error) {
	path = beside(w.file, file)
	if text, err = os.ReadFile(path); err != nil {
		return path, nil, fmt.Errorf("read role file: %w", err)
	}
	return path, text, nil
}
