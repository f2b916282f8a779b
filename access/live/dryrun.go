package live

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access"
)

// Objection says that a server refuses steps that it was asked to try: nothing was
// changed for it.
type Objection struct {
	Trials []access.Trial // the refused ones, in the plan's order
	Midway bool           // an earlier run of the plan has changed something
}

func (o *Objection) Error() string {
	nothing := "nothing was changed"
	if o.Midway {
		nothing = "nothing more was changed"
	}
	var lines []string
	for _, t := range o.Trials {
		lines = append(lines, fmt.Sprintf("step %d: %v", t.Step+1, t.Err))
	}
	return fmt.Sprintf("the API server refuses it in a dry run, so %s\n%s", nothing, strings.Join(lines, "\n"))
}

// Unwrap gives what the server said of each.
func (o *Objection) Unwrap() []error {
	var out []error
	for _, t := range o.Trials {
		out = append(out, t.Err)
	}
	return out
}

func refusals(trials []access.Trial) []access.Trial {
	var out []access.Trial
	for _, t := range trials {
		if t.Err != nil {
			out = append(out, t)
		}
	}
	return out
}

// DryRun asks the servers to try the steps of a plan that are not done yet. It changes
// nothing. The error is that of an answer that did not come.
func (w *World) DryRun(ctx context.Context, p access.Plan) ([]access.Trial, error) {
	s, _, err := w.objects(ctx, p)
	if err != nil {
		return nil, err
	}
	left, err := access.Undone(s, filledSteps(s, p.Steps))
	if err != nil {
		return nil, err
	}
	return w.try(ctx, s, p, left)
}

// try sends each of these steps to its server, as the change from what is there now: a
// server can't know the steps before it. Each trial has its own slot.
func (w *World) try(ctx context.Context, s access.Snapshot, p access.Plan, left []int) ([]access.Trial, error) {
	trials, errs := make([]access.Trial, len(left)), make([]error, len(left))
	made := making(s, p, left)
	g := errgroup.Group{}
	g.SetLimit(asked)
	for n, i := range left {
		g.Go(func() error {
			trials[n], errs[n] = w.tryStep(ctx, s, p.Steps[i], made)
			trials[n].Step = i
			return nil
		})
	}
	_ = g.Wait()
	return trials, errors.Join(errs...)
}

// making are the objects that the steps make.
func making(s access.Snapshot, p access.Plan, left []int) map[access.Key]bool {
	made := map[access.Key]bool{}
	for _, i := range left {
		if st := p.Steps[i]; st.After != nil && s.Objects.At(st.Key()) == nil {
			made[st.Key()] = true
		}
	}
	return made
}

func (w *World) tryStep(ctx context.Context, s access.Snapshot, st access.Step, made map[access.Key]bool) (access.Trial, error) {
	k := st.Key()
	side, can := w.Sides[k.Realm].(DryRunner)
	now := s.Objects.At(k)
	_, space := now.(access.Namespace)
	inNew := k.Namespace != "" && made[access.Namespace{In: k.Realm, Name: k.Namespace}.Key()]
	switch {
	case !can:
		return access.Trial{Untried: access.EKSHasNone}, nil
	case inNew, now == nil && st.After == nil:
		// Whoever makes a namespace may get rights in it by that alone, so what the server
		// says of it now means nothing.
		return access.Trial{Untried: access.NeedsSteps}, nil
	case space && st.After == nil:
		// It goes when nothing is left in it, which the steps before see to. What others have
		// put there stops this step, and must not keep rights from being taken away.
		return access.Trial{Untried: access.NeedsSteps}, nil
	}
	err := w.dryRun(ctx, side, now, completed(st.After, now))
	var lacks interface{ Absent() bool }
	switch {
	case err == nil:
		return access.Trial{}, nil
	case errors.Is(err, access.ErrNoDryRun):
		return access.Trial{Untried: access.WebhookOnly, Detail: err.Error()}, nil
	case errors.As(err, &lacks) && lacks.Absent() && bindsMade(st, made):
		return access.Trial{Untried: access.NeedsSteps}, nil
	case answered(err):
		return access.Trial{Err: err}, nil
	}
	return access.Trial{}, fmt.Errorf("nothing was changed: the API server did not answer a dry run: %w", err)
}

// attempts is how often a server is asked to try the same change.
const attempts = 3

// dryRun asks again when no answer came: nothing can be made twice by it.
func (w *World) dryRun(ctx context.Context, side DryRunner, now, after access.Object) (err error) {
	for n := range attempts {
		if n > 0 && wait(ctx, w.Settle.every()) != nil {
			return err
		}
		each, cancel := context.WithTimeout(ctx, time.Minute)
		err = side.DryRun(each, now, after)
		cancel()
		if err == nil || answered(err) || errors.Is(err, access.ErrNoDryRun) {
			return err
		}
	}
	return err
}

// bindsMade reports whether a step binds a role that the plan makes. Who may bind any
// role is not asked whether it is there (kubernetes pkg/registry/rbac/rolebinding).
func bindsMade(st access.Step, made map[access.Key]bool) bool {
	b, ok := st.After.(access.Binding)
	if !ok {
		return false
	}
	r := access.Role{In: b.In, Name: b.Role.Name}
	if b.Role.Kind == string(access.RoleKind) {
		r.Namespace = b.Namespace
	}
	return made[r.Key()]
}

// tried tells, once, what the servers could try, before the first of these steps.
func (r *run) tried(trials []access.Trial) error {
	untried := map[access.Code]int{}
	detail := ""
	n := 0
	for _, t := range trials {
		if t.Untried == "" {
			n++
			continue
		}
		untried[t.Untried]++
		if t.Detail != "" {
			detail = ": " + t.Detail
		}
	}
	if n+untried[access.WebhookOnly] == 0 {
		return nil
	}
	var rest []string
	for _, why := range []struct {
		code      access.Code
		one, many string
	}{
		{access.EKSHasNone, "is EKS's, which has none", "are EKS's, which has none"},
		{access.NeedsSteps, "needs what the plan makes", "need what the plan makes"},
		{access.WebhookOnly, "can't be tried" + detail, "can't be tried" + detail},
	} {
		switch c := untried[why.code]; {
		case c == 1:
			rest = append(rest, "1 "+why.one)
		case c > 1:
			rest = append(rest, strconv.Itoa(c)+" "+why.many)
		}
	}
	text := "dry run: the API server has tried " + strconv.Itoa(n) + " of " + strconv.Itoa(len(trials)) + " steps"
	if len(rest) > 0 {
		text += " (" + strings.Join(rest, "; ") + ")"
	}
	return r.tell(access.Event{Step: trials[0].Step, State: access.Waiting, Detail: text, Whole: true})
}
