package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/api"
)

const (
	// partSize is what is sent of a file with one request, in bytes. The gateway keeps what came of it when the line
	// breaks; it is bounded for proxies that bound or gather bodies.
	partSize = 64 << 20
	// patientTries is how often in a row nothing may come through before an upload is given up: for some five minutes.
	patientTries = 16
	// longestRest is the longest pause between two tries.
	longestRest = 30 * time.Second
	// creations is how many uploads under one key may have come to an end before another key is taken.
	creations = 8
)

// ErrUploadGone says that the gateway knows of an upload no more: it was refused when it was whole and the answer was
// lost, given up, or its day is over. The log has the refusal.
var ErrUploadGone = errors.New("client: the upload is gone: it was refused when it was whole, given up, or its " +
	"day is over")

// Parts is a file that is sent in parts.
type Parts struct {
	Name     string
	Type     string // its media type; may be empty
	Marking  string
	Document string // whose new version it is to be, and whose marking it has: Marking is empty then
	SHA256   string // in hex; the gateway holds what came against it. May be empty
	Size     int64  // in bytes
	Body     io.ReaderAt
	// Key names the file: an upload that was begun under the same one goes on where it broke off, in another process
	// too. Where empty, a new one is begun.
	Key string
	// Sent is told how many bytes the gateway has, as they leave; it may go back. It may be nil.
	Sent func(bytes int64)
}

// StageInParts stages a file over a line that may break, in tus 1.0: what came stays, and it goes on from there, until
// nothing comes through for some minutes. It answers the staged file, of which DepositStaged or CorrectStaged makes
// what it was staged for.
func (c *Client) StageInParts(ctx context.Context, p Parts) (api.Staged, error) {
	if p.Sent == nil {
		p.Sent = func(int64) {}
	}
	at, offset, err := c.beginParts(ctx, p)
	for tries := 0; err == nil && offset < p.Size; {
		var next int64
		next, err = c.sendPart(ctx, at, offset, p)
		if err == nil {
			offset, tries = next, 0
			continue
		}
		if !goesOn(err) || tries >= patientTries || ctx.Err() != nil {
			return api.Staged{}, err
		}
		next, err = c.whereParts(ctx, at, tries)
		switch {
		case err == nil && next > offset:
			tries = 0
		case err == nil || goesOn(err):
			next, err = max(next, offset), nil
			tries++
		}
		offset = next
	}
	if err != nil {
		return api.Staged{}, err
	}
	p.Sent(p.Size)
	found, err := Get[api.Staged](ctx, c, at, nil)
	return found.Body, err
}

// beginParts begins an upload, or finds the one that was begun under the same key. Of one that came to an end there is
// nothing to find.
func (c *Client) beginParts(ctx context.Context, p Parts) (at string, offset int64, err error) {
	said := []string{"marking", p.Marking, "document", p.Document, "filename", p.Name, "filetype", p.Type,
		"sha256", p.SHA256}
	var pairs []string
	for i := 0; i < len(said); i += 2 {
		if said[i+1] != "" {
			pairs = append(pairs, said[i]+" "+base64.StdEncoding.EncodeToString([]byte(said[i+1])))
		}
	}
	header := http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Length": {strconv.FormatInt(p.Size, 10)},
		"Upload-Metadata": {strings.Join(pairs, ",")}}
	for n := 0; ; n++ {
		header.Set("Idempotency-Key", newKey())
		if p.Key != "" && n < creations {
			header.Set("Idempotency-Key", p.Key+"-"+strconv.Itoa(n))
		}
		response, err := c.Do(ctx, Call{Method: http.MethodPost, Path: "/staged", Header: header})
		var problem *Problem
		if errors.As(err, &problem) && problem.Status == http.StatusNotFound && n < creations {
			continue
		}
		if err != nil {
			return "", 0, err
		}
		response.Body.Close()
		offset, err = offsetOf(response)
		return strings.TrimPrefix(response.Header.Get("Location"), Base), offset, err
	}
}

