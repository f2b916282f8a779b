package cmd

import (
	"errors"
	"fmt"
	"slices"

	"github.com/eks-access/kubectl-eks-access/access"
)

// wish is one change, and the line it begins on.
type wish struct {
	line    int
	Grant   *grantWish   `yaml:"grant"`
	Revoke  *revokeWish  `yaml:"revoke"`
	Change  *changeWish  `yaml:"change"`
	Migrate *migrateWish `yaml:"migrate"`
	Mode    *modeWish    `yaml:"mode"`

	Role      *roleWish      `yaml:"role"`
	Bind      *bindWish      `yaml:"bind"`
	Namespace *namespaceWish `yaml:"namespace"`
}

type (
	grantWish struct {
		Principals       many       `yaml:"principals"`
		Level            string     `yaml:"level"`
		Policy           string     `yaml:"policy"`
		ClusterRole      string     `yaml:"clusterRole"`
		Role             string     `yaml:"role"`
		RoleFile         string     `yaml:"roleFile"` // beside the file of changes
		Namespaces       many       `yaml:"namespaces"`
		Via              access.Via `yaml:"via"`
		Username         string     `yaml:"username"`
		Groups           many       `yaml:"groups"`
		CreateNamespaces bool       `yaml:"createNamespaces"`
	}
	revokeWish struct {
		Principals  many   `yaml:"principals"`
		Policy      string `yaml:"policy"`
		ClusterRole string `yaml:"clusterRole"`
		Role        string `yaml:"role"`
		Namespaces  many   `yaml:"namespaces"`
		Subjects    bool   `yaml:"subjects"`
	}
	changeWish struct {
		Principals many   `yaml:"principals"`
		Username   string `yaml:"username"`
		AddGroups  many   `yaml:"addGroups"`
		DropGroups many   `yaml:"dropGroups"`
		Policy     string `yaml:"policy"`
		Namespaces many   `yaml:"namespaces"`
		Everywhere bool   `yaml:"everywhere"`
		Type       string `yaml:"type"`
		Remake     bool   `yaml:"remake"`
	}
	migrateWish struct {
		Principals many        `yaml:"principals"` // none: every mapping in force
		To         access.Mode `yaml:"to"`
		NodeType   string      `yaml:"nodeType"`
		Subjects   bool        `yaml:"subjects"`
	}
	roleWish struct {
		File             string `yaml:"file"` // beside the file of changes
		Namespaces       many   `yaml:"namespaces"`
		CreateNamespaces bool   `yaml:"createNamespaces"`
	}
	bindWish struct {
		Groups           many   `yaml:"groups"`
		Users            many   `yaml:"users"`
		ClusterRole      string `yaml:"clusterRole"`
		Role             string `yaml:"role"`
		RoleFile         string `yaml:"roleFile"` // beside the file of changes
		Namespaces       many   `yaml:"namespaces"`
		CreateNamespaces bool   `yaml:"createNamespaces"`
	}
	namespaceWish struct {
		Names many `yaml:"names"`
	}
	modeWish struct {
		To access.Mode `yaml:"to"`
	}
)

// check refuses what would be understood otherwise than it was meant. The core checks
// what is left.
func (w *wish) check() error {
	switch {
	case w.Grant != nil:
		g := w.Grant
		if n := count(g.Level, g.Policy, g.ClusterRole, g.Role); n != 1 {
			return fmt.Errorf("%d of level, policy, clusterRole and role are given: say what to grant with exactly one of them", n)
		}
		if g.RoleFile != "" && g.Role == "" && g.ClusterRole == "" {
			return errors.New("roleFile is the manifest of what role or clusterRole names: give one of them too")
		}
		if g.CreateNamespaces && len(g.Namespaces) == 0 {
			return errors.New("createNamespaces needs namespaces")
		}
		if g.Level != "" {
			if _, err := access.ParseLevel(g.Level); err != nil {
				return err
			}
		}
		return principals(g.Principals)
	case w.Revoke != nil:
		r := w.Revoke
		switch n := count(r.Policy, r.ClusterRole, r.Role); {
		case n > 1:
			return fmt.Errorf("%d of policy, clusterRole and role are given: say what to take away with one of them, or with none for all access", n)
		case n == 0 && len(r.Namespaces) > 0:
			return errors.New("a namespace alone can't be taken back: say which policy, clusterRole or role\nwhat counts there: kubectl eks-access list PRINCIPAL -n NAMESPACE -o wide")
		case n > 0 && r.Subjects:
			return errors.New("subjects goes with taking all access")
		}
		return principals(r.Principals)
	case w.Change != nil:
		if err := w.Change.alteration().check("username, addGroups, dropGroups", "policy", "namespaces", "everywhere"); err != nil {
			return err
		}
		if err := nodeType("type", w.Change.Type); err != nil {
			return err
		}
		return principals(w.Change.Principals)
	case w.Mode != nil:
		return arrives(w.Mode.To)
	case w.Role != nil:
		if w.Role.File == "" {
			return errors.New("file is missing: name the manifest of the Role or ClusterRole")
		}
	case w.Bind != nil:
		return w.Bind.check()
	case w.Namespace != nil:
		if len(w.Namespace.Names) == 0 {
			return errors.New("names is missing: say which namespaces to make")
		}
	default:
		return w.Migrate.check()
	}
	return nil
}

func (b *bindWish) check() error {
	switch n := count(b.ClusterRole, b.Role); {
	case n != 1:
		return fmt.Errorf("%d of clusterRole and role are given: say what to bind with exactly one of them", n)
	case len(b.Groups)+len(b.Users) == 0:
		return errors.New("groups and users are missing: say whom to bind")
	case b.Role != "" && len(b.Namespaces) == 0:
		return errors.New("a role is inside a namespace: say which with namespaces")
	case b.CreateNamespaces && len(b.Namespaces) == 0:
		return errors.New("createNamespaces needs namespaces")
	}
	return nil
}

func (m *migrateWish) check() error {
	if m.NodeType != "" && len(m.Principals) == 0 {
		return errors.New("nodeType is for the roles of self-managed and Karpenter nodes: name them with principals")
	}
	if err := nodeType("nodeType", m.NodeType); err != nil || m.To == "" {
		return err
	}
	return arrives(m.To)
}

func (c *changeWish) alteration() alteration {
	return alteration{Username: c.Username, Add: c.AddGroups, Drop: c.DropGroups, Policy: c.Policy, Namespaces: c.Namespaces,
		Everywhere: c.Everywhere, Type: c.Type, Remake: c.Remake}
}

func arrives(to access.Mode) error {
	if to != access.BothMode && to != access.APIMode {
		return fmt.Errorf("to %q: want %s or %s", to, access.BothMode, access.APIMode)
	}
	return nil
}

func principals(m many) error {
	if len(m) == 0 {
		return errors.New("principals is missing: say whom it is about")
	}
	return nil
}

func count(texts ...string) int {
	return len(slices.DeleteFunc(texts, func(s string) bool { return s == "" }))
}
