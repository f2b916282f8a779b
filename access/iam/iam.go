// Package iam reads what IAM knows of the principals that mappings name: their
// real ARN with the path, whether they are gone, and when they were made.
//
// It asks for principals of the caller's own account only: the same name in
// another account is another principal.
package iam

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Side follows principals to IAM. It is safe for concurrent use.
type Side struct {
	iam *iam.Client
	sts *sts.Client

	mu  sync.Mutex
	own access.Principal // the caller, once known
}

// New opens IAM. It asks nobody yet.
func New(cfg aws.Config) *Side {
	if cfg.Region == "" {
		cfg.Region = "us-east-1" // IAM is global, but requests are signed for a region
	}
	// IAM throttles sooner than others: wait it out.
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 6 })
	}
	return &Side{iam: iam.NewFromConfig(cfg), sts: sts.NewFromConfig(cfg)}
}

const (
	// manyRoles is when listing all roles is cheaper than asking for each.
	manyRoles = 20
	inFlight  = 16
)

// Follow looks up the roles and users that mappings name, and more, in the
// caller's account. The error is nil unless ctx ended.
func (s *Side) Follow(ctx context.Context, in access.Snapshot, more []access.Principal, seen func(access.Snapshot)) error {
	me := s.caller(ctx, in)
	if me.Account == "" {
		return ctx.Err() // who we are could not be read, which the EKS side tells
	}
	roles, users := wanted(me, in, more)
	if len(roles)+len(users) == 0 {
		return nil
	}
	r := &reading{realm: access.IAMRealm(me.Account), me: me, seen: seen}
	r.say(access.Snapshot{Gaps: []access.Gap{{Realm: r.realm, Kind: access.IAMPrincipalKind, Why: access.Loading}}})
	var both sync.WaitGroup
	both.Go(func() {
		if len(roles) <= manyRoles || !s.listRoles(ctx, r, roles) {
			s.each(ctx, r, roles, s.getRole)
		}
	})
	both.Go(func() { s.each(ctx, r, users, s.getUser) })
	both.Wait()
	r.finish(len(roles) + len(users))
	return ctx.Err()
}

func (s *Side) caller(ctx context.Context, in access.Snapshot) access.Principal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Caller.AWS.Account != "" {
		s.own = in.Caller.AWS
	}
	if s.own.Account == "" {
		if out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err == nil {
			s.own, _ = access.ParsePrincipal(aws.ToString(out.Arn))
		}
	}
	return s.own
}

// wanted are the roles and users to ask for: one of each ID, sorted. An entry's
// form goes first: it holds the path.
func wanted(me access.Principal, in access.Snapshot, more []access.Principal) (roles, users []access.Principal) {
	var all []access.Principal
	for _, m := range access.Resolve(in) {
		all = append(all, m.Principal)
	}
	had := map[string]bool{}
	for _, p := range append(all, more...) {
		if p.Account != me.Account || p.Partition != me.Partition || had[p.ID()] {
			continue
		}
		switch p.Kind {
		case access.RolePrincipal:
			roles = append(roles, p)
		case access.UserPrincipal:
			users = append(users, p)
		default:
			continue
		}
		had[p.ID()] = true
	}
	byID := func(a, b access.Principal) int { return strings.Compare(a.ID(), b.ID()) }
	slices.SortFunc(roles, byID)
	slices.SortFunc(users, byID)
	return roles, users
}

// listRoles reads the account's roles page by page; a wanted role that is on none
// of them is gone. It reports whether the list could be read.
func (s *Side) listRoles(ctx context.Context, r *reading, roles []access.Principal) bool {
	want := map[string]access.Principal{}
	for _, p := range roles {
		want[p.ID()] = p
	}
	var found []access.Object
	pages := iam.NewListRolesPaginator(s.iam, &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false
		}
		for _, role := range page.Roles {
			p, err := access.ParsePrincipal(aws.ToString(role.Arn))
			if _, asked := want[p.ID()]; err != nil || !asked {
				continue
			}
			delete(want, p.ID())
			found = append(found, r.fact(p, role.RoleId, role.CreateDate))
		}
	}
	for _, p := range want {
		found = append(found, r.gone(p))
	}
	r.say(access.Snapshot{Objects: access.Objects{}.With(found...)})
	return true
}

func (s *Side) getRole(ctx context.Context, r *reading, p access.Principal) (access.Object, error) {
	out, err := s.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &p.Name})
	if err != nil {
		return nil, refused(r.me, "GetRole", p, err)
	}
	return r.live(aws.ToString(out.Role.Arn), out.Role.RoleId, out.Role.CreateDate)
}

func (s *Side) getUser(ctx context.Context, r *reading, p access.Principal) (access.Object, error) {
	out, err := s.iam.GetUser(ctx, &iam.GetUserInput{UserName: &p.Name})
	if err != nil {
		return nil, refused(r.me, "GetUser", p, err)
	}
	return r.live(aws.ToString(out.User.Arn), out.User.UserId, out.User.CreateDate)
}

// each asks for principals one by one.
func (s *Side) each(ctx context.Context, r *reading, ps []access.Principal, ask func(context.Context, *reading, access.Principal) (access.Object, error)) {
	g := errgroup.Group{}
	g.SetLimit(inFlight)
	for _, p := range ps {
		g.Go(func() error {
			o, err := ask(ctx, r, p)
			switch {
			case errors.Is(err, errGone):
				r.say(access.Snapshot{Objects: access.Objects{}.With(r.gone(p))})
			case err != nil:
				r.missed(p, err)
			default:
				r.say(access.Snapshot{Objects: access.Objects{}.With(o)})
			}
			return nil
		})
	}
	_ = g.Wait()
}
