package eks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"github.com/eks-access/kubectl-eks-access/access"
)

// refusal is an SDK error in our words. The SDK's type ends here.
type refusal struct {
	why      access.Code
	code     string // AWS's, "" when AWS gave no answer
	message  string // AWS's
	text     string // ours: what, where, how to fix
	answered bool
	context  error // context.Canceled and the like stay visible to errors.Is
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.context }

// Answered reports whether AWS said no: then nothing was written. Otherwise the
// answer was lost, and what was asked may have been done.
func (r *refusal) Answered() bool { return r.answered }

// denied reads who may not do what on what out of AWS's sentence.
var denied = regexp.MustCompile(`(?:User: )?(arn:\S+) is not authorized to perform: (\S+?)(?: on resource: (\S+))?(?:\s|$)`)

// refused puts an SDK error into words, once. op is the operation, which is also
// the name of the IAM action it needs.
func (s *Side) refused(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	r := &refusal{text: "eks:" + op + " on " + s.cluster + ": " + err.Error()}
	var api smithy.APIError
	var sso *ssocreds.InvalidTokenError
	var broken *smithy.DeserializationError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		r.why, r.context = access.Unreachable, err
		r.text = fmt.Sprintf("eks:%s on %s was given up: no answer in time", op, s.cluster)
	case errors.As(err, &api):
		r.code, r.message = api.ErrorCode(), api.ErrorMessage()
		return s.answer(ctx, op, r, statusOf(err))
	case errors.As(err, &sso), strings.Contains(err.Error(), "get credentials"):
		return s.unauthorized(err)
	case errors.As(err, &broken):
		r.why, r.text = access.Broken, fmt.Sprintf("the answer to eks:%s can't be read: %v", op, err)
	default:
		r.why = access.Unreachable
		r.text = fmt.Sprintf("no answer from EKS in %s: %v; check the network, a proxy, and that the region is right", s.region, root(err))
	}
	return r
}

// answer sorts an AWS error code.
func (s *Side) answer(ctx context.Context, op string, r *refusal, status int) error {
	_, throttled := retry.DefaultThrottleErrorCodes[r.code]
	r.answered = status < 500 && !throttled
	switch {
	case throttled:
		r.why = access.Throttled
		r.text = fmt.Sprintf("EKS throttles eks:%s in %s: try again in a minute", op, s.region)
	case strings.HasPrefix(r.code, "AccessDenied"), r.code == "UnauthorizedOperation":
		return s.forbidden(ctx, op, r.message)
	case credentialCodes[r.code]:
		return s.unauthorized(errors.New(r.message))
	case r.code == notFound && s.noCluster(op, r.message):
		r.why = access.NotFound
		r.text = fmt.Sprintf("no cluster %s in %s for %s: check --cluster-name, --region and --profile", s.cluster, s.region, s.who(ctx))
	case r.code == notFound:
		r.why, r.text = access.NotFound, fmt.Sprintf("eks:%s on %s: %s", op, s.cluster, r.message)
	case status >= 500:
		r.why, r.text = access.Unreachable, fmt.Sprintf("EKS in %s has trouble of its own with eks:%s (%d %s): try again", s.region, op, status, r.code)
	default:
		r.why, r.text = access.Broken, fmt.Sprintf("eks:%s on %s: %s (%s)", op, s.cluster, r.message, r.code)
	}
	return r
}

const (
	notFound         = "ResourceNotFoundException"
	invalidRequest   = "InvalidRequestException"
	invalidParameter = "InvalidParameterException"
	inUse            = "ResourceInUseException"
)

var credentialCodes = map[string]bool{
	"ExpiredToken": true, "ExpiredTokenException": true, "RequestExpired": true, "UnrecognizedClientException": true,
	"InvalidClientTokenId": true, "InvalidSignatureException": true, "SignatureDoesNotMatch": true,
	"MissingAuthenticationToken": true, "MissingAuthenticationTokenException": true, "IncompleteSignature": true,
}

func (s *Side) forbidden(ctx context.Context, op, message string) error {
	f := &access.Forbidden{Action: "eks:" + op}
	resource := "cluster " + s.cluster
	if m := denied.FindStringSubmatch(message); m != nil {
		f.Who, f.Action = m[1], m[2]
		if m[3] != "" {
			resource = strings.TrimSuffix(m[3], ".")
		}
	}
	f.Who = cmp.Or(f.Who, s.who(ctx))
	f.Detail = fmt.Sprintf("ask for %s on %s", f.Action, resource)
	if strings.Contains(message, "explicit deny") {
		f.Detail = fmt.Sprintf("an explicit deny (policy, boundary or SCP) forbids %s on %s", f.Action, resource)
	}
	return f
}

func (s *Side) unauthorized(err error) error {
	login := "aws sso login"
	if s.profile != "" {
		login += " --profile " + s.profile
	}
	return &refusal{why: access.Unauthorized, answered: true, text: fmt.Sprintf(
		"AWS takes no credentials from here: %v; log in again (%s), renew the keys in the environment, or choose another --profile", root(err), login)}
}

// who names the caller. A read asks STS at the same time as all else, so it may
// have to wait for that answer.
func (s *Side) who(ctx context.Context) string {
	return cmp.Or(s.identify(ctx), "the present credentials")
}

// noCluster tells a missing cluster from a missing entry. Only the text differs,
// but for the calls that are about the cluster alone.
func (s *Side) noCluster(op, message string) bool {
	switch op {
	case "DescribeCluster", "ListAccessEntries", "UpdateClusterConfig":
		return true
	}
	return strings.Contains(message, "No cluster found")
}

// gap is an error as a gap.
func (s *Side) gap(k access.Kind, name string, err error) access.Gap {
	g := access.Gap{Realm: s.realm, Kind: k, Name: name, Why: access.Broken, Detail: err.Error()}
	var f *access.Forbidden
	var r *refusal
	switch {
	case errors.As(err, &f):
		g.Why = access.Denied
	case errors.As(err, &r):
		g.Why = r.why
	}
	return g
}

// code is AWS's error code, "" when there is none.
func code(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.code
	}
	return ""
}

func says(err error, text string) bool {
	var r *refusal
	return errors.As(err, &r) && strings.Contains(r.message, text)
}

// wrongMode reports whether EKS refused because the cluster reads no entries.
// The code is shared with other complaints, so the text has to help.
func wrongMode(err error) bool {
	return code(err) == invalidRequest && says(err, "authentication mode")
}

// absentInConfigMapMode: a cluster that reads no entries has none.
func (s *Side) absentInConfigMapMode(err error) error {
	if wrongMode(err) {
		return nil
	}
	return err
}

func statusOf(err error) int {
	var r *awshttp.ResponseError
	if errors.As(err, &r) {
		return r.HTTPStatusCode()
	}
	return http.StatusBadRequest
}

// root is the innermost error: the SDK wraps it in the names of its layers.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
