package authenticator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eks-access/kubectl-eks-access/access/awsauth"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
)

// saidOf is what the authenticator logs about an item that it leaves out
// (pkg/config Validate), by our word for it.
var saidOf = map[string]string{
	awsauth.DropARNAndSSO:     "only one of rolearn or SSO can be supplied",
	awsauth.DropSSOAccount:    "is not a valid AWS Account ID",
	awsauth.DropSSOPermission: "is not a valid AWS SSO PermissionSet Name",
	awsauth.DropSSOPartition:  "is not a valid AWS partition",
	"mapRoles":                "one of rolearn or SSO must be supplied",
	"mapUsers":                "value for userarn must be supplied",
}

// complaints compares, key by key, what the authenticator logs with our problems:
// a key is lost or kept by both, and each item is left out for the same reason.
func complaints(t testing.TB, data map[string]string) {
	t.Helper()
	for _, s := range awsauth.Sections {
		text, ok := data[string(s)]
		if !ok {
			continue
		}
		one := map[string]string{string(s): text}
		_, _, _, err := configmap.ParseMap(one)
		said := strings.TrimPrefix(fmt.Sprint(err), "error parsing config map: ")
		m := awsauth.Parse(one)
		if lost := isLoss(s, said); lost == m.Readable() {
			t.Errorf("%s: the authenticator says %s, and we that the key is readable: %v\n%q", s, said, m.Readable(), text)
		}
		left := map[string]int{} // by the authenticator's words
		for _, item := range m.Items {
			switch item.Dropped {
			case "":
			case awsauth.DropNotText:
				if err == nil {
					t.Errorf("%s: we leave out element %d, the authenticator has no complaint\n%q", s, item.Index, text)
				}
			case awsauth.DropEmpty, awsauth.DropNotMapping, awsauth.DropNoARN:
				left[saidOf[string(s)]]++
			default:
				left[saidOf[item.Dropped]]++
			}
		}
		for _, words := range saidOf {
			if strings.Contains(text, words) {
				continue // an item that quotes the log is quoted by it
			}
			if got := strings.Count(said, words); got != left[words] {
				t.Errorf("%s: the authenticator says %d times %q, we leave out %d\n%s\n%q", s, got, words, left[words], said, text)
			}
		}
	}
}

// isLoss reads from the log whether a whole key is gone. Types that are wrong within
// an item name the item's type or a field; of accounts YAML says "unmarshal errors"
// for elements too, and tells the list itself by its type.
func isLoss(s awsauth.Section, said string) bool {
	if s == awsauth.MapAccounts {
		if strings.HasPrefix(said, "[yaml: unmarshal errors:") {
			return strings.Contains(said, " into []string")
		}
		return said != "<nil>"
	}
	if strings.HasPrefix(said, "[json: cannot unmarshal ") {
		return strings.Contains(said, "into Go value of type []config.")
	}
	for _, ofItem := range []string{"<nil>", "[one of ", "[only one of ", "[value for userarn ", "[AccountID '", "[PermissionSetName '", "[partition '"} {
		if strings.HasPrefix(said, ofItem) {
			return false
		}
	}
	return true
}
