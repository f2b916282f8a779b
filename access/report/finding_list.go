package report

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// ListFinding is a finding with its words.
type ListFinding struct {
	Code     access.Code     `json:"code"`
	Severity access.Severity `json:"severity"`
	Who      []string        `json:"who"` // ARNs of those it is about; none: the cluster as a whole
	About    []access.Key    `json:"about"`
	Message  string          `json:"message"`
	Evidence []string        `json:"evidence,omitempty"` // the roads, one sentence each
	Fix      string          `json:"fix,omitempty"`
	Roads    []access.Road   `json:"roads,omitempty"`
	Args     []string        `json:"args,omitempty"`

	of access.Finding
}

func listFinding(f access.Finding) ListFinding {
	text, fix := Finding(f)
	who := make([]string, len(f.Who))
	for i, p := range f.Who {
		who[i] = p.String()
	}
	return ListFinding{f.Code, f.Severity, who, orEmpty(f.About), text, Roads(f), fix, f.Roads, f.Args, f}
}

// FindingList is the whole answer of `list --findings`: what -o json prints.
type FindingList struct {
	APIVersion   string                 `json:"apiVersion"`
	Kind         string                 `json:"kind"`
	Cluster      ListCluster            `json:"cluster"`
	PolicyTable  string                 `json:"policyTable"` // the date of our table of access policies
	Items        []ListFinding          `json:"items"`
	Explanations map[access.Code]string `json:"explanations"` // of the codes among the items
	Gaps         []ListGap              `json:"gaps"`         // what was not looked at
}

// FindingFilter narrows findings. None named means all.
type FindingFilter struct {
	AtLeast    access.Severity
	Codes      []access.Code
	Principals []access.Principal
}

func (o FindingFilter) keeps(f access.Finding) bool {
	return f.Severity >= o.AtLeast && (len(o.Codes) == 0 || slices.Contains(o.Codes, f.Code)) &&
		(len(o.Principals) == 0 || slices.ContainsFunc(o.Principals, f.Concerns))
}

// FindingRow is a finding as a person reads it.
type FindingRow struct {
	access.Finding
	Sign           string
	Kind           Kind
	Text, Fix, Why string
	Evidence       []string // roads, or the objects that show it
	Line           int      // of aws-auth, 0 when it is about no line
}

// Findings are rows of those findings that a filter keeps, in their order.
func Findings(fs []access.Finding, o FindingFilter) []FindingRow {
	var out []FindingRow
	for _, f := range fs {
		if !o.keeps(f) {
			continue
		}
		text, fix := Finding(f)
		r := FindingRow{Finding: f, Sign: severitySign[f.Severity], Kind: severityKind(f.Severity), Text: text, Fix: fix, Why: Explanation(f.Code), Evidence: Roads(f), Line: lineOf(f)}
		if len(r.Evidence) == 0 {
			for _, k := range f.About {
				r.Evidence = append(r.Evidence, keyName(k))
			}
		}
		out = append(out, r)
	}
	return out
}

// ListFindings makes the list of those findings that a filter keeps.
func ListFindings(ix *access.Index, fs []access.Finding, o FindingFilter) FindingList {
	l := FindingList{APIVersion: access.APIVersion, Kind: "FindingList", Cluster: listCluster(ix.Snapshot()), PolicyTable: access.PolicyTableDate,
		Items: []ListFinding{}, Explanations: map[access.Code]string{}, Gaps: listGaps(ix.Snapshot())}
	for _, f := range fs {
		if o.keeps(f) {
			l.Items = append(l.Items, listFinding(f))
			l.Explanations[f.Code] = Explanation(f.Code)
		}
	}
	return l
}

// MarshalJSON writes the list so that printing it is harmless: see Escape.
func (l FindingList) MarshalJSON() ([]byte, error) {
	type plain FindingList
	text, err := json.Marshal(plain(l))
	if err != nil {
		return nil, err
	}
	return Escape(text), nil
}

// FindingCodes are the codes of what is said of a cluster, sorted.
func FindingCodes() []access.Code { return slices.Sorted(maps.Keys(clusterFindings)) }

// lineOf is the line of aws-auth that the sentence of a finding names: its slot {l}.
func lineOf(f access.Finding) int {
	s, _ := findings(f.Code)
	_, slot, found := strings.Cut(s.text, "{l")
	if !found {
		return 0
	}
	i := int(slot[0] - '0')
	if i >= len(f.Args) {
		return 0
	}
	n, _ := strconv.Atoi(f.Args[i]) // not a number: a file that somebody wrote by hand
	return n
}

// keyName says what a key stands for.
func keyName(k access.Key) string {
	switch k.Kind {
	case access.EntryKind:
		return Safe("access entry of " + who(k.Name))
	case access.AssociationKind:
		return Safe(word(access.PolicyName(k.Name)) + " of " + who(k.Namespace))
	case access.AuthMapKind:
		return Safe("ConfigMap " + word(k.Namespace) + "/" + word(k.Name))
	case access.PolicyKind:
		return Safe("access policy " + word(access.PolicyName(k.Name)))
	}
	name := word(k.Name)
	if k.Namespace != "" {
		name = word(k.Namespace) + "/" + name
	}
	return Safe(string(k.Kind) + " " + name)
}
