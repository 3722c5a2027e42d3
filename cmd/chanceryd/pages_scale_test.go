package main

import (
	"cmp"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A page takes no longer for what lies behind it: at 100,000 documents and 1,000,000 entries half of all visits to each
// kind of page take at most 50 ms, and 99 of 100 at most 150. CHANCERY_SCALE=100000 asks for that many, and
// CHANCERY_SCALE_DATA=DIR for those that an earlier demo --scale left there. By itself the test sees to it that a list
// longer than a page has a next one, and that every page opens.
func TestEveryPageOpensQuicklyHoweverLongItsList(t *testing.T) {
	scale, err := strconv.Atoi(cmp.Or(os.Getenv("CHANCERY_SCALE"), "60"))
	if err != nil {
		t.Fatal("CHANCERY_SCALE:", err)
	}
	visits := 2
	if scale >= fullScale {
		visits = 100
	}
	dir := os.Getenv("CHANCERY_SCALE_DATA")
	if dir == "" {
		dir = t.TempDir()
	}
	p := play(t, dir, "--scale="+strconv.Itoa(scale))
	for _, who := range []string{"staff.wco", "staff.unoct", "focal.wco", "auditor.wco"} {
		b := in(t, p.BaseURL, who, "en")
		for _, list := range []string{"/documents", "/log"} {
			if page := b.send(list, nil); page.StatusCode == http.StatusOK && !strings.Contains(page.body, "after=") {
				t.Errorf("%s has no next page for %s", list, who)
			}
		}
		for _, path := range b.kinds(80) {
			var took []time.Duration
			for range visits {
				began := time.Now()
				page := b.send(path, nil)
				took = append(took, time.Since(began))
				if page.StatusCode != http.StatusOK {
					t.Errorf("%s: %s answers %d", who, path, page.StatusCode)
				}
			}
			slices.Sort(took)
			half, nearlyAll := took[len(took)/2], took[len(took)*99/100]
			t.Logf("%-12s %6.1f ms, p99 %6.1f  %s", who, milliseconds(half), milliseconds(nearlyAll), kindOf(path))
			if scale >= fullScale && (half > 50*time.Millisecond || nearlyAll > 150*time.Millisecond) {
				t.Errorf("%s: %s takes %s, and %s at p99", who, path, half, nearlyAll)
			}
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
