package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
)

// behind is a gateway behind a proxy as its sample has it. The line from the caller to the proxy breaks twice, and the
// line from the proxy to the gateway once.
type behind struct {
	*client.Client
	outer, inner *devtest.CutLine
	standing     devtest.Standing
}

// behind starts both.
func (r *rack) behind(t *testing.T, f devtest.Front, change ...func(string) string) behind {
	t.Helper()
	one := r.replica(t, "CHANCERY_PROXY_PROTOCOL="+strconv.FormatBool(f.Announces))
	b := behind{inner: devtest.NewCutLine(t, one.base, 12<<20, 1)}
	b.standing = f.Stand(t, b.inner.Address, one.admin, change...)
	b.outer = devtest.NewCutLine(t, b.standing.Address, 9<<20, 2)
	var err error
	b.Client, err = client.New(client.Config{
		Server: "https://chancery.example.int",
		Token: func(context.Context) (string, error) {
			token, _, err := r.site.issuers.Token("wco", "staff.wco", devstack.TokenOptions{})
			return token, err
		},
		HTTP: &http.Client{Transport: &http.Transport{
			TLSClientConfig: b.standing.Client,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "tcp", b.outer.Address)
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A file in parts goes through nginx and HAProxy as the shipped samples have them: every method of tus passes, it goes
// on where the line broke on either side of the proxy, and it is whole.
func TestAFileInPartsPassesRealProxies(t *testing.T) {
	r := newRack(t)
	r.trusts(t)
	for name, f := range devtest.Fronts() {
		t.Run(name, func(t *testing.T) {
			b := r.behind(t, f)
			b.speaksTus(t)
			content := newRepeated(40 << 20)
			staged, err := b.StageInParts(t.Context(), client.Parts{
				Name:    "noise.bin",
				Marking: "restricted",
				Size:    content.size,
				SHA256:  content.sum(t),
				Body:    content,
				Key:     "through-" + name,
			})
			if err != nil || staged.Sha256 != content.sum(t) || staged.Size != content.size {
				t.Fatalf("%+v, %v", staged, err)
			}
			up, lost := b.outer.Up.Load(), 3*(4<<20+mostIn(t, "tcp_wmem")+mostIn(t, "tcp_rmem"))
			if b.outer.Breaks.Load() < 2 || b.inner.Breaks.Load() < 1 || up > content.size+content.size/50+lost {
				t.Errorf("%d bytes went up of %d, and the lines broke %d and %d times", up, content.size,
					b.outer.Breaks.Load(), b.inner.Breaks.Load())
			}
			t.Logf("%d MiB went up of %d", up>>20, content.size>>20)
		})
	}
}

// tus makes a call in tus, and answers the headers.
func (b behind) tus(t *testing.T, method, path string, pairs ...string) http.Header {
	t.Helper()
	call := client.Call{Method: method, Path: path, Header: http.Header{"Tus-Resumable": {"1.0.0"}}}
	for i := 0; i < len(pairs); i += 2 {
		call.Header.Set(pairs[i], pairs[i+1])
	}
	response, err := b.Do(t.Context(), call)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	response.Body.Close()
	return response.Header
}

// speaksTus calls what StageInParts does not.
func (b behind) speaksTus(t *testing.T) {
	t.Helper()
	if got := b.tus(t, http.MethodOptions, "/staged").Get("Tus-Version"); got != "1.0.0" {
		t.Errorf("OPTIONS: Tus-Version %q", got)
	}
	at := b.begins(t, 10)
	if got := b.tus(t, http.MethodHead, at).Get("Upload-Length"); got != "10" {
		t.Errorf("HEAD: Upload-Length %q", got)
	}
	b.tus(t, http.MethodDelete, at)
}

// begins begins an upload, and answers where its bytes go.
func (b behind) begins(t *testing.T, size int64) string {
	t.Helper()
	made := b.tus(t, http.MethodPost, "/staged", "Upload-Length", strconv.FormatInt(size, 10), "Upload-Metadata",
		"marking cmVzdHJpY3RlZA==") // restricted
	return strings.TrimPrefix(made.Get("Location"), client.Base)
}

const secretLine = "A line that must not lie in clear on the disk of a proxy.\n"

// Of an upload that is half there, nothing lies on the proxy's disk: neither in a file of its folder, nor in one that
// has no name any more. That it would be found there is shown with nginx told to gather bodies.
func TestNothingOfAnUploadLiesOnTheDiskOfAProxy(t *testing.T) {
	r := newRack(t)
	r.trusts(t)
	const size, sent = 24 << 20, 8 << 20 // less than what breaks the line
	gathers := func(text string) string {
		return strings.Replace(text, "proxy_request_buffering off;", "proxy_request_buffering on;", 1)
	}
	for name, f := range devtest.Fronts() {
		t.Run(name, func(t *testing.T) {
			b := r.behind(t, f)
			at := b.begins(t, size)
			b.sendsHalf(t, at, size, sent)
			devtest.Eventually(t, "the gateway has what was sent", func() bool {
				n, err := strconv.Atoi(b.tus(t, http.MethodHead, at).Get("Upload-Offset"))
				return err == nil && n >= 4<<20 // the piece that is not full is with the gateway
			})
			if found := onDiskOf(t, b.standing.Process); found != "" {
				t.Errorf("it lies in clear in %s", found)
			}
		})
	}
	t.Run("nginx that gathers bodies", func(t *testing.T) {
		b := r.behind(t, devtest.Fronts()["nginx"], gathers)
		b.sendsHalf(t, b.begins(t, size), size, sent)
		devtest.Eventually(t, "it lies on the proxy's disk", func() bool {
			return onDiskOf(t, b.standing.Process) != ""
		})
	})
}

// sendsHalf sends a part of the bytes that it announces, and stands still until the test is over.
func (b behind) sendsHalf(t *testing.T, at string, size, sent int64) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	first := strings.NewReader(strings.Repeat(secretLine, int(sent)/len(secretLine)))
	still, hold := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		response, err := b.Do(ctx, client.Call{
			Method: http.MethodPatch,
			Path:   at,
			Header: http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"0"}},
			Type:   "application/offset+octet-stream",
			Size:   size,
			Body:   io.MultiReader(first, still),
		})
		if err == nil { // it is never whole
			response.Body.Close()
		}
	}()
	t.Cleanup(func() { stop(); hold.Close(); <-ended })
}

