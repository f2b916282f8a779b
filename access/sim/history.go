package sim

import "time"

// history keeps what a value was, because AWS's reads lag behind its writes
// ("eventually consistent", EKS user guide, creating access entries).
type history[T any] struct{ moments []moment[T] }

type moment[T any] struct {
	at    time.Time
	value T
}

func (h *history[T]) set(at time.Time, value T) {
	h.moments = append(h.moments, moment[T]{at, value})
}

// latest is the truth, the zero value before the first write.
func (h *history[T]) latest() (value T) {
	if n := len(h.moments); n > 0 {
		return h.moments[n-1].value
	}
	return value
}

// asOf is what a reader saw at that time.
func (h *history[T]) asOf(t time.Time) (value T) {
	for _, m := range h.moments {
		if m.at.After(t) {
			break
		}
		value = m.value
	}
	return value
}
