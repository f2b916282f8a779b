package report_test

import (
	"testing"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

func TestGapSaysWhatWhyAndWhatToAskFor(t *testing.T) {
	for want, g := range map[string]access.Gap{
		"aws-auth items: loading":        {Kind: access.AuthMapKind, Why: access.Loading},
		"namespaces: loading (340/3000)": {Kind: access.NamespaceKind, Why: access.Loading, Detail: "340/3000"},
		"access entries could not be read: the server refused: not authorized; ask for eks:ListAccessEntries and eks:DescribeAccessEntry": {Kind: access.EntryKind, Why: access.Denied, Detail: "not authorized"},
		"access entries could not be read: the server refused: not authorized to perform: eks:ListAccessEntries":                          {Kind: access.EntryKind, Why: access.Denied, Detail: "not authorized to perform: eks:ListAccessEntries"},
		"the access policies of dev could not be read: too many requests, also after retries":                                             {Kind: access.AssociationKind, Name: "arn:aws:iam::123456789012:role/dev", Why: access.Throttled},
		"rules of AmazonEKSEventPolicy: AWS does not publish the rules of this policy":                                                    {Kind: access.PolicyKind, Name: "AmazonEKSEventPolicy", Why: access.Undocumented},
		"rules of AmazonEKSNewPolicy: not in our table of access policies, as of " + access.PolicyTableDate:                               {Kind: access.PolicyKind, Name: "AmazonEKSNewPolicy", Why: access.Undocumented},
		"whether the mapping of dev counts is not known: the cluster's authentication mode could not be read":                             {Kind: access.AuthMapKind, Name: "arn:aws:iam::123456789012:role/dev", Why: access.ModeUnread},
		"something could not be read: no answer":                                                                                          {Why: access.Unreachable},
		"Secret could not be read: no answer: dial tcp: no route":                                                                         {Kind: "Secret", Why: access.Unreachable, Detail: "dial tcp: no route"},
	} {
		if got := report.Gap(g); got != want {
			t.Errorf("%+v\ngot  %q\nwant %q", g, got, want)
		}
	}
}