// sendPart sends from an offset on, and tells how much the gateway has then.
func (c *Client) sendPart(ctx context.Context, at string, offset int64, p Parts) (int64, error) {
	ctx, give := context.WithCancel(ctx)
	defer give()
	still := time.AfterFunc(c.cfg.Stall, give)
	defer still.Stop()
	size := min(partSize, p.Size-offset)
	body := &part{SectionReader: io.NewSectionReader(p.Body, offset, size), moved: func(n int64) {
		still.Reset(c.cfg.Stall)
		if n == size { // the gateway may look at the whole for as long as it takes
			still.Stop()
		}
		p.Sent(offset + n)
	}}
	response, err := c.Do(ctx, Call{
		Method: http.MethodPatch,
		Path:   at,
		Header: http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {strconv.FormatInt(offset, 10)}},
		Type:   "application/offset+octet-stream",
		Size:   size,
		Body:   body,
	})
	if err != nil {
		if body.err != nil { // the file cannot be read
			return 0, body.err
		}
		return 0, gone(err)
	}
	response.Body.Close()
	return offsetOf(response)
}

// part is a part of a file on its way; it can be sent again.
type part struct {
	*io.SectionReader
	moved func(sent int64)
	err   error // of the file itself
}

func (s *part) Read(b []byte) (int, error) {
	n, err := s.SectionReader.Read(b)
	if at, sought := s.SectionReader.Seek(0, io.SeekCurrent); sought == nil {
		s.moved(at)
	}
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// whereParts asks, after a pause, how much the gateway has.
func (c *Client) whereParts(ctx context.Context, at string, tries int) (int64, error) {
	if err := rest(ctx, min(time.Second<<min(tries, 8), longestRest)); err != nil {
		return 0, err
	}
	response, err := c.Do(ctx, Call{Method: http.MethodHead, Path: at,
		Header: http.Header{"Tus-Resumable": {"1.0.0"}}})
	if err != nil {
		return 0, gone(err)
	}
	response.Body.Close()
	return offsetOf(response)
}

// goesOn reports whether an upload may go on after an error: the line broke, what was sent was not what is wanted, or
// something is busy or away.
func goesOn(err error) bool {
	var line *lineError
	var problem *Problem
	if errors.As(err, &line) {
		return true
	}
	if !errors.As(err, &problem) {
		return false
	}
	switch problem.Status {
	case http.StatusRequestTimeout, http.StatusLocked, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return problem.Code == "request/offset" || problem.Code == "request/part-broken"
}

// gone names what a 404 means of an upload that was begun.
func gone(err error) error {
	var problem *Problem
	if errors.As(err, &problem) && problem.Status == http.StatusNotFound {
		return fmt.Errorf("%w: %w", ErrUploadGone, err)
	}
	return err
}

func offsetOf(response *http.Response) (int64, error) {
	n, err := strconv.ParseInt(response.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || n < 0 {
		return 0, errors.New("client: the answer tells no Upload-Offset")
	}
	return n, nil
}

// DepositStaged makes a document of a staged file, once, whatever becomes of the answer; once for each key, where one
// is given.
func (c *Client) DepositStaged(ctx context.Context, staged string, metadata api.DepositMetadata, key string) (
	api.Document, error) {
	text, err := json.Marshal(metadata)
	if err != nil {
		return api.Document{}, err
	}
	var whole api.StagedDeposit
	if err := json.Unmarshal(text, &whole); err != nil {
		return api.Document{}, err
	}
	whole.Staged = staged
	return c.ofStaged(ctx, "/documents", whole, key)
}

// CorrectStaged makes a new version of a document of a file that was staged for it, once for each key.
func (c *Client) CorrectStaged(ctx context.Context, document string, correction api.StagedCorrection, key string) (
	api.Document, error) {
	return c.ofStaged(ctx, "/documents/"+url.PathEscape(document)+"/versions", correction, key)
}

func (c *Client) ofStaged(ctx context.Context, path string, said any, key string) (api.Document, error) {
	if key == "" {
		key = newKey()
	}
	made, err := Post[api.Document](ctx, c, path, said, "Idempotency-Key", key)
	return made.Body, err
}

// Unstage gives a staged file up, whole or not.
func (c *Client) Unstage(ctx context.Context, staged string) error {
	response, err := c.Do(ctx, Call{Method: http.MethodDelete, Path: "/staged/" + url.PathEscape(staged),
		Header: http.Header{"Tus-Resumable": {"1.0.0"}}})
	if err == nil {
		response.Body.Close()
	}
	return err
}
