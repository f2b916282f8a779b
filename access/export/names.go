package export

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// names gives objects names inside a text. A name is made of its object, and changes
// only when another comes that would have the same: Terraform and CloudFormation take
// a resource under another name for another resource.
type names struct {
	make func(words []string) string // joins words into a name the format takes
	most int                         // how long one may be
}

func newNames(most int, join func(words []string) string, about map[access.Key]string) map[access.Key]string {
	n, out := names{join, most}, map[access.Key]string{}
	count := map[string]int{}
	for _, text := range about {
		count[n.plain(text)]++
	}
	for k, text := range about {
		out[k] = n.plain(text)
		if count[out[k]] > 1 || len(out[k]) > n.most || seemsSure(text) {
			out[k] = n.sure(k, text)
		}
	}
	return out
}

func (n names) plain(text string) string { return n.make(pieces(text)) }

// sure ends in a digest of the key: two different objects can't meet in it.
func (n names) sure(k access.Key, text string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(k.Realm), string(k.Kind), k.Namespace, k.Name}, "\x00")))
	words := append(pieces(text), "x"+hex.EncodeToString(sum[:])[:16])
	for len(words) > 1 && len(n.make(words)) > n.most {
		words = words[1:]
	}
	return n.make(words)
}

var sureWord = regexp.MustCompile(`^x[0-9a-fA-F]{16}$`)

// seemsSure reports whether a name ends like those with a digest, so that nobody can
// call an object by another one's name.
func seemsSure(text string) bool {
	words := pieces(text)
	return len(words) > 0 && sureWord.MatchString(words[len(words)-1])
}

// pieces are the runs of ASCII letters and digits: what every format takes.
func pieces(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	})
}

// principalWords are what a name of a principal is made of: kind and name.
func principalWords(arn string) string {
	p, _ := access.ParsePrincipal(arn)
	return string(p.Kind) + " " + p.Name
}

// policyName is the last part of a policy's ARN.
func policyName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
