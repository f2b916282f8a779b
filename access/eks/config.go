package eks

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Options say as whom and where to call AWS. Env is the exec env of the
// kubeconfig's helper: for AWS's settings it wins over the process environment,
// as it does for the helper itself (client-go, exec plugin).
type Options struct {
	Region, Profile, RoleARN, ExternalID string
	Env                                  map[string]string
	HTTPClient                           aws.HTTPClient
	Credentials                          aws.CredentialsProvider
	Endpoint                             string // of all services: tests and the sandbox
}

// roleSession is the session name of `aws eks get-token --role-arn`, so that we
// appear under the same name as kubectl does.
const roleSession = "EKSGetTokenAuth"

// Config makes the SDK's configuration. It reads files, and never touches the
// network: credentials are fetched by the first call.
func Config(ctx context.Context, o Options) (aws.Config, error) {
	env := func(name string) string { return cmp.Or(o.Env[name], os.Getenv(name)) }
	if o.HTTPClient != nil && o.Credentials != nil {
		// A world of its own (the demo): a broken ~/.aws must not reach into it.
		cfg := aws.Config{Region: o.Region, Credentials: o.Credentials, HTTPClient: o.HTTPClient}
		if o.Endpoint != "" {
			cfg.BaseEndpoint = &o.Endpoint
		}
		return cfg, nil
	}
	// The SDK's own log would be written over a screen; what matters comes as errors.
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(httpClient()), config.WithLogger(logging.Nop{})}
	if region := cmp.Or(o.Region, env("AWS_REGION"), env("AWS_DEFAULT_REGION")); region != "" {
		load = append(load, config.WithRegion(region))
	}
	if endpoint := cmp.Or(o.Endpoint, o.Env["AWS_ENDPOINT_URL"]); endpoint != "" {
		load = append(load, config.WithBaseEndpoint(endpoint))
	}
	if file := o.Env["AWS_CONFIG_FILE"]; file != "" {
		load = append(load, config.WithSharedConfigFiles([]string{file}))
	}
	if file := o.Env["AWS_SHARED_CREDENTIALS_FILE"]; file != "" {
		load = append(load, config.WithSharedCredentialsFiles([]string{file}))
	}
	if file := o.Env["AWS_CA_BUNDLE"]; file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return aws.Config{}, fmt.Errorf("read AWS_CA_BUNDLE of the kubeconfig's exec env: %w", err)
		}
		load = append(load, config.WithCustomCABundle(bytes.NewReader(pem)))
	}
	if profile := profileFor(o, env); profile != "" {
		load = append(load, config.WithSharedConfigProfile(profile))
	}
	if p := credentialsFor(o); p != nil {
		load = append(load, config.WithCredentialsProvider(p))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("read the AWS configuration: %w (see --profile and ~/.aws/config)", err)
	}
	if o.HTTPClient != nil {
		cfg.HTTPClient = o.HTTPClient
	}
	if file, arn := o.Env["AWS_WEB_IDENTITY_TOKEN_FILE"], o.Env["AWS_ROLE_ARN"]; file != "" && arn != "" && o.Credentials == nil && o.Profile == "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(cfg), arn,
			stscreds.IdentityTokenFile(file), func(w *stscreds.WebIdentityRoleOptions) { w.RoleSessionName = o.Env["AWS_ROLE_SESSION_NAME"] }))
	}
	if o.RoleARN != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.RoleARN,
			func(a *stscreds.AssumeRoleOptions) {
				a.RoleSessionName = roleSession
				if o.ExternalID != "" {
					a.ExternalID = &o.ExternalID
				}
			}))
	}
	return cfg, nil
}

// profileFor is the profile to force on the SDK. One that comes from the exec env
// does not beat keys in the environment, one that was asked for does; that is how
// the aws command reads them (botocore, credential resolver).
func profileFor(o Options, env func(string) string) string {
	fromEnv := o.Env["AWS_PROFILE"]
	if o.Profile != "" && o.Profile != fromEnv {
		return o.Profile
	}
	if env("AWS_ACCESS_KEY_ID") != "" && env("AWS_SECRET_ACCESS_KEY") != "" {
		return ""
	}
	return cmp.Or(o.Profile, fromEnv)
}

// credentialsFor are keys given outright, by the caller or in the exec env.
func credentialsFor(o Options) aws.CredentialsProvider {
	key, secret := o.Env["AWS_ACCESS_KEY_ID"], o.Env["AWS_SECRET_ACCESS_KEY"]
	switch {
	case o.Credentials != nil:
		return o.Credentials
	case key != "" && secret != "" && (o.Profile == "" || o.Profile == o.Env["AWS_PROFILE"]):
		return credentials.NewStaticCredentialsProvider(key, secret, o.Env["AWS_SESSION_TOKEN"])
	}
	return nil
}

// httpClient keeps a connection for each call in flight: the standard transport
// keeps two per host and would shake hands for every answer.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(30 * time.Second).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 2*mostInFlight, 2*mostInFlight
		})
}

// Attempts: throttling is waited out, some ten seconds in all, anything else is
// told after the third.
const (
	attempts          = 3
	throttledAttempts = 12
)

// A throttled call waits a random part of the first delay, then of twice that and
// so on. The SDK's first delay is two seconds: at one refusal in five, places in
// the gate would be held by calls that sleep.
const (
	firstDelay = 50 * time.Millisecond
	mostDelay  = 3 * time.Second
)

// patient is the SDK's standard retryer with more attempts for throttling, which
// it reports. The SDK's token bucket is off: 3,000 entries throttled once each
// are no reason to give up, and the gate already slows us down.
type patient struct {
	aws.RetryerV2
	throttled func()
}

func retryer(throttled func()) aws.RetryerV2 {
	return &patient{throttled: throttled, RetryerV2: retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff, o.RateLimiter = throttledAttempts, mostDelay, ratelimit.None
	})}
}

var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

func (p *patient) IsErrorRetryable(err error) bool {
	if p.throttled != nil && throttles.IsErrorThrottle(err) == aws.TrueTernary {
		p.throttled()
	}
	return p.RetryerV2.IsErrorRetryable(err)
}

// RetryDelay ends the attempts of all but throttled calls by an error of its own.
func (p *patient) RetryDelay(attempt int, err error) (time.Duration, error) {
	if throttles.IsErrorThrottle(err) == aws.TrueTernary {
		return rand.N(min(firstDelay<<max(attempt-1, 0), mostDelay)), nil
	}
	if attempt >= attempts {
		return 0, fmt.Errorf("after %d attempts: %w", attempt, err)
	}
	return p.RetryerV2.RetryDelay(attempt, err)
}
