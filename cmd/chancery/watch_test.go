package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/client"
)

// A line that breaks in the middle of an answer is taken up again: no event is passed over.
func TestAWatchGoesOnAfterALineThatBreaks(t *testing.T) {
	stack.start(t)
	p := newPlatform(t, "gtas", "wco")
	token, err := stack.token("focal.wco")
	must(t, err)
	watch := func(server string) (int, string, string) {
		return p.run([]string{"CHANCERY_TOKEN=" + token, "CHANCERY_SERVER=" + server}, "chancery", "watch", "--count",
			"2")
	}
	_, straight, _ := watch(stack.BaseURL)
	address, broken := breaking(t, 700)
	code, out, errs := watch(address)
	if code != exitDone || broken.Load() != 1 || out != straight || strings.Count(out, "\n") != 2 {
		t.Errorf("watch: %d, broken %d times\n%s%s\nstraight\n%s", code, broken.Load(), out, errs, straight)
	}
	if !strings.Contains(errs, "does not answer") || !strings.Contains(errs, "answers again") {
		t.Errorf("nothing is said of the line: %s", errs)
	}
}

// What keeps a watch waiting is said, whatever it is: an answer that nobody can read is not silence.
func TestAWatchSaysWhatItWaitsFor(t *testing.T) {
	l := newLying(t)
	asked := 0
	l.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 2 {
			_, _ = w.Write([]byte("<html>a page of a proxy</html>"))
			return
		}
		_, _ = w.Write([]byte(`{"items":[{"id":"not_1","kind":"asked"}]}`))
	})
	code, out, errs := ran(t, l.signedIn(t), "watch", "--count", "1")
	if code != exitDone || !strings.Contains(out, "not_1") || !strings.Contains(errs, "invalid character '<'") ||
		!strings.Contains(errs, "answers again") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	away := &client.Problem{RetryAfter: 5 * time.Minute}
	if got := retryAfter(fmt.Errorf("events: %w", away)); got != 5*time.Minute {
		t.Errorf("where the gateway wants five minutes, it gets %s", got)
	}
}
