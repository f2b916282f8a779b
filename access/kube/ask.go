package kube

import (
	"context"
	"errors"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/eks-access/kubectl-eks-access/access"
)

// whoami asks the API server who we are to it. The extra keys are the
// aws-iam-authenticator's (pkg/server).
func (s *Side) whoami(ctx context.Context) (access.Caller, error) {
	out, err := s.typed.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return access.Caller{}, err
	}
	u := out.Status.UserInfo
	c := access.Caller{Identity: access.Identity{User: u.Username, Groups: u.Groups}}
	for _, key := range []string{"arn", "canonicalArn"} {
		if len(u.Extra[key]) == 0 {
			continue
		}
		if p, err := access.ParsePrincipal(u.Extra[key][0]); err == nil {
			c.Kube = p
			break
		}
	}
	return c, nil
}

// Ask puts an expectation to the API server.
//
// For rights from RBAC a SubjectAccessReview answers for anybody. One for
// somebody else can't see the rights from access policies (EKS user guide,
// "Associate access policies"), so these are asked as ourselves, or not at all.
func (s *Side) Ask(ctx context.Context, e access.Expect, c access.Caller) (access.Proof, error) {
	var status authorizationv1.SubjectAccessReviewStatus
	var err error
	if e.Policies {
		if c.Kube.ARN == "" {
			if c, err = s.whoami(ctx); err != nil {
				return s.unasked(e, "selfsubjectreviews", err)
			}
		}
		if e.Principal.ID() != c.Kube.ID() {
			return access.Proof{Expect: e, State: access.Unprovable, Detail: "rights from access policies can be asked for only as the principal itself"}, nil
		}
		review := &authorizationv1.SelfSubjectAccessReview{}
		review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes = attributes(e.Request)
		review, err = s.typed.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return s.unasked(e, "selfsubjectaccessreviews", err)
		}
		status = review.Status
	} else {
		review := &authorizationv1.SubjectAccessReview{}
		review.Spec.User, review.Spec.Groups = e.Identity.User, withAuthenticated(e.Identity.Groups)
		review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes = attributes(e.Request)
		review, err = s.typed.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return s.unasked(e, "subjectaccessreviews", err)
		}
		status = review.Status
	}
	p := access.Proof{Expect: e, State: access.Disproven, Detail: status.Reason}
	if p.Detail == "" {
		p.Detail = status.EvaluationError
	}
	if status.Allowed == e.Want {
		p.State = access.Proven
	}
	return p, nil
}

// unasked: who may not ask can't prove; any other failure may pass.
func (s *Side) unasked(e access.Expect, review string, err error) (access.Proof, error) {
	err = s.refused("create", access.Key{Kind: access.Kind(review)}, err)
	var f *access.Forbidden
	if errors.As(err, &f) {
		return access.Proof{Expect: e, State: access.Unprovable, Detail: f.Who + " may not ask the API server: ask for the verb create on " + review}, nil
	}
	return access.Proof{}, err
}

// withAuthenticated adds the group that every authenticated user is in: a review
// adds none by itself.
func withAuthenticated(groups []string) []string {
	const everybody = "system:authenticated"
	if slices.Contains(groups, everybody) {
		return groups
	}
	return append(slices.Clone(groups), everybody)
}

func attributes(q access.Request) (*authorizationv1.ResourceAttributes, *authorizationv1.NonResourceAttributes) {
	if q.URL != "" {
		return nil, &authorizationv1.NonResourceAttributes{Path: q.URL, Verb: q.Verb}
	}
	return &authorizationv1.ResourceAttributes{Verb: q.Verb, Group: q.Group, Resource: q.Resource, Subresource: q.Subresource,
		Name: q.Name, Namespace: q.Namespace}, nil
}
