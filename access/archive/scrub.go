package archive

import (
	"regexp"
	"strings"
)

// removed stands where something with the shape of a credential stood.
const removed = "(removed)"

const digits = "0123456789"

// userinfo is the name and password of a URL.
var userinfo = regexp.MustCompile(`://[^/?#\s]*@`)

// shapes are what credentials look like: EKS tokens, JSON web tokens, the fields of a
// presigned request and access keys.
var shapes = []*regexp.Regexp{
	regexp.MustCompile(`()k8s-aws-v1\.[\w-]+`),
	regexp.MustCompile(`()eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?`),
	regexp.MustCompile(`(?i)(\bx-amz-(?:signature|security-token|credential)=)[^&\s"']+`),
	regexp.MustCompile(`()\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b`),
	regexp.MustCompile(`(?i)(\w*(?:secret|token|password|passwd|api_?key|access_?key)\w*["']?=["']?)[^\s"',;]+`),
}

// named are what stands behind the word for a credential. So do ordinary sentences
// ("ExpiredToken: The security token ..."), but without a digit.
var named = regexp.MustCompile(`(?i)(\w*(?:secret|token|password|passwd|api_?key|access_?key)\w*["']?\s*[=:]\s*["']?|\b(?:bearer|basic)\s+["']?)([^\s"',;]{6,})`)

// keyText is long enough for a secret access key or a line of a private one.
var keyText = regexp.MustCompile(`[A-Za-z0-9/+=]{40,}`)

// scrub takes what has the shape of a credential out of a free text.
func scrub(text string) string {
	text = userinfo.ReplaceAllString(text, "://")
	for _, s := range shapes {
		text = s.ReplaceAllString(text, "${1}"+removed)
	}
	text = named.ReplaceAllStringFunc(text, func(all string) string {
		part := named.FindStringSubmatch(all)
		if part[2] == removed || !strings.ContainsAny(part[2], digits) {
			return all
		}
		return part[1] + removed
	})
	return keyText.ReplaceAllStringFunc(text, func(word string) string {
		// Names and paths of that length are written in one case or without digits.
		for _, sort := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits} {
			if !strings.ContainsAny(word, sort) {
				return word
			}
		}
		return removed
	})
}
