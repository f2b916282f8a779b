package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// eksOperation is a line of the EKS API reference: how it is asked, and by whom answered.
type eksOperation struct {
	name    string
	pattern string
	perform func(*Bench, *exchange) (any, *refusal)
}

var eksOperations = []eksOperation{
	{"ListClusters", "GET /clusters", (*Bench).listClusters},
	{"DescribeCluster", "GET /clusters/{name}", (*Bench).describeCluster},
	{"DescribeClusterVersions", "GET /cluster-versions", (*Bench).describeClusterVersions},
	{"UpdateClusterConfig", "POST /clusters/{name}/update-config", (*Bench).updateClusterConfig},
	{"ListUpdates", "GET /clusters/{name}/updates", (*Bench).listUpdates},
	{"DescribeUpdate", "GET /clusters/{name}/updates/{updateId}", (*Bench).describeUpdate},
	{"ListAccessEntries", "GET /clusters/{name}/access-entries", (*Bench).listAccessEntries},
	{"CreateAccessEntry", "POST /clusters/{name}/access-entries", (*Bench).createAccessEntry},
	{"DescribeAccessEntry", "GET /clusters/{name}/access-entries/{principalArn}", (*Bench).describeAccessEntry},
	{"UpdateAccessEntry", "POST /clusters/{name}/access-entries/{principalArn}", (*Bench).updateAccessEntry},
	{"DeleteAccessEntry", "DELETE /clusters/{name}/access-entries/{principalArn}", (*Bench).deleteAccessEntry},
	{"ListAssociatedAccessPolicies", "GET /clusters/{name}/access-entries/{principalArn}/access-policies", (*Bench).listAssociatedAccessPolicies},
	{"AssociateAccessPolicy", "POST /clusters/{name}/access-entries/{principalArn}/access-policies", (*Bench).associateAccessPolicy},
	{"DisassociateAccessPolicy", "DELETE /clusters/{name}/access-entries/{principalArn}/access-policies/{policyArn}", (*Bench).disassociateAccessPolicy},
	{"ListAccessPolicies", "GET /access-policies", (*Bench).listAccessPolicies},
	{"ListPodIdentityAssociations", "GET /clusters/{name}/pod-identity-associations", (*Bench).listPodIdentityAssociations},
	{"DescribePodIdentityAssociation", "GET /clusters/{name}/pod-identity-associations/{associationId}", (*Bench).describePodIdentityAssociation},
}

// eksRoutes matches on the escaped path, where the slash inside a role's ARN is
// %2F: http.ServeMux does so since Go 1.22, and splitting URL.Path would not.
func (b *Bench) eksRoutes() *http.ServeMux {
	m := http.NewServeMux()
	for _, op := range eksOperations {
		m.HandleFunc(op.pattern, func(_ http.ResponseWriter, r *http.Request) {
			x, ok := r.Context().Value(exchangeKey{}).(*exchange)
			if !ok {
				return
			}
			x.call.Operation = op.name
			x.path = map[string]string{}
			for _, p := range []string{"name", "principalArn", "policyArn", "updateId", "associationId"} {
				x.path[p] = r.PathValue(p)
			}
			x.perform = func(x *exchange) (any, *refusal) { return op.perform(b, x) }
		})
	}
	return m
}

// cluster finds the cluster of a request: of the caller's account and the
// signed region. The text was seen on the wire.
func (b *Bench) cluster(x *exchange) (*cluster, *refusal) {
	for _, c := range b.clusters {
		if c.name == x.path["name"] && c.account == x.caller.arn.account && c.region == x.region {
			return c, nil
		}
	}
	return nil, notFound("No cluster found for name: %s.", x.path["name"])
}

// read decodes a request's body. Unknown members are ignored, as AWS does;
// members of the wrong kind are not.
func (x *exchange) read(into any) *refusal {
	if len(x.call.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(x.call.Body, into); err != nil {
		text := "The request body is not valid JSON"
		if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
			text = "Unexpected " + wrong.Value + " for member " + wrong.Field
		}
		return refuse(http.StatusBadRequest, "SerializationException", "%s", text)
	}
	return nil
}

// remembered is what a request with a client request token was granted.
type remembered struct {
	body   string
	result any
}

// once answers a repeated request token with what it was granted first: SDKs
// keep the token over their own retries. The same token on another request is
// refused.
func (b *Bench) once(x *exchange, token string, do func() (any, *refusal)) (any, *refusal) {
	if token == "" {
		return do()
	}
	key := strings.Join([]string{x.caller.arn.account, x.region, x.call.Operation, x.call.Path, token}, "\x00")
	if was, ok := b.answers[key]; ok {
		if was.body != string(x.call.Body) {
			return nil, invalidRequest("The specified clientRequestToken was already used with other parameters.")
		}
		return was.result, nil
	}
	result, no := do()
	if no == nil {
		b.answers[key] = remembered{string(x.call.Body), result}
	}
	return result, no
}

// writeJSON answers 200; nothing to say is an empty body.
func writeJSON(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	if result == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	text, err := json.Marshal(result)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(text)
}

// object is a JSON answer. Maps are written in the order of their keys.
type object map[string]any

// orNull writes an absent token as AWS does.
func orNull(token string) any {
	if token == "" {
		return nil
	}
	return token
}
