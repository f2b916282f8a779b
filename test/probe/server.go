package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/eks-access/kubectl-eks-access/access/sim"
)

// Server is an API server that is asked: a real one, or the bench's.
type Server struct {
	URL       string
	Transport http.RoundTripper
	// Token logs in the holder of an access key. It makes a new one at each call, since
	// an API server remembers one that it accepted for 10 s at least.
	Token func(key string) string
}

// Bench is the API server that a bench has itself.
func Bench(b *sim.Bench, cluster string) Server {
	return Server{URL: "https://kube.test", Transport: sim.Wire(b.Kubernetes(cluster)), Token: func(key string) string { return b.Token(key, cluster) }}
}

// Ask asks as the holder of an access key. Why is the server's word for a no; an error
// says that there was no answer, neither yes nor no.
func (s Server) Ask(ctx context.Context, key string, q Question) (yes bool, why string, err error) {
	path, body := q.review()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return false, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.Token(key))
	res, err := s.Transport.RoundTrip(r)
	if err != nil {
		return false, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return false, "", err
	}
	switch res.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return false, res.Status, nil
	case http.StatusCreated:
	default:
		return false, "", fmt.Errorf("%s: %s", res.Status, text)
	}
	var review struct {
		Status struct {
			Allowed bool
			Reason  string
		}
	}
	if err := json.Unmarshal(text, &review); err != nil {
		return false, "", err
	}
	return q == (Question{}) || review.Status.Allowed, review.Status.Reason, nil
}

// May is what each of some callers may do, by access key. Who is not let in is not there.
type May map[string][]Question

// May asks these callers all the questions.
func (s Server) May(ctx context.Context, callers []sim.Caller, questions []Question) (May, error) {
	slots := make([][]Question, len(callers))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, c := range callers {
		g.Go(func() error {
			for _, q := range questions {
				yes, _, err := s.Ask(ctx, c.Key, q)
				if err != nil {
					return fmt.Errorf("ask whether %s may %s: %w", c.ARN, q, err)
				}
				if yes {
					slots[i] = append(slots[i], q)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := May{}
	for i, c := range callers {
		if len(slots[i]) > 0 {
			out[c.Key] = slots[i]
		}
	}
	return out, nil
}

// Differ says who of the callers may less or more now than before.
func Differ(callers []sim.Caller, before, now May) (out []string) {
	for _, c := range callers {
		for _, q := range before[c.Key] {
			if !slices.Contains(now[c.Key], q) {
				out = append(out, fmt.Sprintf("%s may %s no more", c.ARN, q))
			}
		}
		for _, q := range now[c.Key] {
			if !slices.Contains(before[c.Key], q) {
				out = append(out, fmt.Sprintf("%s may %s, and might not before", c.ARN, q))
			}
		}
	}
	return out
}
