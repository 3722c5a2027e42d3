package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"chancery.example/gateway/pkg/devstack"
)

// object is a JSON object of the API.
type object map[string]any

func (o object) text(name string) string {
	text, _ := o[name].(string)
	return text
}

// people sign in once in a while and keep their tokens, as clients do.
type people struct {
	issuers *devstack.Issuers
	client  *http.Client
	mu      sync.Mutex
	tokens  map[string]token
}

type token struct {
	text  string
	since time.Time
}

func newPeople(issuers *devstack.Issuers) *people {
	return &people{issuers: issuers, tokens: map[string]token{}, client: &http.Client{Transport: transport()}}
}

// transport is the one that every client of the bench uses, whomever it speaks to.
func transport() *http.Transport {
	return &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, WriteBufferSize: 64 << 10,
		ReadBufferSize: 64 << 10, DisableCompression: true}
}

func (p *people) token(who string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.tokens[who]; time.Since(t.since) < 3*time.Minute {
		return t.text, nil
	}
	_, short, _ := strings.Cut(who, ".")
	access, _, err := p.issuers.Token(short, who, devstack.TokenOptions{Client: "chancery-cli"})
	p.tokens[who] = token{access, time.Now()}
	return access, err
}

// send makes one call to the API at a replica; out may be nil, an *object, or an io.Writer for bytes.
func (p *people) send(ctx context.Context, at *child, who, method, path string, body io.Reader, size int64, out any, header ...string) error {
	token, err := p.token(who)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+at.address+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	if size > 0 {
		req.ContentLength = size
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return receive(resp, method+" "+path, out)
}

func receive(resp *http.Response, what string, out any) error {
	if resp.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
		return fmt.Errorf("%s: %s: %s", what, resp.Status, said)
	}
	switch into := out.(type) {
	case *object:
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		(*into)["etag"] = resp.Header.Get("ETag")
	case io.Writer:
		if _, err := io.Copy(into, resp.Body); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	_, err := io.Copy(io.Discard, resp.Body) // so that the connection is used again
	return err
}

func (p *people) do(ctx context.Context, at *child, who, method, path string, in object, out any, header ...string) error {
	if in == nil {
		return p.send(ctx, at, who, method, path, nil, 0, out, header...)
	}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return p.send(ctx, at, who, method, path, bytes.NewReader(text), 0, out, append(header, "Content-Type", "application/json")...)
}

// deposit sends a document of the WCO for UNOCT, its size told beforehand, as the gateway's own clients do.
func (p *people) deposit(ctx context.Context, at *child, title string, content io.Reader, size int64) (object, error) {
	metadata, err := json.Marshal(object{"title": title, "marking": "confidential", "recipient": "org_unoct", "purposes": []string{"art2.e"},
		"purpose_statement": "To measure", "entities_concerned": "none", "personal_data": object{"present": false}, "show_title": true, "size": size})
	if err != nil {
		return nil, err
	}
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="metadata"`}, "Content-Type": {"application/json"}})
	if err != nil {
		return nil, err
	}
	if _, err := part.Write(metadata); err != nil {
		return nil, err
	}
	_, err = form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="content"; filename="measured.bin"`}, "Content-Type": {"application/octet-stream"}})
	if err != nil {
		return nil, err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	total := int64(head.Len()) + size + int64(len(tail))
	var out object
	err = p.send(ctx, at, "staff.wco", http.MethodPost, "/documents", io.MultiReader(&head, content, strings.NewReader(tail)), total, &out,
		"Content-Type", form.FormDataContentType())
	return out, err
}

// grant has UNOCT ask and the WCO authorize, so that staff.unoct may read.
func (p *people) grant(ctx context.Context, at *child, document string) (request string, err error) {
	var q object
	err = p.do(ctx, at, "staff.unoct", http.MethodPost, "/documents/"+document+"/requests", object{"for": object{"organisation": "org_unoct"},
		"purpose": "art2.e", "statement": "To measure", "form": "original", "until": time.Now().AddDate(0, 0, 5).UTC().Format(time.RFC3339)}, &q)
	if err != nil {
		return "", err
	}
	path := "/requests/" + q.text("id")
	var current object
	if err := p.do(ctx, at, "focal.wco", http.MethodGet, path, nil, &current); err != nil {
		return "", err
	}
	err = p.do(ctx, at, "focal.wco", http.MethodPost, path+"/decisions", object{"act": "authorize", "statement": "Agreed"}, nil, "If-Match", current.text("etag"))
	return q.text("id"), err
}

func (p *people) disclose(ctx context.Context, at *child, document string) (object, error) {
	var out object
	err := p.do(ctx, at, "staff.unoct", http.MethodPost, "/documents/"+document+"/disclosures",
		object{"purpose": "art2.e", "statement": "To measure", "form": "original"}, &out)
	return out, err
}

func (p *people) withdraw(ctx context.Context, at *child, request string) error {
	return p.do(ctx, at, "focal.wco", http.MethodPost, "/requests/"+request+"/withdrawal", object{"statement": "Measured"}, nil)
}
