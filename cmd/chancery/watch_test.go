package main

import (
	"strings"
	"testing"
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
