package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"

	"chancery.example/gateway/api"
)

// File is a file on its way up.
type File struct {
	Name string
	Type string    // its media type; application/octet-stream where empty
	Size int64     // in bytes; negative where it is not known
	Body io.Reader // where it is an io.Seeker, the deposit can be sent again
	// Key is the Idempotency-Key of the deposit: under the same one it is made once. Where empty, a new one is sent.
	Key string
}

// Deposit deposits a document. The content is streamed, never held. Its size, where it is known, is sent with the
// metadata, and another count is refused.
func (c *Client) Deposit(ctx context.Context, metadata api.DepositMetadata, f File) (api.Document, error) {
	if f.Size >= 0 && metadata.Size == nil {
		metadata.Size = &f.Size
	}
	made, err := c.upload(ctx, "/documents", metadata, f)
	return made.Body, err
}

// Correct deposits a new version of a document.
func (c *Client) Correct(ctx context.Context, document string, metadata api.CorrectionMetadata, f File) (api.Document,
	error) {
	if f.Size >= 0 && metadata.Size == nil {
		metadata.Size = &f.Size
	}
	made, err := c.upload(ctx, "/documents/"+url.PathEscape(document)+"/versions", metadata, f)
	return made.Body, err
}

func (c *Client) upload(ctx context.Context, path string, metadata any, f File) (Answer[api.Document], error) {
	text, err := json.Marshal(metadata)
	if err != nil {
		return Answer[api.Document]{}, err
	}
	call, err := inParts(path, text, f)
	if err != nil {
		return Answer[api.Document]{}, err
	}
	return read[api.Document](c.Do(ctx, call))
}

// Trace asks whose copy a found file is. The answer's body has to be closed.
func (c *Client) Trace(ctx context.Context, f File) (*http.Response, error) {
	call, err := inParts("/trace", nil, f)
	if err != nil {
		return nil, err
	}
	return c.Do(ctx, call)
}

// inParts makes the call of an upload: metadata, where there is any, then the content.
func inParts(path string, metadata []byte, f File) (Call, error) {
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if metadata != nil {
		part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="metadata"`},
			"Content-Type": {"application/json"}})
		if err != nil {
			return Call{}, err
		}
		_, _ = part.Write(metadata) // a buffer takes everything
	}
	if f.Type == "" {
		f.Type = "application/octet-stream"
	}
	header := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition("content", f.Name)},
		"Content-Type": {f.Type}}
	if _, err := form.CreatePart(header); err != nil {
		return Call{}, err
	}
	body := &parts{head: head.Bytes(), content: f.Body, tail: []byte("\r\n--" + form.Boundary() + "--\r\n")}
	call := Call{Method: http.MethodPost, Path: path, Type: form.FormDataContentType(), Body: body}
	if f.Key != "" {
		call.Header = http.Header{"Idempotency-Key": {f.Key}}
	}
	if f.Size >= 0 {
		call.Size = int64(len(body.head)+len(body.tail)) + f.Size
	}
	if seeker, ok := f.Body.(io.Seeker); ok {
		call.Body = &partsAgain{parts: body, seeker: seeker}
	}
	return call, body.begin()
}

// parts is the body of an upload, read once.
type parts struct {
	head, tail []byte
	content    io.Reader
	now        io.Reader
}

func (p *parts) begin() error {
	p.now = io.MultiReader(bytes.NewReader(p.head), p.content, bytes.NewReader(p.tail))
	return nil
}

func (p *parts) Read(b []byte) (int, error) { return p.now.Read(b) }

// WriteTo lets each part go its own way to the network.
func (p *parts) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, p.now) }

// partsAgain is one that can begin again.
type partsAgain struct {
	*parts
	seeker io.Seeker
}

// Seek goes back to the beginning, and nowhere else.
func (p *partsAgain) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("client: an upload begins anew, or not at all")
	}
	if _, err := p.seeker.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return 0, p.begin()
}

// Content fetches the bytes of a disclosure from an offset on; etag is the one of the part before, empty for the first.
// The body has to be closed.
func (c *Client) Content(ctx context.Context, disclosure string, offset int64, etag string) (*http.Response, error) {
	call := Call{Method: http.MethodGet, Path: "/disclosures/" + url.PathEscape(disclosure) + "/content",
		Header: http.Header{}}
	if offset > 0 {
		call.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		call.Header.Set("If-Range", etag)
	}
	return c.Do(ctx, call)
}
