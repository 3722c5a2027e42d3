package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
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
	return &http.Transport{
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     time.Minute,
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      64 << 10,
		DisableCompression:  true,
	}
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

// at is the client of one person at a replica.
func (p *people) at(at *child, who string) (*client.Client, error) {
	return client.New(client.Config{
		Server: "http://" + at.address, HTTP: p.client, Retries: -1,
		Token: func(context.Context) (string, error) { return p.token(who) },
	})
}

// send makes one call to the API at a replica; out may be nil, an *object, or an io.Writer for bytes.
func (p *people) send(ctx context.Context, at *child, who string, call client.Call, out any) error {
	c, err := p.at(at, who)
	if err != nil {
		return err
	}
	resp, err := c.Do(ctx, call)
	if err != nil {
		return fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
	}
	defer resp.Body.Close()
	return receive(resp, call.Method+" "+call.Path, out)
}

func receive(resp *http.Response, what string, out any) error {
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

func (p *people) do(ctx context.Context, at *child, who, method, path string, in object, out any,
	header ...string) error {
	call := client.Call{Method: method, Path: path, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		call.Header.Set(header[i], header[i+1])
	}
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		call.Body = bytes.NewReader(text)
	}
	return p.send(ctx, at, who, call, out)
}

// deposit sends a document of the WCO for UNOCT, its size told beforehand, as the gateway's own clients do.
func (p *people) deposit(ctx context.Context, at *child, title string, content io.Reader, size int64) (object, error) {
	text, err := json.Marshal(object{"title": title, "marking": "confidential", "recipient": "org_unoct",
		"purposes":          []string{"art2.e"},
		"purpose_statement": "To measure", "entities_concerned": "none", "derived_from": "none",
		"personal_data": object{"present": false},
		"show_title":    true})
	if err != nil {
		return nil, err
	}
	var metadata api.DepositMetadata
	if err := json.Unmarshal(text, &metadata); err != nil {
		return nil, err
	}
	c, err := p.at(at, "staff.wco")
	if err != nil {
		return nil, err
	}
	made, err := c.Deposit(ctx, metadata, client.File{Name: "measured.bin", Size: size, Body: content})
	return object{"id": made.Id}, err
}

// grant has UNOCT ask and the WCO authorize, so that staff.unoct may read.
func (p *people) grant(ctx context.Context, at *child, document string) (request string, err error) {
	var q object
	err = p.do(ctx, at, "staff.unoct", http.MethodPost, "/documents/"+document+"/requests",
		object{"for": object{"organisation": "org_unoct"},
			"purpose": "art2.e", "statement": "To measure", "form": "original",
			"until": time.Now().AddDate(0, 0, 5).UTC().Format(time.RFC3339)}, &q)
	if err != nil {
		return "", err
	}
	path := "/requests/" + q.text("id")
	var current object
	if err := p.do(ctx, at, "focal.wco", http.MethodGet, path, nil, &current); err != nil {
		return "", err
	}
	return q.text("id"), p.authorize(ctx, at, path, current.text("etag"))
}

// authorize does so with the evidence that the decision takes: an ID token whose nonce is the hash of its text.
func (p *people) authorize(ctx context.Context, at *child, request, etag string) error {
	said := object{"act": "authorize", "statement": "Agreed"}
	var draft object
	if err := p.do(ctx, at, "focal.wco", http.MethodPost, request+"/decisions/draft", said, &draft); err != nil {
		return err
	}
	_, id, err := p.issuers.Token("wco", "focal.wco",
		devstack.TokenOptions{Client: "chancery-cli", Nonce: draft.text("nonce")})
	if err != nil {
		return err
	}
	said["evidence"] = object{"kind": "oidc", "id_token": id}
	return p.do(ctx, at, "focal.wco", http.MethodPost, request+"/decisions", said, nil, "If-Match", etag)
}

func (p *people) disclose(ctx context.Context, at *child, document string) (object, error) {
	var out object
	err := p.do(ctx, at, "staff.unoct", http.MethodPost, "/documents/"+document+"/disclosures",
		object{"purpose": "art2.e", "statement": "To measure", "form": "original"}, &out)
	return out, err
}

func (p *people) withdraw(ctx context.Context, at *child, request string) error {
	return p.do(ctx, at, "focal.wco", http.MethodPost, "/requests/"+request+"/withdrawal",
		object{"statement": "Measured"}, nil)
}
