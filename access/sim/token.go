package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

const tokenPrefix = "k8s-aws-v1."

// maxToken is the authenticator's limit in bytes.
const maxToken = 4096

// Token makes what "aws eks get-token" prints: a presigned GetCallerIdentity in
// base64, with the cluster's name as a signed header.
func (b *Bench) Token(accessKey, cluster string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	region := "us-east-1"
	if c := b.clusterNamed(cluster); c != nil {
		region = c.region
	}
	now := b.options.Now().UTC()
	q := url.Values{
		"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"},
		"X-Amz-Algorithm":     {"AWS4-HMAC-SHA256"},
		"X-Amz-Credential":    {accessKey + "/" + now.Format("20060102") + "/" + region + "/sts/aws4_request"},
		"X-Amz-Date":          {now.Format("20060102T150405Z")},
		"X-Amz-Expires":       {"60"},
		"X-Amz-SignedHeaders": {"host;x-k8s-aws-id"},
	}
	u := url.URL{Scheme: "https", Host: "sts." + region + ".amazonaws.com", Path: "/"}
	if partitionOf(region) == "aws-cn" {
		u.Host += ".cn"
	}
	q.Set("X-Amz-Signature", signature(u.Host, q, cluster))
	u.RawQuery = q.Encode()
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(u.String()))
}

// readToken checks a token's shape as the authenticator does, and returns the
// access key in it. The cluster's name is in no place of a token, only under its
// signature: a token signed with the bench's secret for another cluster is
// refused, one signed with a secret that the bench does not know is believed.
func (b *Bench) readToken(token string, c *cluster) (key string, err error) {
	coded, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return "", fmt.Errorf("token is missing expected %q prefix", tokenPrefix)
	}
	if len(token) > maxToken {
		return "", errors.New("token is too large")
	}
	text, err := base64.RawURLEncoding.DecodeString(coded)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(string(text))
	if err != nil {
		return "", err
	}
	q := u.Query()
	scope := strings.Split(q.Get("X-Amz-Credential"), "/")
	switch {
	case u.Scheme != "https" || u.Path != "/" || !strings.HasPrefix(u.Host, "sts.") && !strings.HasPrefix(u.Host, "sts-fips."):
		return "", fmt.Errorf("unexpected address %s://%s%s in pre-signed URL", u.Scheme, u.Host, u.Path)
	case q.Get("Action") != "GetCallerIdentity":
		return "", errors.New("unexpected action parameter in pre-signed URL")
	case !slices.Contains(strings.Split(strings.ToLower(q.Get("X-Amz-SignedHeaders")), ";"), "x-k8s-aws-id"):
		return "", errors.New("client did not sign the x-k8s-aws-id header in the pre-signed URL")
	case len(scope) != 5 || q.Get("X-Amz-Date") == "" || q.Get("X-Amz-Signature") == "":
		return "", errors.New("the pre-signed URL is not signed")
	}
	for _, other := range b.clusters {
		if other.name != c.name && signature(u.Host, q, other.name) == q.Get("X-Amz-Signature") {
			return "", fmt.Errorf("token is for cluster %q", other.name)
		}
	}
	return scope[0], nil
}

// signature is AWS's Signature Version 4 of the presigned request with the
// cluster's name as its second header.
func signature(host string, q url.Values, cluster string) string {
	scope := strings.SplitN(q.Get("X-Amz-Credential"), "/", 2)
	if len(scope) != 2 {
		return ""
	}
	day, _, _ := strings.Cut(q.Get("X-Amz-Date"), "T")
	parts := strings.Split(scope[1], "/")
	unsigned := url.Values{}
	for k, v := range q {
		if k != "X-Amz-Signature" {
			unsigned[k] = v
		}
	}
	// The digest of an empty body.
	payload := sha256.Sum256(nil)
	canonical := strings.Join([]string{
		"GET", "/", strings.ReplaceAll(unsigned.Encode(), "+", "%20"),
		"host:" + host, "x-k8s-aws-id:" + cluster, "", q.Get("X-Amz-SignedHeaders"), hex.EncodeToString(payload[:]),
	}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", q.Get("X-Amz-Date"), scope[1], hex.EncodeToString(digest[:])}, "\n")
	key := mac([]byte("AWS4"+secret), day)
	for _, part := range parts[1:] {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
