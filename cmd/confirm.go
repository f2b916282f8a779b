package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/eks-access/kubectl-eks-access/access"
	"github.com/eks-access/kubectl-eks-access/access/report"
)

// ask gets a person's yes on a terminal: each finding to confirm by its code, a
// one-way door by the cluster's name, then the plan. Enter alone is no.
func ask(ctx context.Context, e *env, p access.Plan, missing []access.Code) error {
	answers := e.answers()
	for _, fs := range doors(p, missing) {
		word, what := string(fs[0].Code), "its code"
		switch {
		case fs[0].Code == access.OneWayMode:
			word, what = p.Cluster.Name, "the cluster's name"
		case fs[0].Code == access.RevokesAll && len(fs) == 1:
			who, _ := access.ParsePrincipal(strings.Join(fs[0].Args, ""))
			word, what = report.Name(who), "the principal's name"
		}
		for _, f := range fs {
			text, _ := report.Finding(f)
			e.say(report.Line{Kind: report.Warn, Text: "! " + text})
		}
		got, err := prompt(ctx, e, answers, fmt.Sprintf("To accept this, type %s (%s):", what, report.Safe(word)))
		if err != nil {
			return err
		}
		if got != word {
			return declined()
		}
	}
	got, err := prompt(ctx, e, answers, fmt.Sprintf("Apply %s to %s? [y/N]", report.Count(len(p.Steps), "step", "steps"), report.Safe(p.Cluster.Name)))
	if err != nil {
		return err
	}
	if got := strings.ToLower(got); got != "y" && got != "yes" {
		return declined()
	}
	return nil
}

// doors are the findings that one yes is for: all of a code, but of doors that never
// open again each by itself.
func doors(p access.Plan, missing []access.Code) (out [][]access.Finding) {
	for _, c := range missing {
		if c == access.MadeAnew {
			continue // the last yes is to the new plan, which was just shown
		}
		var of []access.Finding
		var one [][]access.Finding
		for _, f := range p.Findings {
			switch {
			case f.Code != c || f.Severity != access.Confirm:
			case c == access.OneWayMode:
				one = append([][]access.Finding{{f}}, one...) // from CONFIG_MAP first
			default:
				of = append(of, f)
			}
		}
		if len(of) > 0 {
			one = append(one, of)
		}
		out = append(out, one...)
	}
	return out
}

func declined() error { return &exit{exitPending, errors.New("not applied; nothing was changed")} }

func prompt(ctx context.Context, e *env, answers <-chan string, question string) (string, error) {
	var parts []string
	for l := range fitting([]report.Line{{Text: question}}, e.errWidth) {
		parts = append(parts, l.Text)
	}
	fmt.Fprint(e.err, strings.Join(parts, "\n")+" ")
	select {
	case <-ctx.Done():
		fmt.Fprintln(e.err)
		return "", errStopped
	case got, ok := <-answers:
		if !ok {
			fmt.Fprintln(e.err)
			return "", declined()
		}
		return strings.TrimSpace(got), nil
	}
}

// answers are what a person types, whoever asks.
func (e *env) answers() <-chan string {
	if e.typed == nil {
		e.typed = lines(e.in)
	}
	return e.typed
}

// lines reads beside the prompt, since a read of a terminal can't be cancelled.
// The goroutine ends with the input, or with the process.
func lines(in io.Reader) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for s := bufio.NewScanner(in); s.Scan(); {
			out <- s.Text()
		}
	}()
	return out
}
