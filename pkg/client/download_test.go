package client_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/client"
)

// offers serves a content under an ETag, whole or from an offset on, and counts what it sent.
type offers struct {
	content, digest []byte
	etag            string
	asked           []string
	sent            int
}

func (o *offers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.asked = append(o.asked, r.Header.Get("Range")+" "+r.Header.Get("If-Range"))
	w.Header().Set("ETag", o.etag)
	w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(o.digest)+":")
	body := o.content
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && r.Header.Get("If-Range") == o.etag {
		offset, err := strconv.Atoi(strings.TrimSuffix(from, "-"))
		if err != nil || offset >= len(body) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		body = body[offset:]
		w.WriteHeader(http.StatusPartialContent)
	}
	n, _ := w.Write(body)
	o.sent += n
}

// What an earlier process brought is gone on with where it is the beginning of this content, and only there; what
// stands in the file at the end is that of the digest, or an error is told.
func TestAFileOfAnEarlierProcessIsCompletedAndHeldAgainstItsDigest(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 1000)
	sum := sha256.Sum256(content)
	spoiled := append([]byte("X"), content[1:4000]...)
	for _, tt := range []struct {
		name   string
		before []byte
		etag   string
		sent   int
		asked  string
	}{
		{"nothing", nil, "", 10_000, "[ ]"},
		{"its beginning", content[:4000], `"tag"`, 6_000, `[bytes=4000- "tag"]`},
		{"all of it", content, `"tag"`, 0, "[]"},
		{"of another content", content[:4000], `"other"`, 10_000, `[bytes=4000- "other"]`},
		{"of nobody knows what", content[:4000], "", 10_000, "[ ]"},
		{"more than there is", append(content, 'X'), `"tag"`, 10_000, "[ ]"},
		{"spoiled", spoiled, `"tag"`, 16_000, `[bytes=4000- "tag"  ]`},
		{"all of it, spoiled", append(spoiled, content[4000:]...), `"tag"`, 10_000, "[ ]"},
	} {
		o := &offers{content: content, digest: sum[:], etag: `"tag"`}
		c := serving(t, o.ServeHTTP)
		path := filepath.Join(t.TempDir(), "part")
		if err := os.WriteFile(path, tt.before, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		begun := tt.etag
		part := client.Part{File: f, ETag: tt.etag, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]),
			Begun: func(etag string) error {
				begun = etag
				if info, err := f.Stat(); err != nil || info.Size() != 0 {
					t.Errorf("%s: %d bytes were written before it was kept of what, %v", tt.name, info.Size(), err)
				}
				return nil
			}}
		err = c.Complete(t.Context(), "dis_1", part)
		got, _ := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, content) || begun != `"tag"` {
			t.Errorf("%s: %d bytes, begun %s: %v", tt.name, len(got), begun, err)
		}
		if o.sent != tt.sent || fmt.Sprint(o.asked) != tt.asked {
			t.Errorf("%s: %d bytes were sent, asked for %v; want %d, %s", tt.name, o.sent, o.asked, tt.sent, tt.asked)
		}
		o.digest = make([]byte, 32)
		part.ETag, part.SHA256 = `"tag"`, hex.EncodeToString(o.digest)
		if _, err := f.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		if err := c.Complete(t.Context(), "dis_1", part); !errors.Is(err, client.ErrDigest) {
			t.Errorf("%s: other bytes than the digest says: %v", tt.name, err)
		}
	}
}

// Where it cannot be kept what the bytes are of, none is written.
func TestNothingIsWrittenBeforeItIsKeptWhatItIsOf(t *testing.T) {
	o := &offers{content: []byte("text"), digest: make([]byte, 32), etag: `"tag"`}
	c := serving(t, o.ServeHTTP)
	f, err := os.Create(filepath.Join(t.TempDir(), "part"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	full := errors.New("the disk is full")
	err = c.Complete(t.Context(), "dis_1", client.Part{File: f, Size: 4,
		Begun: func(string) error { return full }})
	if info, _ := f.Stat(); !errors.Is(err, full) || info.Size() != 0 {
		t.Errorf("%d bytes: %v", info.Size(), err)
	}
}

// A line that is away for a moment ends no download: it is asked for again until nothing comes for some minutes, as
// with uploads.
func TestADownloadBearsALineThatIsAwayForAMoment(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 1000)
	sum := sha256.Sum256(content)
	o := &offers{content: content, digest: sum[:], etag: `"tag"`}
	asked := 0
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		switch asked++; {
		case asked == 1:
			w.Header().Set("ETag", o.etag)
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			_, _ = w.Write(content[:4000])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case asked < 5:
			panic(http.ErrAbortHandler)
		case asked == 5:
			w.WriteHeader(http.StatusBadGateway)
		default:
			o.ServeHTTP(w, r)
		}
	})
	var got bytes.Buffer
	if n, err := c.Download(t.Context(), "dis_1", &got); err != nil || !bytes.Equal(got.Bytes(), content) ||
		o.sent != 6000 {
		t.Errorf("%d bytes, %d sent behind the break, asked %d times: %v", n, o.sent, asked, err)
	}
}

// A fresh download is held against the digest that was told before it came, and not against the answer's own alone.
func TestWhatComesIsWhatTheDisclosureSays(t *testing.T) {
	content := []byte("what was exchanged on the way")
	sum := sha256.Sum256(content)
	c := serving(t, (&offers{content: content, digest: sum[:], etag: `"tag"`}).ServeHTTP)
	f, err := os.Create(filepath.Join(t.TempDir(), "part"))
	must(t, err)
	defer f.Close()
	err = c.Complete(t.Context(), "dis_1", client.Part{File: f, Size: int64(len(content)),
		SHA256: strings.Repeat("0", 64)})
	if !errors.Is(err, client.ErrDigest) {
		t.Errorf("other bytes than the disclosure says: %v", err)
	}
}
