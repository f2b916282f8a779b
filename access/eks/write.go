package eks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/eks-access/kubectl-eks-access/access"
)

func (s *Side) putEntry(ctx context.Context, before, after *access.AccessEntry) error {
	switch {
	case before == nil:
		return s.createEntry(ctx, *after)
	case after == nil:
		return s.deleteEntry(ctx, *before)
	}
	return s.updateEntry(ctx, *before, *after)
}

// createEntry leaves out what EKS sets by itself: the default user name, and for
// node types user name and groups, which it refuses to be told (EKS user guide,
// "Create access entries"). A role made seconds ago is an "invalid principal" for
// a while; that answer is waited out.
func (s *Side) createEntry(ctx context.Context, e access.AccessEntry) error {
	if e.Principal == "" {
		return errNoPrincipal
	}
	in := &eks.CreateAccessEntryInput{ClusterName: &s.cluster, PrincipalArn: &e.Principal, Type: given(e.Type)}
	if e.Type == "" || e.Type == access.StandardType {
		if p, err := access.ParsePrincipal(e.Principal); err != nil || e.Username != access.DefaultUsername(p) {
			in.Username = given(e.Username)
		}
		if len(e.Groups) > 0 {
			in.KubernetesGroups = e.Groups
		}
	}
	if len(e.Tags) > 0 {
		in.Tags = e.Tags
	}
	err := s.retry.again(ctx, func() (bool, error) {
		_, err := s.eks.CreateAccessEntry(ctx, in)
		err = s.refused(ctx, "CreateAccessEntry", err)
		return code(err) == invalidParameter && says(err, "invalid principal"), err
	})
	if code(err) != inUse {
		return s.explainCreate(e, err)
	}
	// Ours, if the answer to an earlier attempt was lost; somebody else's otherwise.
	have, err := s.describeEntry(ctx, e.Principal)
	if err != nil {
		return err
	}
	switch {
	case have == nil:
		// Made a moment ago, by a run that was killed right then or by somebody else: reads lag
		// behind writes. No answer, so whoever waits for the entry sees which.
		return fmt.Errorf("create access entry %s: EKS says that there is one, and does not show it yet", e.Principal)
	case access.Same(e, *have):
		return nil
	}
	return conflict(e.Key(), nil, have)
}

func (s *Side) explainCreate(e access.AccessEntry, err error) error {
	var r *refusal
	if errors.As(err, &r) && r.code == invalidParameter && says(err, "invalid principal") {
		r.text = fmt.Sprintf("EKS finds no principal %s: check the name, the path (an entry needs it, aws-auth must not have it) and the account", e.Principal)
	}
	return err
}

// updateEntry sends only what differs: absent keeps, an empty list clears.
func (s *Side) updateEntry(ctx context.Context, before, after access.AccessEntry) error {
	if after.Principal == "" {
		return errNoPrincipal
	}
	if before.Type != after.Type || !maps.Equal(before.Tags, after.Tags) {
		return fmt.Errorf("change access entry %s: EKS changes groups and user name only; the type and tags stay as they were created", after.Principal)
	}
	have, err := s.describeEntry(ctx, after.Principal)
	if err != nil {
		return err
	}
	if have != nil && access.Same(*have, after) {
		return nil
	}
	if have == nil || !access.Same(*have, before) {
		return conflict(after.Key(), before, have)
	}
	in := &eks.UpdateAccessEntryInput{ClusterName: &s.cluster, PrincipalArn: &after.Principal}
	if !sameSet(before.Groups, after.Groups) {
		in.KubernetesGroups = append([]string{}, after.Groups...)
	}
	if before.Username != after.Username {
		in.Username = &after.Username
	}
	_, err = s.eks.UpdateAccessEntry(ctx, in)
	return s.refused(ctx, "UpdateAccessEntry", err)
}

func (s *Side) deleteEntry(ctx context.Context, before access.AccessEntry) error {
	if before.Principal == "" {
		return errNoPrincipal
	}
	have, err := s.describeEntry(ctx, before.Principal)
	if have == nil || err != nil {
		return err
	}
	if !access.Same(*have, before) {
		return conflict(before.Key(), before, have)
	}
	_, err = s.eks.DeleteAccessEntry(ctx, &eks.DeleteAccessEntryInput{ClusterName: &s.cluster, PrincipalArn: &before.Principal})
	return s.goneIsDone(s.refused(ctx, "DeleteAccessEntry", err))
}

func (s *Side) putAssociation(ctx context.Context, before, after *access.PolicyAssociation) error {
	about := after
	if about == nil {
		about = before
	}
	if about.Principal == "" || about.Policy == "" {
		return errors.New("an association needs the ARNs of its principal and its policy")
	}
	have, err := s.association(ctx, about.Key())
	switch {
	case err != nil:
		return err
	case sameAssociation(have, after):
		return nil
	case !sameAssociation(have, before):
		var want access.Object
		if before != nil {
			want = *before
		}
		return conflict(about.Key(), want, have)
	case after == nil:
		_, err := s.eks.DisassociateAccessPolicy(ctx, &eks.DisassociateAccessPolicyInput{
			ClusterName: &s.cluster, PrincipalArn: &before.Principal, PolicyArn: &before.Policy})
		return s.goneIsDone(s.refused(ctx, "DisassociateAccessPolicy", err))
	}
	return s.associate(ctx, *after)
}

// associate sets the scope, whatever it was. Right after its creation an entry
// may not be found yet; that answer is waited out. A policy that does not exist
// has the same code, so the text must not speak of the policy.
func (s *Side) associate(ctx context.Context, a access.PolicyAssociation) error {
	scope := &types.AccessScope{Type: types.AccessScopeTypeCluster}
	if !a.Scope.Cluster {
		if len(a.Scope.Namespaces) == 0 {
			return fmt.Errorf("associate %s with %s: the scope names neither the cluster nor a namespace", a.Policy, a.Principal)
		}
		scope = &types.AccessScope{Type: types.AccessScopeTypeNamespace, Namespaces: a.Scope.Namespaces}
	}
	return s.retry.again(ctx, func() (bool, error) {
		_, err := s.eks.AssociateAccessPolicy(ctx, &eks.AssociateAccessPolicyInput{
			ClusterName: &s.cluster, PrincipalArn: &a.Principal, PolicyArn: &a.Policy, AccessScope: scope})
		err = s.refused(ctx, "AssociateAccessPolicy", err)
		return code(err) == notFound && !says(err, "policyArn") && !says(err, "No cluster found"), err
	})
}

// goneIsDone: what is not found need not be deleted.
func (s *Side) goneIsDone(err error) error {
	if code(err) == notFound && !says(err, "No cluster found") {
		return nil
	}
	return err
}

func sameAssociation(a, b *access.PolicyAssociation) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return access.Same(*a, *b)
}

// conflict says what was found instead. have is a pointer to an object, or nil.
func conflict[T access.Object](k access.Key, want access.Object, have *T) error {
	c := &access.Conflict{Key: k, Want: want}
	if have != nil {
		c.Have = *have
	}
	return c
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
