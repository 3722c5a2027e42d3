package web_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// transfer gives length bytes, and fails or is cut as told.
type transfer struct {
	length    int64
	failAt    int64 // Read fails here; negative: never
	failAfter bool  // Read fails where the end should be
	panicAt   int64 // Read panics here; negative: never
	cutAt     int64 // the permit ends here; negative: never
	given     atomic.Int64
	cut       chan struct{}
	piece     [64 << 10]byte
	closeOnce sync.Once

	mu       sync.Mutex
	finished []int64
	late     error         // state of the context that Finish got
	done     chan struct{} // closed when Send is over, however it is
}

func newTransfer(length int64) *transfer {
	return &transfer{
		length:  length,
		failAt:  -1,
		panicAt: -1,
		cutAt:   -1,
		cut:     make(chan struct{}),
		done:    make(chan struct{}),
	}
}

func (f *transfer) Next() ([]byte, error) {
	at := f.given.Load()
	if f.cutAt >= 0 && at >= f.cutAt {
		f.revoke()
	}
	if f.panicAt >= 0 && at >= f.panicAt {
		panic("unsealing went wrong")
	}
	if f.failAt >= 0 && at >= f.failAt {
		return nil, errors.New("package is not authentic")
	}
	if at == f.length {
		clear(f.piece[:]) // what was given before is no longer to be used
		if f.failAfter {
			return nil, errors.New("last package is not authentic")
		}
		return nil, io.EOF
	}
	p := f.piece[:min(int64(len(f.piece)), f.length-at)]
	for i := range p {
		p[i] = byte(at + int64(i))
	}
	f.given.Add(int64(len(p)))
	return p, nil
}

func (f *transfer) Cut() <-chan struct{} { return f.cut }
func (f *transfer) revoke()              { f.closeOnce.Do(func() { close(f.cut) }) }

func (f *transfer) Finish(ctx context.Context, sent int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finished, f.late = append(f.finished, sent), ctx.Err()
	return nil
}

// sent sends it, and says when there is nobody left who could write down how it ended.
func (f *transfer) sent(c *gin.Context, s web.Sending) error {
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		close(f.done)
	}()
	return s.Send(c)
}

// ended waits for the completion entry and wants exactly one, with a context that still works.
func (f *transfer) ended(t *testing.T) int64 {
	t.Helper()
	select {
	case <-f.done:
	case <-time.After(5 * time.Second):
		t.Fatal("the transfer does not end")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.finished) != 1 || f.late != nil {
		t.Errorf("written down %v, context: %v; want once, and alive", f.finished, f.late)
	}
	return f.finished[0]
}

// offer serves one transfer at /content.
func offer(t *testing.T, f *transfer) string {
	t.Helper()
	address, _ := offered(t, f)
	return address
}

// offered is offer, with the operations log.
func offered(t *testing.T, f *transfer) (string, *journal) {
	t.Helper()
	h := newFixture(t, 0)
	offering(h, f)
	return h.serve(t), h.journal
}

// offering puts the transfer at /content.
func offering(h fixture, f *transfer) {
	h.GET("/content", func(c *gin.Context) {
		s := web.Sending{
			Transfer: f, Length: f.length, Logger: h.journal.logger(),
			Disclosure: exchange.Disclosure{SHA256: emptySHA256, Size: f.length, FileName: "a.pdf"},
		}
		if err := f.sent(c, s); err != nil {
			h.problems.Write(c, err)
		}
	})
}

// fetch reads the content to its end, or to the error.
func fetch(t *testing.T, address string) (*http.Response, []byte, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + "/content")
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	return response, got, err
}

func TestWholeContentArrivesWithItsLength(t *testing.T) {
	f := newTransfer(3<<20 + 17)
	response, got, err := fetch(t, offer(t, f))
	if err != nil || int64(len(got)) != f.length || response.ContentLength != f.length {
		t.Fatalf("%d bytes of %d, announced %d, %v", len(got), f.length, response.ContentLength, err)
	}
	for i, b := range got {
		if b != byte(i) {
			t.Fatalf("byte %d is %d", i, b)
		}
	}
	if sent := f.ended(t); sent != f.length {
		t.Errorf("written down %d, want %d", sent, f.length)
	}
}

