package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"
)

const (
	base = "/api/v1"
	// kept is how much of a body is looked at: 4 MiB. A longer one passes, and its schema is not judged.
	kept = 4 << 20
)

// exchange is one request with its answer, as they passed.
type exchange struct {
	request  *http.Request
	asked    *copied
	response *http.Response
	answered *copied
}

// copied keeps the beginning of what passes through it.
type copied struct {
	io.ReadCloser
	mu    sync.Mutex
	bytes bytes.Buffer
	long  bool // more came than is kept
	whole bool // the end came
	ended func()
	once  sync.Once
}

func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	room := kept - c.bytes.Len()
	c.long = c.long || n > room
	c.bytes.Write(p[:min(n, room)])
	c.whole = c.whole || err == io.EOF
	c.mu.Unlock()
	if err != nil {
		c.end()
	}
	return n, err
}

func (c *copied) Close() error {
	err := c.ReadCloser.Close()
	c.end()
	return err
}

func (c *copied) end() {
	if c.ended != nil {
		c.once.Do(c.ended)
	}
}

// body is what passed, and whether it is all that there was to pass.
func (c *copied) body() ([]byte, bool) {
	if c == nil {
		return nil, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.bytes.Bytes()), c.whole && !c.long
}

type askedKey struct{}

// newProxy passes everything on as it is, and shows what is below the API to the judge.
func newProxy(j *judge) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.DisableCompression, transport.MaxIdleConnsPerHost = nil, true, 64
	transport.ExpectContinueTimeout = 0 // the gateway may refuse before it reads
	// A test asks whether the gateway is idle again: no connection of this proxy's keeps it waiting for long.
	transport.IdleConnTimeout = time.Second
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // what the gateway cuts is cut here too
		ErrorLog:      log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.RawQuery = r.In.URL.RawQuery // not tidied
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(response *http.Response) error {
			request := response.Request
			asked, _ := request.Context().Value(askedKey{}).(*copied)
			e := exchange{request: request, asked: asked, response: response}
			body := &copied{ReadCloser: response.Body}
			e.answered = body
			body.ended = func() { j.hear(e) }
			response.Body = body
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler) // the client sees what the proxy saw: a connection that ended
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "" {
			http.Error(w, "this is a proxy", http.StatusBadRequest)
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			asked := &copied{ReadCloser: r.Body}
			r.Body = asked
			r = r.WithContext(contextWith(r.Context(), asked))
		}
		proxy.ServeHTTP(w, r)
	})
}

// belowBase reports whether the contract speaks of an address.
func belowBase(path string) bool { return path == base || strings.HasPrefix(path, base+"/") }
