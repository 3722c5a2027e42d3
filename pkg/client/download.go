package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// ErrDigest says that what came is not what the gateway said it sends.
var ErrDigest = errors.New("client: the content is not that of its digest")

// Download writes the content of a disclosure to w, once each byte, and checks it against the digest that the gateway
// told (RFC 9530). What breaks off is taken up where it broke off, by Range and If-Range, until nothing comes through
// for some minutes: a *Problem of the gateway ends it, because the permit may have ended, except one that says it is
// busy or away. It returns the bytes written. What w has is the whole document only where err is nil.
func (c *Client) Download(ctx context.Context, disclosure string, w io.Writer) (int64, error) {
	f := fetching{to: w, sum: sha256.New()}
	err := c.fetch(ctx, disclosure, &f)
	return f.written, err
}

// Part is a file that the content of one disclosure comes into, and that outlives the process which fetches it.
type Part struct {
	File *os.File // open for reading and writing; nobody else writes into it
	// ETag is that of the content whose beginning stands in File; empty: nothing that stands there is gone on with.
	ETag string
	// Begun is told the ETag before a byte of the content is written, so that it can be kept; may be nil.
	Begun func(etag string) error
	// Size and SHA256 (hex) are those of the whole, as the disclosure tells them. What came is held against SHA256 too;
	// where it is empty, against the Repr-Digest of the answer alone.
	Size   int64
	SHA256 string
	// Moved is told how many bytes stand in File; may be nil.
	Moved func(bytes int64)
}

// Complete is Download into a file that may hold the beginning already, of an earlier process: only the rest is
// fetched, under the same disclosure, which the gateway decides on again. The digest is that of all that stands in the
// file, whoever wrote it; where it is another one, the whole is fetched anew, once. What stands in the file is the
// document only where err is nil.
func (c *Client) Complete(ctx context.Context, disclosure string, p Part) error {
	if p.Moved == nil {
		p.Moved = func(int64) {}
	}
	f := fetching{sum: sha256.New(), etag: p.ETag, begun: p.Begun, stated: p.SHA256}
	f.to = writerFunc(func(b []byte) (int, error) {
		n, err := p.File.Write(b)
		p.Moved(f.written + int64(n))
		return n, err
	})
	f.anew = func() error {
		f.sum.Reset()
		f.written = 0
		if err := p.File.Truncate(0); err != nil {
			return err
		}
		_, err := p.File.Seek(0, io.SeekStart)
		return err
	}
	before, err := f.have(p)
	if err != nil {
		return err
	}
	if before == 0 {
		return c.fetch(ctx, disclosure, &f)
	}
	if before < p.Size {
		err = c.fetch(ctx, disclosure, &f)
	} else {
		err = f.isAsStated()
	}
	if !errors.Is(err, ErrDigest) {
		return err
	}
	if err := f.anew(); err != nil {
		return err
	}
	return c.fetch(ctx, disclosure, &f)
}

// have takes in what stands in the file, as far as it can be gone on with.
func (f *fetching) have(p Part) (int64, error) {
	info, err := p.File.Stat()
	if err != nil {
		return 0, err
	}
	if p.ETag == "" || p.SHA256 == "" || info.Size() > p.Size {
		return 0, f.anew()
	}
	f.written, err = io.Copy(f.sum, p.File)
	p.Moved(f.written)
	return f.written, err
}

type writerFunc func(b []byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

// fetching is a content on its way.
type fetching struct {
	to      io.Writer
	sum     hash.Hash // of what was written
	written int64
	etag    string                  // of what was written
	begun   func(etag string) error // may be nil
	anew    func() error            // forgets what was written; nil: that cannot be done
	stated  string                  // the SHA-256 that the whole is to have, in hex; empty: not known
}

func (c *Client) fetch(ctx context.Context, disclosure string, f *fetching) error {
	for tries := 0; ; tries++ {
		before := f.written
		err := c.fetchOn(ctx, disclosure, f)
		if err == nil || !goesOn(err) || ctx.Err() != nil || f.etag == "" {
			return err
		}
		if f.written > before {
			tries = 0
		}
		if tries >= patientTries {
			return err
		}
		if tries > 0 { // what broke once is asked for again at once
			if rested := rest(ctx, min(time.Second<<min(tries-1, 8), longestRest)); rested != nil {
				return err
			}
		}
	}
}

// fetchOn goes on where the content is, once.
func (c *Client) fetchOn(ctx context.Context, disclosure string, f *fetching) error {
	ctx, give := context.WithCancel(ctx)
	defer give()
	response, err := c.Content(ctx, disclosure, f.written, f.etag)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := f.begins(response); err != nil {
		return err
	}
	still := time.AfterFunc(c.cfg.Stall, give)
	defer still.Stop()
	out := &sink{fetching: f, moved: func() { still.Reset(c.cfg.Stall) }}
	_, err = io.Copy(out, response.Body)
	if out.err != nil {
		return out.err
	}
	if err != nil {
		return &lineError{fmt.Errorf("the gateway broke off after %d bytes: %w", f.written, err)}
	}
	if err := matches(f.sum, response.Header.Get("Repr-Digest")); err != nil {
		return err
	}
	return f.isAsStated()
}

// isAsStated holds what was written against the digest that was told before it came.
func (f *fetching) isAsStated() error {
	if got := hex.EncodeToString(f.sum.Sum(nil)); f.stated != "" && got != f.stated {
		return fmt.Errorf("%w: it is %s, and was to be %s", ErrDigest, got, f.stated)
	}
	return nil
}

// begins looks at what an answer continues.
func (f *fetching) begins(response *http.Response) error {
	if response.StatusCode == http.StatusOK && f.written > 0 {
		if f.anew == nil {
			return errors.New("client: the content changed while it was fetched")
		}
		if err := f.anew(); err != nil {
			return err
		}
	}
	etag := response.Header.Get("ETag")
	if etag == f.etag || f.begun == nil {
		f.etag = etag
		return nil
	}
	f.etag = etag
	return f.begun(etag)
}

// sink tells a fault of the writer from one of the line.
type sink struct {
	*fetching
	moved func() // called at each piece
	err   error
}

func (s *sink) Write(b []byte) (int, error) {
	s.moved()
	n, err := s.to.Write(b)
	s.sum.Write(b[:n]) // a hash takes everything
	s.written += int64(n)
	s.err = err
	return n, err
}

func matches(sum hash.Hash, digest string) error {
	if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + ":"; strings.TrimSpace(digest) != want {
		return fmt.Errorf("%w: it is %s, and was to be %s", ErrDigest, want, digest)
	}
	return nil
}
