package report_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestEventsAreOneLineEach(t *testing.T) {
	p := migration(t)
	var b strings.Builder
	for _, e := range []access.Event{
		{Step: 0, State: access.Started},
		{Step: 0, State: access.Done},
		{Step: 1, State: access.Skipped},
		{Step: 3, State: access.Waiting, Detail: "rights from access policies take some seconds"},
		{Step: 0, State: access.Waiting, Detail: "dry run: the API server has tried 2 of 6 steps (3 are EKS's, which has none)", Whole: true},
		{Step: 5, State: access.Failed, Err: &access.Forbidden{Who: admins, Action: "update configmaps/aws-auth", Detail: "forbidden"}},
		{Step: 6, State: access.Waiting, Detail: "the proof"},
	} {
		b.WriteString(text([]report.Line{report.Event(p, e)}))
	}
	golden(t, "events", b.String())
}

func TestOutcomeIsAProof(t *testing.T) {
	p := migration(t)
	proven := access.Proof{Expect: p.Expect[0], State: access.Proven}
	asked := access.Proof{Expect: access.Expect{Principal: parse(t, admins), Identity: access.Identity{User: "cluster-admin"}, Request: access.Request{Verb: "get", Resource: "pods", Namespace: "carts"}, Want: true}, State: access.Proven, Detail: "RBAC: allowed by ClusterRoleBinding"}
	itself := asked
	itself.Expect.Policies = true
	denied := asked
	denied.State, denied.Detail = access.Disproven, "no"
	unprovable := access.Proof{Expect: p.Expect[2], State: access.Unprovable, Detail: "its rights come from an access policy"}
	entry := p.Expect[0].Object.(access.AccessEntry)
	changed := entry
	changed.Groups = []string{"intruders"}
	for name, o := range map[string]access.Outcome{
		"read-back":  {Done: 3, ReadBack: 2},
		"done":       {Done: 6, ReadBack: 6, Proofs: []access.Proof{proven, asked, itself, unprovable}, Journal: "/home/me/.kube/eks-access/2026-11-21T09-00-00.json"},
		"again":      {Skipped: 6, Proofs: []access.Proof{proven}},
		"stopped":    {Done: 2, Skipped: 1, Stopped: &access.Event{Step: 3, State: access.Failed, Err: &access.Conflict{Key: entry.Key(), Want: entry, Have: changed}}, Journal: "/tmp/with space.json"},
		"not-begun":  {Stopped: &access.Event{Step: 0, State: access.Failed, Err: errors.New("create binding: connection refused")}},
		"not-so":     {Done: 6, Proofs: []access.Proof{denied}, Journal: "j.json"},
		"drift":      {Done: 6, Drift: []access.Drift{{Want: entry, Have: changed}, {Want: entry}, {Have: entry}}},
		"no-steps":   {},
		"one-way":    {Done: 1, Stopped: &access.Event{Step: 9, State: access.Failed, Err: access.ErrOneWay}},
		"cancelled":  {Done: 1, Stopped: &access.Event{Step: 1, State: access.Failed, Err: fmt.Errorf("stopped before step 2: %w", context.Canceled)}, Journal: "j.journal"},
		"resumed":    {Skipped: 1, Stopped: &access.Event{Step: 1, State: access.Failed, Err: fmt.Errorf("stopped before step 2: %w", context.Canceled)}, Journal: "j.journal"},
		"unprovable": {Done: 6, Proofs: []access.Proof{unprovable}},
	} {
		plan := p
		if name == "no-steps" {
			plan = access.Plan{}
		}
		golden(t, "outcome-"+name, text(report.Outcome(plan, o)))
	}
}

func TestWhatCanNotBeProvenIsNeverOK(t *testing.T) {
	for _, state := range []access.ProofState{access.Unprovable, "", "something new"} {
		l := report.Proof(access.Proof{State: state})
		if l.Kind == report.Good || strings.Contains(l.Text, "✓") {
			t.Errorf("state %q reads %q", state, l.Text)
		}
	}
}

func TestErrorsSayWhatWhereAndHow(t *testing.T) {
	forbidden := &access.Forbidden{Who: admins, Action: "eks:ListAccessEntries", Detail: "no identity-based policy allows it"}
	var b strings.Builder
	for _, err := range []error{
		nil,
		errors.New(""),
		errors.New("read the kubeconfig: no such file"),
		errors.New("aws-auth is not changed while it can't be read\n\n  data.mapRoles, line 3\n"),
		fmt.Errorf("read access entries of prod: %w", forbidden),
		errors.Join(forbidden, errors.New("and more")),
		fmt.Errorf("both: %w, %w", forbidden, context.DeadlineExceeded),
		fmt.Errorf("undo: %w", access.ErrOneWay),
		&access.Conflict{Key: access.Key{Kind: access.AuthMapKind, Name: "aws-auth"}, Want: access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles}},
			Have: access.AuthMap{In: kubeR, Data: map[string]string{"mapRoles": mapRoles + "- rolearn: arn:aws:iam::123456789012:role/late\n  username: late\n"}}},
		&access.Conflict{Key: access.Key{Kind: access.EntryKind, Name: admins}, Want: access.AccessEntry{In: eksR, Principal: admins}},
		&access.Conflict{Key: access.Key{Kind: access.EntryKind, Name: admins}, Have: access.AccessEntry{In: eksR, Principal: admins}},
	} {
		ls := report.Error(err)
		if len(ls) == 0 || ls[0].Text == "" || ls[0].Kind != report.Bad {
			t.Errorf("%v has no first line: %v", err, ls)
		}
		b.WriteString(text(ls) + "\n")
	}
	golden(t, "errors", b.String())
}
