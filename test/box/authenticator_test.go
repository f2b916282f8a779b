package box

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	authenticationv1 "k8s.io/api/authentication/v1"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper"
	"sigs.k8s.io/aws-iam-authenticator/pkg/server"
)

// authenticator is the real one with its webhook. It watches aws-auth in an API server.
type authenticator struct {
	url    string
	client *http.Client
	let    atomic.Int64 // how many logins it let in
}

// startAuthenticator starts it for as long as this process lives: it has no end of its
// own. Of its environment only AWS is not real.
func startAuthenticator(kubeconfig, dir, ec2 string) (*authenticator, error) {
	logrus.SetOutput(io.Discard)
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIAAUTHENTICATOR000", "AWS_SECRET_ACCESS_KEY": "box", "AWS_REGION": region,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_EC2": ec2, "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		return nil, err
	}
	cfg := config.Config{ClusterID: clusterID, PartitionID: "aws", Hostname: "127.0.0.1", Address: "127.0.0.1", HostPort: port,
		HealthPort: port, // taken by then, so that no second port is opened
		StateDir:   dir, KubeconfigPregenerated: true, Kubeconfig: kubeconfig, BackendMode: []string{mapper.ModeEKSConfigMap}}
	go server.New(context.Background(), cfg).Run(nil)
	for range 5000 {
		if c, err := net.Dial("tcp", cfg.ListenAddr()); err == nil {
			return &authenticator{url: cfg.ServerURL(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32,
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}}, c.Close()
		}
		time.Sleep(time.Millisecond)
	}
	return nil, fmt.Errorf("the authenticator does not listen on %s", cfg.ListenAddr())
}

// review is what it makes of a token. Its webhook speaks v1beta1, which is v1 by
// another name.
func (a *authenticator) review(token string) (authenticationv1.TokenReviewStatus, error) {
	body, err := json.Marshal(authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}})
	if err != nil {
		return authenticationv1.TokenReviewStatus{}, err
	}
	res, err := a.client.Post(a.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return authenticationv1.TokenReviewStatus{}, err
	}
	defer res.Body.Close()
	var out authenticationv1.TokenReview
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return authenticationv1.TokenReviewStatus{}, err
	}
	// It refuses with 403, and with 429 where STS does not answer for now.
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusForbidden {
		return authenticationv1.TokenReviewStatus{}, fmt.Errorf("the authenticator: %s", res.Status)
	}
	if out.Status.Authenticated {
		a.let.Add(1)
	}
	return out.Status, nil
}
