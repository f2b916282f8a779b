package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/eks-access/kubectl-eks-access/access"
)

// answer is what the AWS CLI prints of the EKS operations: DescribeCluster,
// ListAccessEntries, DescribeAccessEntry, ListAssociatedAccessPolicies and
// ListAccessPolicies (EKS API reference). What is nil is not there.
type answer struct {
	NextToken   string `json:"nextToken"` // also "NextToken", which the CLI writes for --max-items
	ClusterName string `json:"clusterName"`

	Cluster                  *clusterAnswer `json:"cluster"`
	AccessEntry              *entryAnswer   `json:"accessEntry"`
	AccessEntries            *[]string      `json:"accessEntries"`
	PrincipalARN             string         `json:"principalArn"`
	AssociatedAccessPolicies *[]struct {
		PolicyARN   string `json:"policyArn"`
		AccessScope struct {
			Type       string   `json:"type"`
			Namespaces []string `json:"namespaces"`
		} `json:"accessScope"`
	} `json:"associatedAccessPolicies"`
	AccessPolicies *[]struct {
		Name string `json:"name"`
		ARN  string `json:"arn"`
	} `json:"accessPolicies"`
}

type clusterAnswer struct {
	Name            string `json:"name"`
	ARN             string `json:"arn"`
	Version         string `json:"version"`
	PlatformVersion string `json:"platformVersion"`
	Endpoint        string `json:"endpoint"`
	Status          string `json:"status"`
	Identity        struct {
		OIDC struct {
			Issuer string `json:"issuer"`
		} `json:"oidc"`
	} `json:"identity"`
	AccessConfig struct {
		AuthenticationMode access.Mode `json:"authenticationMode"`
	} `json:"accessConfig"`
}

type entryAnswer struct {
	ClusterName      string            `json:"clusterName"`
	PrincipalARN     string            `json:"principalArn"`
	Type             string            `json:"type"`
	Username         string            `json:"username"`
	KubernetesGroups []string          `json:"kubernetesGroups"`
	Tags             map[string]string `json:"tags"`
	CreatedAt        moment            `json:"createdAt"`
}

// moment is a time as AWS says it: seconds since 1970 on the wire and from version 1 of
// the CLI, ISO 8601 from version 2.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(text []byte) error {
	var seconds float64
	if json.Unmarshal(text, &seconds) == nil {
		whole, part := math.Modf(seconds)
		m.Time = time.Unix(int64(whole), int64(math.Round(part*1e3))*1e6).UTC()
		return nil
	}
	var iso string
	if err := json.Unmarshal(text, &iso); err != nil || iso == "" {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, iso)
	if err != nil {
		return fmt.Errorf("%q is no time", iso)
	}
	m.Time = t.UTC()
	return nil
}

// clusterName finds the one cluster that the AWS documents are about.
func clusterName(docs []document) (string, error) {
	var name string
	var from document
	for _, d := range docs {
		var a answer
		// What is no answer of AWS, or a broken one, is found later, by reading it.
		if _, kubernetes := d.members()["apiVersion"]; kubernetes || json.Unmarshal(d.text, &a) != nil {
			continue
		}
		names := []string{a.ClusterName}
		if a.Cluster != nil {
			names = append(names, a.Cluster.Name)
		}
		if a.AccessEntry != nil {
			names = append(names, a.AccessEntry.ClusterName)
		}
		for _, n := range names {
			switch {
			case n == "" || n == name:
			case name == "":
				name, from = n, d
			default:
				return "", d.at(fmt.Errorf("it is of cluster %s, and %s:%d is of cluster %s: a folder is about one", n, from.file, from.line, name))
			}
		}
	}
	return name, nil
}

