package tui

import (
	"errors"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
)

// roleFiles are the role files there are.
func roleFiles(path string) (access.Role, error) {
	role := access.Role{Name: "packer", Rules: []access.Rule{{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{""}, Resources: []string{"pods"}}}}
	switch path {
	case "r.yaml":
		return role, nil
	case "other.yaml":
		role.Name = "other"
		return role, nil
	case "elsewhere.yaml":
		role.Namespace = "orders"
		return role, nil
	}
	return access.Role{}, errors.New("there is no role file " + path + "\nname a YAML manifest")
}

// roleForm is the form with the cursor on the rules of a role that does not exist.
func roleForm(t *testing.T, f *fake, w, h int) *driver {
	t.Helper()
	d := drive(t, f, w, h)
	d.app.o.ReadRole = roleFiles
	d.keys("right", "g").lacks("rules").keys("down", "left").sees("‹ role ›", "rules")
	return d.keys("down", "enter").text("packer").keys("enter") // which goes on to the next field
}

func TestRulesOfANewRoleComeFromItsFile(t *testing.T) {
	f := &fake{snap: workshop()}
	d := roleForm(t, f, 80, 24).sees("with the rules of edit").text("r.yaml").lacks("rules of edit")
	d.golden("grant-role-80x24")
	d.keys("ctrl+b").sees("basket 1").keys("p").sees("+ Role  carts/packer").lacks("must be accepted").keys("a", "y").sees("steps done")
	r, ok := access.Get[access.Role](f.snap.Objects, access.Role{In: kubeRealm, Namespace: "carts", Name: "packer"}.Key())
	if !ok || len(r.Rules) != 1 || r.Rules[0].Resources[0] != "pods" {
		t.Errorf("%+v", r)
	}
}

func TestWrongRoleFilesAreSaidInPlace(t *testing.T) {
	for path, want := range map[string]string{
		"none.yaml":      "there is no role file none.yaml",
		"other.yaml":     `holds role "other", and the role to grant is "packer"`,
		"elsewhere.yaml": `is for namespace "orders" only`,
	} {
		d := roleForm(t, &fake{snap: workshop()}, 120, 40).text(path).sees(want)
		d.keys("ctrl+p").sees("no plan can be made", want)
	}
}

// A file is of a role: with another permission it means nothing.
func TestRulesAreForgottenByOtherPermissions(t *testing.T) {
	d := roleForm(t, &fake{snap: workshop()}, 80, 24).text("none.yaml").sees("there is no role file")
	d.keys("up", "up", "right").sees("‹ level ›").lacks("no role file").sees("AmazonEKSViewPolicy")
}

func TestRulesFieldShowsItsCursorOnNarrowScreens(t *testing.T) {
	d := roleForm(t, &fake{snap: workshop()}, 40, 10).text("/a/long/folder/with/many/names/in/it/r.yaml")
	d.sees("r.yaml▏")
	d.fits()
}
