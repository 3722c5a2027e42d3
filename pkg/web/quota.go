package web

import (
	"fmt"
	"math"
	"net/http"
	"time"
)

// Quota is a bound, and what is left of it to whoever is answered. The zero value is none.
type Quota struct {
	Name   string // of the bound
	Burst  int    // what there is at most
	Window time.Duration
	Left   int
	More   time.Duration // until there is one more than Left
}

// tell adds the bound to the headers of an answer: RateLimit-Policy and RateLimit of
// draft-ietf-httpapi-ratelimit-headers-10. Where nothing is used, nothing more comes, and t is absent.
func (q Quota) tell(h http.Header) {
	if q.Name == "" {
		return
	}
	h.Add("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", q.Name, q.Burst, seconds(q.Window)))
	left := fmt.Sprintf("%q;r=%d", q.Name, q.Left)
	if q.Left < q.Burst {
		left += fmt.Sprintf(";t=%d", seconds(q.More))
	}
	h.Add("RateLimit", left)
}

// seconds rounds up: whoever comes again then is not too early.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