// onDiskOf names the file of a process that holds the line, with a name or without; empty: there is none.
func onDiskOf(t *testing.T, process int) string {
	t.Helper()
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", process))
	if err != nil || len(open) == 0 {
		t.Fatalf("the files of the proxy cannot be looked at: %v", err)
	}
	for _, path := range open {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue // closed meanwhile, or a connection
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.Contains(text, []byte(secretLine)) {
			name, _ := os.Readlink(path)
			return name
		}
	}
	return ""
}

// Envoy is not run here. By the text of its sample nothing gathers bodies, answers may take their time, and no method
// is kept out.
func TestEnvoysSampleSaysTheSame(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "proxy", "envoy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var sample any
	if err := yaml.Unmarshal(text, &sample); err != nil {
		t.Fatal(err)
	}
	for _, wants := range []string{"timeout: 0s", "codec_type: HTTP1", "per_connection_buffer_limit_bytes: 65536",
		"match: {prefix: /}"} {
		if !bytes.Contains(text, []byte(wants)) {
			t.Errorf("it does not say %q", wants)
		}
	}
	if n := bytes.Count(text, []byte("envoy.filters.http.")); n != 1 ||
		!bytes.Contains(text, []byte("envoy.filters.http.router")) {
		t.Errorf("it has %d filters beside the router, and one may gather bodies", n-1)
	}
	for _, never := range []string{"file_system_buffer", "filters.http.buffer", "request_timeout",
		"max_request_bytes"} {
		if bytes.Contains(text, []byte(never)) {
			t.Errorf("it says %q", never)
		}
	}
}
