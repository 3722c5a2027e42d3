package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

// On a slow line style and script come compressed to whoever says that they take it, and are the same bytes to all.
func TestWhatPagesLoadIsCompressedForWhoeverTakesThat(t *testing.T) {
	content := bytes.Repeat([]byte(".marking { border: 1px solid } "), 200)
	f := NewFile("text/css; charset=utf-8", content)
	for accepts, compressed := range map[string]bool{
		"":                     false,
		"gzip, deflate, br":    true,
		"br;q=1.0, gzip;q=0.5": true,
		"identity, gzip; q=0":  false,
		"gzip;q=much":          false,
		"x-gzipped":            false,
	} {
		w := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(w)
		c.Request = httptest.NewRequest("GET", "/assets/portal.css", nil)
		c.Request.Header.Set("Accept-Encoding", accepts)
		Asset(c, f)
		var got io.Reader = w.Body
		if w.Header().Get("Content-Encoding") == "gzip" {
			if !compressed || w.Body.Len() > len(content)/10 {
				t.Errorf("%q: compressed, to %d bytes", accepts, w.Body.Len())
			}
			opened, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			got = opened
		} else if compressed {
			t.Errorf("%q: not compressed", accepts)
		}
		if read, err := io.ReadAll(got); err != nil || !bytes.Equal(read, content) {
			t.Errorf("%q: other bytes (%v)", accepts, err)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary %q", accepts, w.Header().Get("Vary"))
		}
	}
}
