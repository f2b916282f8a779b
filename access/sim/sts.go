package sim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// secret is the secret key of every access key of the bench, which checks it
// nowhere but in tokens, to learn for which cluster one was signed.
const secret = "the-bench-has-no-secrets"

func (b *Bench) getCallerIdentity(x *exchange) (any, *refusal) {
	// Needs no permission, and cannot be denied (STS API reference).
	return struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string
	}{x.caller.arn.String(), x.caller.userID(), x.caller.arn.account}, nil
}

func (b *Bench) assumeRole(x *exchange) (any, *refusal) {
	target, session := x.form.Get("RoleArn"), x.form.Get("RoleSessionName")
	a, err := parseARN(target)
	if err != nil || a.service != "iam" || a.kind() != "role" {
		return nil, validation("%s is invalid", target)
	}
	if no := x.caller.may("sts:AssumeRole", target); no != nil {
		return nil, no
	}
	role := b.account(a.account).exact(a)
	if role == nil || !role.trusts(x.caller.arn) {
		// One text for a missing role, a missing trust and a missing permission.
		return nil, refuse(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", x.caller.arn, target)
	}
	lasts := time.Hour
	if seconds, err := strconv.Atoi(x.form.Get("DurationSeconds")); err == nil {
		lasts = time.Duration(seconds) * time.Second
	}
	b.serial++
	c := &caller{
		key:  fmt.Sprintf("ASIA%s", uniqueID("", target+session+fmt.Sprint(b.serial), b.start)[:16]),
		arn:  arn{a.partition, "sts", "", a.account, "assumed-role/" + role.name + "/" + session},
		id:   role.id,
		deny: b.denials(role),
	}
	b.callers[c.key] = c
	type credentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	type user struct {
		AssumedRoleID string `xml:"AssumedRoleId"`
		ARN           string `xml:"Arn"`
	}
	return struct {
		Credentials     credentials
		AssumedRoleUser user
	}{
		credentials{c.key, secret, "session-token-of-" + c.key, x.now.Add(lasts).UTC().Format(iamTime)},
		user{c.userID(), c.arn.String()},
	}, nil
}

// denials are what the world denies to callers in the same role.
func (b *Bench) denials(role *identity) []string {
	var out []string
	for _, key := range sortedKeys(b.callers) {
		if c := b.callers[key]; c.id == role.id {
			out = append(out, c.deny...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// trusts tells whether the role lets this caller in: by the caller's role or
// user, by its account, or, if the world says nothing, by being at home.
func (i *identity) trusts(c arn) bool {
	if len(i.trust) == 0 {
		return c.account == i.arn.account
	}
	for _, t := range i.trust {
		p, err := parseARN(t)
		if err != nil || p.account != c.account {
			continue
		}
		at := strings.TrimPrefix(c.kind(), "assumed-")
		if p.kind() == "root" || p.kind() == at && p.name() == c.name() {
			return true
		}
	}
	return false
}
