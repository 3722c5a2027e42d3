package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

func TestRequestIsNamedByUsAndNotByTheCaller(t *testing.T) {
	h := newFixture(t, 0)
	h.GET("/x", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	seen := map[string]bool{}
	for range 50 {
		w := h.ask("GET", "/x", http.Header{"X-Request-Id": {"mine"}})
		id := w.Header().Get("X-Request-Id")
		if seen[id] || len(id) < 20 || id == "mine" {
			t.Fatalf("request id %q", id)
		}
		seen[id] = true
		if !strings.Contains(h.journal.String(), id) {
			t.Fatalf("%s is not in the operations log", id)
		}
	}
}

func TestOperationsLogHoldsNothingThatWasSent(t *testing.T) {
	const canary = "kestrel-4711"
	h := newFixture(t, 0)
	h.GET("/documents/:id", func(c *gin.Context) { c.Status(http.StatusOK) })
	header := http.Header{
		"Authorization": {"Bearer " + canary}, "User-Agent": {canary}, "Referer": {canary}, "X-Forwarded-For": {canary},
		"Cookie": {"session=" + canary}, "X-Request-Id": {canary},
	}
	for _, target := range []string{
		"/documents/doc_1?q=" + canary, "/documents/" + canary, "/" + canary, "/?access_token=" + canary,
	} {
		h.ask("GET", target, header)
		h.ask(canary, target, header)
	}
	if log := h.journal.String(); strings.Contains(log, canary) {
		t.Errorf("the operations log holds it:\n%s", log)
	}
	if !strings.Contains(h.journal.String(), `"route":"/documents/:id"`) {
		t.Error("the access line does not name the route")
	}
}

// Whoever looks through the access lines finds why something was refused or could not be read (ASVS V16.3.3).
func TestTheAccessLineHasTheCodeOfTheProblem(t *testing.T) {
	h := newFixture(t, 0)
	h.ask("GET", "/absent", http.Header{})
	if log := h.journal.String(); !strings.Contains(log, `"status":404`) ||
		!strings.Contains(log, `"code":"request/not-found"`) {
		t.Errorf("the access line of what is not there:\n%s", log)
	}
}

func TestEveryAnswerIsSealedOff(t *testing.T) {
	h := newFixture(t, 0)
	h.GET("/x", func(c *gin.Context) { c.Status(http.StatusOK) })
	for _, path := range []string{"/x", "/absent"} {
		w := h.ask("GET", path, http.Header{"Origin": {"https://elsewhere.example"}})
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Security-Policy":   "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Access-Control-Allow-Origin": "",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestPanicAfterTheFirstByteIsAnErrorForTheClient(t *testing.T) {
	h := newFixture(t, 0)
	h.GET("/torn", func(c *gin.Context) {
		c.String(http.StatusOK, "half of it")
		panic("the other half is missing")
	})
	h.GET("/abort", func(c *gin.Context) {
		c.String(http.StatusOK, "half of it")
		panic(http.ErrAbortHandler)
	})
	address := h.serve(t)
	for _, path := range []string{"/torn", "/abort"} {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			continue
		}
		if body, err := io.ReadAll(response.Body); err == nil {
			t.Errorf("%s: the client got %q and no error", path, body)
		}
		response.Body.Close()
	}
}

func TestBodiesAreBounded(t *testing.T) {
	h := newFixture(t, 0)
	h.POST("/x", func(c *gin.Context) {
		if _, err := io.Copy(io.Discard, c.Request.Body); err != nil {
			h.problems.Write(c, err)
			return
		}
		c.Status(http.StatusNoContent)
	})
	address := h.serve(t)
	const mebibyte = 1 << 20
	for _, test := range []struct {
		kind string
		size int
		want int
	}{
		{"application/json", mebibyte, 204},
		{"application/json", mebibyte + 1, 413},
		{"", mebibyte + 1, 413},
		{"multipart/form-data; boundary=x", 4*mebibyte + 300<<10, 204},
		{"multipart/form-data; boundary=x", 4*mebibyte + 320<<10 + 1, 413},
		{"multipart/;;", mebibyte + 1, 413},
	} {
		response, err := http.Post("http://"+address+"/x", test.kind, strings.NewReader(strings.Repeat("x", test.size)))
		if err != nil {
			t.Errorf("%s, %d bytes: %v", test.kind, test.size, err)
			continue
		}
		response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%s, %d bytes: %d, want %d", test.kind, test.size, response.StatusCode, test.want)
		}
	}
}

// drip sends a body byte by byte until it is answered or the connection ends.
func drip(t *testing.T, address string, every time.Duration) (status int, took time.Duration) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	start := time.Now()
	fmt.Fprintf(conn, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(every):
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
			}
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer after %s: %v", time.Since(start), err)
	}
	return response.StatusCode, time.Since(start)
}

func TestSlowBodyDoesNotHoldAConnection(t *testing.T) {
	h := newFixture(t, 300*time.Millisecond)
	h.POST("/x", func(c *gin.Context) {
		if _, err := io.Copy(io.Discard, c.Request.Body); err != nil {
			h.problems.Write(c, err)
		}
	})
	for name, every := range map[string]time.Duration{"dripping": 20 * time.Millisecond, "silent": time.Hour} {
		t.Run(name, func(t *testing.T) {
			status, took := drip(t, h.serve(t), every)
			if status != 408 || took > 3*time.Second {
				t.Errorf("%d after %s", status, took)
			}
		})
	}
}

func TestPatienceDoesNotCountOurOwnTime(t *testing.T) {
	h := newFixture(t, 200*time.Millisecond)
	h.POST("/x", func(c *gin.Context) {
		buffer := make([]byte, 8<<10)
		for {
			_, err := c.Request.Body.Read(buffer)
			if err == io.EOF {
				time.Sleep(400 * time.Millisecond) // the watch for a caller who hangs up has no deadline
				c.String(http.StatusOK, "%v", c.Request.Context().Err())
				return
			}
			if err != nil {
				h.problems.Write(c, err)
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	response, err := http.Post("http://"+h.serve(t)+"/x", "application/json",
		strings.NewReader(strings.Repeat("x", 50_000)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != 200 || string(body) != "<nil>" {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

func TestUnreadBodyIsNotDrainedForEver(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as an unread body may be drained")
	}
	h := newFixture(t, 300*time.Millisecond)
	h.POST("/x", func(c *gin.Context) { c.Status(http.StatusUnauthorized) })
	conn, err := net.Dial("tcp", h.serve(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
	start := time.Now()
	_ = conn.SetReadDeadline(start.Add(15 * time.Second))
	if _, err := io.ReadAll(conn); err != nil {
		t.Fatalf("still open after %s: %v", time.Since(start), err)
	}
}