func TestConnectionServesAgainAfterWholeContent(t *testing.T) {
	f := newTransfer(100_000)
	address := offer(t, f)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for range 2 {
		f.given.Store(0)
		f.mu.Lock()
		f.finished, f.done = nil, make(chan struct{})
		f.mu.Unlock()
		fmt.Fprintf(conn, "GET /content HTTP/1.1\r\nHost: x\r\n\r\n")
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, response.Body); n != f.length || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		f.ended(t)
	}
}

func TestFaultMidwayIsAnErrorForTheClient(t *testing.T) {
	tests := map[string]func(f *transfer){
		"at the second package":        func(f *transfer) { f.failAt = 64 << 10 },
		"midway":                       func(f *transfer) { f.failAt = 1 << 20 },
		"only where the end should be": func(f *transfer) { f.failAfter = true },
		"a panic":                      func(f *transfer) { f.panicAt = 1 << 20 },
		"permit over midway":           func(f *transfer) { f.cutAt = 1 << 20 },
	}
	for name, arrange := range tests {
		t.Run(name, func(t *testing.T) {
			f := newTransfer(3 << 20)
			arrange(f)
			_, got, err := fetch(t, offer(t, f))
			if err == nil || int64(len(got)) >= f.length {
				t.Errorf("the client got %d bytes and %v", len(got), err)
			}
			if sent := f.ended(t); sent >= f.length {
				t.Errorf("written down as %d of %d", sent, f.length)
			}
		})
	}
}

func TestContentShorterThanItSaidIsCut(t *testing.T) {
	f := newTransfer(1 << 20)
	h := newFixture(t, 0)
	h.GET("/content", func(c *gin.Context) {
		_ = f.sent(c, web.Sending{Transfer: f, Length: 2 << 20, Logger: h.journal.logger(),
			Disclosure: exchange.Disclosure{SHA256: emptySHA256}})
	})
	if _, got, err := fetch(t, h.serve(t)); err == nil {
		t.Errorf("the client got %d bytes and no error", len(got))
	}
	f.ended(t)
}

