package sim

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// pageSize reads how many items a caller asked for. Out of bounds is refused:
// the model says 1 to 100 for EKS, the default is 100.
func (b *Bench) pageSize(asked string, limit int) (int, *refusal) {
	size := 100
	if asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 || n > limit {
			return 0, invalidParameter("maxResults must be between 1 and %d", limit)
		}
		size = n
	}
	if b.options.PageSize > 0 {
		size = min(size, b.options.PageSize)
	}
	return size, nil
}

// pageOf cuts one page out of a sorted list. The token is opaque to callers: it
// names the list it belongs to and the last item given, so that items which
// come or go between two pages neither repeat nor hide others.
func pageOf(sorted []string, what, token string, size int) (page []string, next string, no *refusal) {
	from := 0
	if token != "" {
		text, err := base64.StdEncoding.DecodeString(token)
		list, last, ok := strings.Cut(string(text), "\x00")
		if err != nil || !ok || list != what {
			return nil, "", invalidParameter("Invalid nextToken")
		}
		for from < len(sorted) && sorted[from] <= last {
			from++
		}
	}
	page = sorted[from:min(from+size, len(sorted))]
	if from+size < len(sorted) {
		next = base64.StdEncoding.EncodeToString([]byte(what + "\x00" + page[len(page)-1]))
	}
	return page, next, nil
}
