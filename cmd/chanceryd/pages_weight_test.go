package main

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"strings"
	"testing"
)

// loaded is what a page has the browser fetch by itself.
var loaded = regexp.MustCompile(`<(?:script|img|source|iframe)[^>]* src="([^"]+)"|<link[^>]* href="([^"]+)"`)

// A first visit, whichever page it begins with: page, style, script and pictures of it together are at most 60 kB,
// compressed, and nothing is asked of anybody else.
func TestAFirstVisitLoadsLittleAndNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	p := look(t)
	heaviest, where := 0, ""
	for _, who := range []string{"", "staff.wco", "auditor.wco"} {
		b := newPlain(t, p.BaseURL)
		if who != "" {
			b = in(t, p.BaseURL, who, "fr")
		}
		for _, path := range b.kinds(60) {
			page := b.send(path, nil)
			weight := compressed(t, page.body)
			for _, m := range loaded.FindAllStringSubmatch(page.body, -1) {
				address := m[1] + m[2]
				if strings.HasSuffix(address, "/preview") {
					continue // of the reader's own file: as heavy as its first page
				}
				if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
					t.Errorf("%s loads %s", path, address)
					continue
				}
				weight += compressed(t, b.send(address, nil).body)
			}
			if weight > heaviest {
				heaviest, where = weight, who+" "+path
			}
		}
	}
	if heaviest == 0 || heaviest > 60_000 {
		t.Errorf("a first visit to %s is %d bytes, compressed", where, heaviest)
	}
	t.Logf("the heaviest first visit, to %s, is %d bytes, compressed", where, heaviest)
}

func compressed(t *testing.T, text string) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
