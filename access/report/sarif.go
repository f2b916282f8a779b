package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Sarif is a log in the Static Analysis Results Interchange Format 2.1.0 (OASIS), as
// far as we have something to say.
type Sarif struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Automation  sarifID           `json:"automationDetails"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID   string    `json:"id"`
	Text sarifText `json:"shortDescription"`
	Help sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

// markup takes from a text what SARIF reads in messages: {0} is a placeholder, [a](b) a
// link (SARIF 2.1.0 3.11.5, 3.11.6). Names come from the cluster, and may hold either.
var markup = strings.NewReplacer("{", "{{", "}", "}}", "[", `\[`, "]", `\]`, `\`, `\\`)

// literal is a message that is read as it stands.
func literal(text string) sarifText { return sarifText{markup.Replace(text)} }

type sarifID struct {
	ID string `json:"id"`
}

type sarifInvocation struct {
	OK    bool                `json:"executionSuccessful"`
	Notes []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Properties   map[string]any    `json:"properties"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// SarifSchema is where the format is written down.
const SarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF writes findings for the tools that collect them. What could not be read is a
// notification: an empty list must not look like a clean cluster.
func SARIF(l FindingList, version string) Sarif {
	rules := FindingCodes()
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "kubectl-eks-access", Version: version, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{OK: true, Notes: []sarifNotification{}}}, Automation: sarifID{"kubectl-eks-access/" + Safe(l.Cluster.ARN) + "/"}, Results: []sarifResult{}}
	for _, c := range rules {
		e := clusterFindings[c]
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(c), literal(e.why), literal(headless(e.fix, e.why))})
	}
	for _, g := range l.Gaps {
		run.Invocations[0].Notes = append(run.Invocations[0].Notes, sarifNotification{"warning", literal(g.Message)})
	}
	seen := map[string]int{}
	for _, f := range l.Items {
		at, known := slices.BinarySearch(rules, f.Code)
		if !known {
			continue // a plan's finding is no property of the cluster
		}
		print := fingerprint(f)
		seen[print]++
		if n := seen[print]; n > 1 {
			print += ":" + strconv.Itoa(n)
		}
		run.Results = append(run.Results, sarifResult{RuleID: string(f.Code), RuleIndex: at, Level: sarifLevels[f.Severity], Message: literal(sarifMessage(f)),
			Locations: []sarifLocation{sarifAt(l.Cluster.Name, f)}, Fingerprints: map[string]string{"eksAccessFinding/v1": print},
			Properties: map[string]any{"severity": f.Severity.String(), "principals": f.Who}})
	}
	return Sarif{SarifSchema, "2.1.0", []sarifRun{run}}
}

var sarifLevels = [...]string{access.Info: "note", access.Warn: "warning", access.Confirm: "error", access.Refuse: "error"}

// headless is a rule's help: what to do, its slots as dots, since a rule is about no
// principal yet; a rule without a remedy has its reason.
func headless(fix, why string) string {
	for {
		before, rest, found := strings.Cut(fix, "{")
		_, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			break
		}
		fix = before + "…" + after
	}
	return pick(fix == "", why, fix)
}

func sarifMessage(f ListFinding) string {
	text := f.Message
	for _, e := range f.Evidence {
		text += "\n- " + e
	}
	if f.Fix != "" {
		text += "\nFix: " + f.Fix
	}
	return text
}

// sarifAt is where a finding is: the objects by name, and the first of them as a path,
// since collectors show nothing that has none.
func sarifAt(cluster string, f ListFinding) sarifLocation {
	keys := f.About
	if len(keys) == 0 {
		keys = []access.Key{{Realm: access.EKSRealm(cluster), Kind: access.ClusterKind, Name: cluster}}
	}
	out := sarifLocation{Physical: sarifPhysical{sarifArtifact{path(keys[0])}, sarifRegion{max(1, lineOf(f.of))}}}
	for _, k := range keys {
		out.Logical = append(out.Logical, sarifLogical{Safe(k.Name), path(k), "resource"})
	}
	return out
}

// path is a key as a relative URI: realm, kind, namespace, name.
func path(k access.Key) string {
	parts := []string{k.Realm.API(), k.Realm.Name(), string(k.Kind), k.Namespace, k.Name}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	for i, p := range parts {
		parts[i] = escapedPath(p)
	}
	return strings.Join(parts, "/")
}

// escapedPath writes one part of a path with all but RFC 3986's unreserved characters
// as percent signs.
func escapedPath(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// fingerprint tells the same finding again in the next run: by its code, the objects
// and principals, not by lines, which move.
func fingerprint(f ListFinding) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00", f.Code)
	for _, w := range f.Who {
		fmt.Fprintf(h, "%s\x00", w)
	}
	for _, k := range f.About {
		fmt.Fprintf(h, "%s\x00", path(k))
	}
	line := strconv.Itoa(lineOf(f.of))
	for _, a := range f.Args {
		if a != line {
			fmt.Fprintf(h, "%s\x00", a)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
