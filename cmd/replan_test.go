package cmd

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/live"
)

// Somebody else edits aws-auth while a migration is under way: a person is asked whether
// to plan it anew, sees the new plan, and is asked again.
func TestAPersonIsAskedToPlanAnew(t *testing.T) {
	for name, tc := range map[string]struct {
		args, types string
		code        int
		says        []string
		never       string
	}{
		"yes": {"migrate --demo", "y\ny\ny\n", 0, []string{
			"Plan it anew from what is there now, and show it? [y/N] ",
			"+    # theirs",
			"ConfigMap kube-system/aws-auth was changed by somebody else, so the plan is made anew, and 1 of its 1 steps are not those of the one before",
			"Apply 1 step to eks-workshop? [y/N] "}, "type its code"},
		"no":                      {"migrate --demo", "y\nn\n", 3, []string{"Plan it anew"}, "Apply 1 step"},
		"yes, and no to the plan": {"migrate --demo", "y\ny\nn\n", 3, []string{"Apply 1 step", "the new plan was not applied, and nothing more was changed"}, "1/1 →"},
		"a script is not asked":   {"migrate --demo --yes", "y\ny\n", 3, nil, "Plan it anew"},
		"nor who wants an answer": {"migrate --demo -o json", "y\ny\n", 3, []string{`"conflict": {`}, "Plan it anew"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, out, said := person(tc.types)
			var w *world
			open := e.open
			e.open = func(ctx context.Context, g target) (got *world, err error) {
				if w, err = open(ctx, g); err == nil {
					w.Settle = live.Settle{Every: 20 * time.Millisecond, AtMost: 5 * time.Second, Propagation: 20 * time.Millisecond}
				}
				return w, err
			}
			e.err = watcher{said, "5/6 →", func() { edited(t, w) }}
			if code := run(t.Context(), e, strings.Fields(tc.args)); code != tc.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, tc.code, said, out)
			}
			for _, words := range tc.says {
				if !strings.Contains(said.String()+out.String(), words) {
					t.Errorf("%q is not said:\n%s%s", words, said, out)
				}
			}
			if strings.Contains(said.String(), tc.never) {
				t.Errorf("%q is said:\n%s", tc.never, said)
			}
			s, err := w.read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if am, _ := s.AuthMap(); !strings.Contains(am.Data["mapRoles"], "# theirs\n") || strings.Contains(am.Data["mapRoles"], "role/eks-workshop-admins") != (tc.code != 0) {
				t.Errorf("aws-auth:\n%s", am.Data["mapRoles"])
			}
		})
	}
}

// edited is somebody else's edit of aws-auth.
func edited(t *testing.T, w *world) {
	s, err := w.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	was, _ := s.AuthMap()
	is := access.AuthMap{In: was.In, Data: map[string]string{"mapRoles": was.Data["mapRoles"] + "# theirs\n", "mapUsers": was.Data["mapUsers"]}}
	if err := w.Sides[was.In].Put(t.Context(), was, is); err != nil {
		t.Fatal(err)
	}
}
