package iam

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/eks-access/kubectl-eks-access/access"
)

// errGone: IAM answered NoSuchEntity.
var errGone = errors.New("no such principal")

// unread is an SDK error in our words.
type unread struct {
	why  access.Code
	text string
}

func (u *unread) Error() string { return u.text }

// denied reads who may not do what on what out of AWS's sentence.
var denied = regexp.MustCompile(`(?:User: )?(arn:\S+) is not authorized to perform: (\S+?)(?: on resource: (\S+))?(?:\s|$)`)

// refused puts an SDK error into words, once.
func refused(me access.Principal, op string, p access.Principal, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return &unread{access.Unreachable, fmt.Sprintf("no answer from IAM about %s: %v", p.ARN, err)}
	}
	_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	switch code := api.ErrorCode(); {
	case code == "NoSuchEntity", code == "NoSuchEntityException":
		return errGone
	case strings.HasPrefix(code, "AccessDenied"):
		f := &access.Forbidden{Who: me.ARN, Action: "iam:" + op}
		resource := p.ARN
		if m := denied.FindStringSubmatch(api.ErrorMessage()); m != nil {
			f.Who, f.Action = m[1], m[2]
		}
		f.Detail = fmt.Sprintf("ask for %s on %s", f.Action, resource)
		return f
	case throttled:
		return &unread{access.Throttled, fmt.Sprintf("IAM throttles iam:%s: try again in a minute", op)}
	case strings.Contains(code, "Token"), strings.Contains(code, "Signature"):
		return &unread{access.Unauthorized, "IAM takes no credentials from here: " + api.ErrorMessage()}
	}
	return &unread{access.Broken, fmt.Sprintf("iam:%s about %s: %s (%s)", op, p.ARN, api.ErrorMessage(), api.ErrorCode())}
}
