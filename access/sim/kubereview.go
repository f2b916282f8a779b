package sim

import (
	"encoding/json"
	"net/http"
)

// answerReview answers the reviews, which are created and not kept.
func (b *Bench) answerReview(q *query) (int, any, *failure) {
	var in review
	if err := json.Unmarshal(q.body, &in); err != nil {
		return 0, nil, q.badRequest("the object provided is unrecognized (must be of type %s)", q.kind)
	}
	out := object{"apiVersion": q.apiVersion(), "kind": q.kind, "metadata": object{"creationTimestamp": nil}, "spec": in.Spec}
	switch q.kind {
	case "SelfSubjectReview":
		delete(out, "spec")
		out["status"] = object{"userInfo": q.user}
	case "SelfSubjectRulesReview":
		out["status"] = q.cluster.rulesOf(q.user, in.Spec.Namespace)
	case "SelfSubjectAccessReview":
		allowed, reason := b.authorize(q.cluster, q.user, in.Spec.request())
		out["status"] = object{"allowed": allowed, "reason": reason}
	default:
		ask := in.Spec.request()
		if q.kind == "LocalSubjectAccessReview" {
			if ask.namespace != q.namespace {
				return 0, nil, q.badRequest("spec.resourceAttributes.namespace must match metadata.namespace")
			}
		}
		if in.Spec.User == "" && len(in.Spec.Groups) == 0 {
			q.kind = "" // the API server names none here
			return 0, nil, q.invalid(invalidField("spec.user", "", "at least one of user or group must be specified"))
		}
		// The API server adds no groups here: the asker names them all.
		allowed, reason := b.authorize(q.cluster, in.Spec.user(), ask)
		out["status"] = object{"allowed": allowed, "reason": reason}
	}
	return http.StatusCreated, out, nil
}

// rulesOf lists RBAC's rules only: a webhook cannot list its own, and EKS's
// authorizer is one (EKS user guide, access policies).
func (c *cluster) rulesOf(u user, namespace string) object {
	resources, paths := []rule{}, []rule{}
	c.store.access().granted(u, namespace, func(r rule, _ string) bool {
		if len(r.NonResourceURLs) > 0 {
			paths = append(paths, rule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs})
		} else {
			resources = append(resources, r)
		}
		return true
	})
	return object{"resourceRules": resources, "nonResourceRules": paths, "incomplete": true,
		"evaluationError": "webhook authorizer does not support user rule resolution"}
}
