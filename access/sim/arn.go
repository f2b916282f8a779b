package sim

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// arn is an Amazon Resource Name in its six parts, the first ("arn") left out.
type arn struct{ partition, service, region, account, resource string }

func parseARN(s string) (arn, error) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return arn{}, fmt.Errorf("%q is not an ARN", s)
	}
	return arn{p[1], p[2], p[3], p[4], p[5]}, nil
}

func (a arn) String() string {
	return strings.Join([]string{"arn", a.partition, a.service, a.region, a.account, a.resource}, ":")
}

// kind is the word before the first slash: role, user, root, assumed-role.
func (a arn) kind() string {
	k, _, _ := strings.Cut(a.resource, "/")
	return k
}

// name is the last part of the resource, for an assumed role that before its session.
func (a arn) name() string {
	parts := strings.Split(a.resource, "/")
	if a.kind() == "assumed-role" && len(parts) >= 3 {
		return parts[len(parts)-2]
	}
	return parts[len(parts)-1]
}

func (a arn) session() string {
	if parts := strings.Split(a.resource, "/"); a.kind() == "assumed-role" && len(parts) >= 3 {
		return parts[len(parts)-1]
	}
	return ""
}

// canonical is the form in which the authenticator compares callers with
// aws-auth: a session becomes its role, whose path STS has already left out
// (aws-iam-authenticator, pkg/arn).
func (a arn) canonical() string {
	if a.service == "sts" && a.kind() == "assumed-role" {
		return arn{a.partition, "iam", "", a.account, "role/" + a.name()}.String()
	}
	return a.String()
}

// partitionOf tells the partition from a region's name.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// uniqueID makes an IAM unique id that stays the same over runs, and differs
// for a principal that was made anew at another time.
func uniqueID(prefix, arn string, created time.Time) string {
	sum := sha256.Sum256([]byte(arn + created.UTC().Format(time.RFC3339)))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// uuid makes an identifier of the usual shape out of what it identifies.
func uuid(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}
