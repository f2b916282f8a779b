package box

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

const (
	region    = "us-west-2"
	clusterID = "box" // what tokens are signed for; the authenticator knows no other
)

var signed atomic.Int64

// token is what the helper of a kubeconfig makes: a presigned GetCallerIdentity. No two
// are the same, as credentials of a role have a session token of their own.
func token(key string) string {
	r, err := http.NewRequest(http.MethodGet, "https://sts."+region+".amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60", nil)
	if err != nil {
		panic(err) // we wrote it
	}
	r.Header.Set("x-k8s-aws-id", clusterID)
	nothing := sha256.Sum256(nil)
	address, _, err := v4.NewSigner().PresignHTTP(context.Background(), aws.Credentials{AccessKeyID: key, SecretAccessKey: "box", SessionToken: fmt.Sprint(signed.Add(1))},
		r, hex.EncodeToString(nothing[:]), "sts", region, time.Now())
	if err != nil {
		panic(err)
	}
	return "k8s-aws-v1." + base64.RawURLEncoding.EncodeToString([]byte(address))
}

// Nobody but the box calls as the marker: an account that a text of aws-auth lets in.
const (
	markerKey     = "AKIAMARKER0000000000"
	markerAccount = "000000000000"
)

// sts sends what goes to STS to the bench that is played now. Whatever goes to another
// host takes the usual way.
type sts struct {
	bench func() *sim.Bench
	next  http.RoundTripper
}

func (s sts) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Host, "sts.") {
		return s.next.RoundTrip(r)
	}
	if strings.HasPrefix(r.URL.Query().Get("X-Amz-Credential"), markerKey+"/") {
		return answer(r, identity{ARN: "arn:aws:iam::" + markerAccount + ":user/marker", Account: markerAccount, UserID: "AIDAMARKER"})
	}
	res, err := sim.Wire(s.bench()).RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	defer res.Body.Close()
	var said struct {
		Result identity `xml:"GetCallerIdentityResult"`
	}
	if err := xml.NewDecoder(res.Body).Decode(&said); err != nil {
		return nil, err
	}
	return answer(r, said.Result)
}

type identity struct {
	ARN     string `xml:"Arn" json:"Arn"`
	Account string
	UserID  string `xml:"UserId" json:"UserId"`
}

// answer is in JSON, as STS answers whoever accepts that; the bench knows XML only.
func answer(r *http.Request, i identity) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{"GetCallerIdentityResponse": map[string]any{"GetCallerIdentityResult": i}})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// describeInstances is EC2, in which every instance has the name that the bench gives it.
func describeInstances(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet>`)
	for n := 1; ; n++ {
		id := r.FormValue(fmt.Sprintf("InstanceId.%d", n))
		if id == "" {
			break
		}
		fmt.Fprintf(w, `<item><instanceId>%s</instanceId><privateDnsName>ip-%s.%s.compute.internal</privateDnsName></item>`, id, strings.TrimPrefix(id, "i-"), region)
	}
	fmt.Fprint(w, `</instancesSet></item></reservationSet></DescribeInstancesResponse>`)
}