// aws reads one answer of the EKS API.
func (r *reader) aws(d document) error {
	var a answer
	if err := unmarshal(d, &a); err != nil {
		return err
	}
	more := a.NextToken != ""
	switch {
	case a.Cluster != nil:
		return r.describeCluster(d, a)
	case a.AccessEntry != nil:
		return r.describeEntry(d, a)
	case a.AccessEntries != nil:
		return r.listEntries(d, *a.AccessEntries, more)
	case a.AssociatedAccessPolicies != nil:
		return r.listAssociated(d, a, more)
	case a.AccessPolicies != nil:
		for _, p := range *a.AccessPolicies {
			if p.ARN == "" {
				return d.at(errors.New("an access policy without an arn"))
			}
			if err := r.add(d, access.AccessPolicy{In: r.eks, Name: p.Name, ARN: p.ARN}); err != nil {
				return err
			}
		}
		r.complete(d, access.PolicyKind, more)
		return nil
	}
	r.remark(d, Foreign) // a member is there and null
	return nil
}

// complete notes that a kind was listed, to its end or not.
func (r *reader) complete(d document, k access.Kind, more bool) {
	if more {
		r.remark(d, Part, string(k))
		return
	}
	r.whole[k] = true
}

func (r *reader) describeCluster(d document, a answer) error {
	in := a.Cluster
	part := strings.SplitN(in.ARN, ":", 6)
	if in.Name == "" || len(part) != 6 {
		return d.at(fmt.Errorf("cluster %q has the arn %q, which is none: is it all that describe-cluster printed?", in.Name, in.ARN))
	}
	c := access.Cluster{In: r.eks, Name: in.Name, ARN: in.ARN, Region: part[3], Account: part[4], Version: in.Version,
		PlatformVersion: in.PlatformVersion, Endpoint: in.Endpoint, Issuer: in.Identity.OIDC.Issuer, Status: in.Status}
	// Clusters from before access entries have no accessConfig.
	mode := access.AuthMode{In: r.eks, Mode: access.ConfigMapMode}
	if in.AccessConfig.AuthenticationMode != "" {
		mode.Mode = in.AccessConfig.AuthenticationMode
	}
	r.whole[access.ClusterKind], r.whole[access.AuthModeKind] = true, true
	return errors.Join(r.add(d, c), r.add(d, mode))
}

func (r *reader) describeEntry(d document, a answer) error {
	in := a.AccessEntry
	if in.PrincipalARN == "" {
		return d.at(errors.New("an access entry without a principalArn"))
	}
	r.described[in.PrincipalARN] = true
	e := access.AccessEntry{In: r.eks, Principal: in.PrincipalARN, Type: in.Type, Username: in.Username, Created: in.CreatedAt.Time}
	if len(in.KubernetesGroups) > 0 {
		e.Groups = in.KubernetesGroups
	}
	if len(in.Tags) > 0 {
		e.Tags = in.Tags
	}
	return r.add(d, e)
}

func (r *reader) listEntries(d document, arns []string, more bool) error {
	for _, arn := range arns {
		if arn == "" {
			return d.at(errors.New("an access entry without an ARN"))
		}
		r.listed[arn] = true
	}
	r.complete(d, access.EntryKind, more)
	return nil
}

func (r *reader) listAssociated(d document, a answer, more bool) error {
	if a.PrincipalARN == "" {
		return d.at(errors.New("associated access policies without a principalArn: whose they are is not told"))
	}
	for _, p := range *a.AssociatedAccessPolicies {
		one := access.PolicyAssociation{In: r.eks, Principal: a.PrincipalARN, Policy: p.PolicyARN}
		switch p.AccessScope.Type {
		case "cluster":
			one.Scope.Cluster = true
		case "namespace":
			one.Scope.Namespaces = p.AccessScope.Namespaces
		default:
			return d.at(fmt.Errorf("%s has the scope %q, which is neither cluster nor namespace", p.PolicyARN, p.AccessScope.Type))
		}
		if err := r.add(d, one); err != nil {
			return err
		}
	}
	if more {
		r.remark(d, Part, string(access.AssociationKind))
		return nil
	}
	r.associated[a.PrincipalARN] = true
	return nil
}
