// Package iam reads what IAM knows of the principals that mappings name: their
// real ARN with the path, whether they are gone, and when they were made.
//
// It asks for principals of the caller's own account only: the same name in
// another account is another principal.
package iam

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

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
	both.Go(func() { r.lookUp(ctx, roles, s.roles, s.getRole) })
	both.Go(func() { r.lookUp(ctx, users, s.users, s.getUser) })
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

// roles lists the account's roles, page by page.
func (s *Side) roles(ctx context.Context, r *reading, each func(access.IAMPrincipal)) error {
	pages := iam.NewListRolesPaginator(s.iam, &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Roles {
			if f, err := r.live(aws.ToString(o.Arn), o.RoleId, o.CreateDate); err == nil {
				each(f)
			}
		}
	}
	return nil
}

// users lists the account's users, page by page.
func (s *Side) users(ctx context.Context, r *reading, each func(access.IAMPrincipal)) error {
	pages := iam.NewListUsersPaginator(s.iam, &iam.ListUsersInput{MaxItems: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Users {
			if f, err := r.live(aws.ToString(o.Arn), o.UserId, o.CreateDate); err == nil {
				each(f)
			}
		}
	}
	return nil
}

func (s *Side) getRole(ctx context.Context, r *reading, p access.Principal) (access.IAMPrincipal, error) {
	out, err := s.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &p.Name})
	if err != nil {
		return access.IAMPrincipal{}, refused(r.me, "GetRole", p, err)
	}
	return r.live(aws.ToString(out.Role.Arn), out.Role.RoleId, out.Role.CreateDate)
}

func (s *Side) getUser(ctx context.Context, r *reading, p access.Principal) (access.IAMPrincipal, error) {
	out, err := s.iam.GetUser(ctx, &iam.GetUserInput{UserName: &p.Name})
	if err != nil {
		return access.IAMPrincipal{}, refused(r.me, "GetUser", p, err)
	}
	return r.live(aws.ToString(out.User.Arn), out.User.UserId, out.User.CreateDate)
}