// stalledReader asks for the content and reads nothing but the headers and a first piece.
func stalledReader(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /content HTTP/1.1\r\nHost: x\r\n\r\n")
	piece := make([]byte, 1024)
	if _, err := io.ReadFull(conn, piece); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// settled waits until the sender is blocked: it has handed over what the buffers hold.
func settled(t *testing.T, f *transfer) int64 {
	t.Helper()
	last := int64(-1)
	for range 100 {
		time.Sleep(50 * time.Millisecond)
		if now := f.given.Load(); now == last {
			return now
		} else {
			last = now
		}
	}
	t.Fatal("the sender never blocks")
	return 0
}

func TestWithdrawalCutsStalledReaderAtOnce(t *testing.T) {
	f := newTransfer(1 << 30)
	address, journal := offered(t, f)
	conn := stalledReader(t, address)
	settled(t, f)
	start := time.Now()
	f.revoke()
	sent := f.ended(t)
	defer func() { // an operator tells a withdrawal from a fault
		if said := journal.String(); !strings.Contains(said, `"cause":"permit ended"`) {
			t.Errorf("the operations log does not say that the permit ended: %s", said)
		}
	}()
	if took := time.Since(start); took > 250*time.Millisecond {
		t.Errorf("cut after %s", took)
	}
	if sent >= f.length {
		t.Errorf("written down %d", sent)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := io.Copy(io.Discard, conn); err == nil {
		t.Errorf("the client read %d bytes and a clean end", n)
	} else if n > sent {
		t.Errorf("the client read %d bytes of %d written down", n, sent)
	}
}

func TestAtMostOneMebibyteLeavesAfterWithdrawal(t *testing.T) {
	f := newTransfer(1 << 30)
	address := offer(t, f)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /content HTTP/1.1\r\nHost: x\r\n\r\n")
	var got, atRevocation int64
	buffer := make([]byte, 32<<10)
	for {
		n, err := conn.Read(buffer)
		got += int64(n)
		if got > 16<<20 && atRevocation == 0 {
			atRevocation = f.given.Load()
			f.revoke()
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				t.Error("a clean end")
			}
			break
		}
	}
	if after := f.ended(t) - atRevocation; after > 1<<20 {
		t.Errorf("%d bytes were sent after the withdrawal", after)
	}
}

func TestClientWhoHangsUpIsWrittenDownAsAborted(t *testing.T) {
	f := newTransfer(1 << 30)
	conn := stalledReader(t, offer(t, f))
	conn.Close()
	if sent := f.ended(t); sent >= f.length {
		t.Errorf("written down %d", sent)
	}
}

func TestRangeIsSentAsPartial(t *testing.T) {
	f := newTransfer(10)
	h := newFixture(t, 0)
	h.GET("/content", func(c *gin.Context) {
		_ = web.Sending{
			Transfer:   f,
			Partial:    true,
			Offset:     90,
			Length:     10,
			Logger:     h.journal.logger(),
			Disclosure: exchange.Disclosure{SHA256: emptySHA256, Size: 100},
		}.Send(c)
	})
	w := h.ask("GET", "/content", nil)
	if w.Code != 206 || w.Header().Get("Content-Range") != "bytes 90-99/100" ||
		w.Header().Get("Content-Length") != "10" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if !bytes.Equal(w.Body.Bytes(), []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Errorf("% x", w.Body)
	}
}

func TestContentWithoutDigestIsNeverStarted(t *testing.T) {
	f := newTransfer(10)
	h := newFixture(t, 0)
	h.GET("/content", func(c *gin.Context) {
		if err := f.sent(c, web.Sending{Transfer: f, Length: 10, Logger: h.journal.logger()}); err != nil {
			h.problems.Write(c, err)
		}
	})
	if w := h.ask("GET", "/content", nil); w.Code != 500 || f.given.Load() != 0 {
		t.Errorf("%d, %d bytes read", w.Code, f.given.Load())
	}
	if sent := f.ended(t); sent != 0 {
		t.Errorf("written down %d", sent)
	}
}

func TestWhatFailsBeforeTheFirstByteIsAnsweredInWords(t *testing.T) {
	for name, arrange := range map[string]func(f *transfer){
		"storage away":                      func(f *transfer) { f.failAt = 0 },
		"permit over before it began":       func(f *transfer) { f.revoke() },
		"one package, found bad at its end": func(f *transfer) { f.length, f.failAfter = 1000, true },
	} {
		t.Run(name, func(t *testing.T) {
			f := newTransfer(3 << 20)
			arrange(f)
			response, got, err := fetch(t, offer(t, f))
			if err != nil || response.StatusCode != 503 || !strings.Contains(string(got), `"code":"unavailable"`) {
				t.Fatalf("%v, %q, %v", response, got, err)
			}
			for _, name := range []string{"Repr-Digest", "Content-Disposition", "Chancery-Marking", "Etag"} {
				if response.Header.Get(name) != "" {
					t.Errorf("the problem has the content's %s", name)
				}
			}
			if sent := f.ended(t); sent != 0 {
				t.Errorf("written down %d", sent)
			}
		})
	}
}

func TestReaderWhoTakesNothingIsGivenUp(t *testing.T) {
	f := newTransfer(1 << 30)
	h := newFixture(t, 300*time.Millisecond)
	h.GET("/content", func(c *gin.Context) {
		_ = f.sent(c, web.Sending{Transfer: f, Length: f.length, Logger: h.journal.logger(),
			Disclosure: exchange.Disclosure{SHA256: emptySHA256}})
	})
	h.GET("/list", func(c *gin.Context) {
		defer f.revoke()
		c.String(http.StatusOK, strings.Repeat("x", 64<<20))
	})
	address := h.serve(t)
	stalledReader(t, address)
	if sent := f.ended(t); sent >= f.length {
		t.Errorf("written down %d", sent)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /list HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case <-f.cut:
	case <-time.After(5 * time.Second):
		t.Error("a reader of a list holds its handler")
	}
}
