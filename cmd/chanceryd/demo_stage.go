//go:build !nodemo

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/devstack"
)

// stage speaks to the demo's gateway as its people would: over the API, with their tokens.
type stage struct {
	base    string
	issuers *devstack.Issuers
	now     func() time.Time // the rules' clock
	written bool             // decisions are given by a sign-in for their text
}

// object is a JSON object of the API.
type object map[string]any

func (o object) text(name string) string {
	text, _ := o[name].(string)
	return text
}

// meet has everybody ask who they are, so that the gateway knows them, and notes what it answers.
func (s *stage) meet(ctx context.Context, ready *demoFile) error {
	for _, p := range cast() {
		var me struct {
			Person       string   `json:"person"`
			Roles        []string `json:"roles"`
			Issuer       string   `json:"issuer"`
			Organisation struct {
				ID    string `json:"id"`
				Short string `json:"short"`
			} `json:"organisation"`
		}
		if err := s.as(p.id).do(ctx, http.MethodGet, "/me", nil, &me); err != nil {
			return err
		}
		if ready.Issuers[p.organisation] == "" {
			ready.Issuers[p.organisation] = me.Issuer
			ready.Organisations = append(ready.Organisations,
				demoOrganisation{ID: me.Organisation.ID, Short: me.Organisation.Short})
		}
		ready.People = append(ready.People, demoPerson{
			ID:           p.id,
			Person:       me.Person,
			Organisation: me.Organisation.ID,
			Roles:        me.Roles,
			name:         p.name,
			short:        p.organisation,
		})
	}
	return nil
}

// as is one of the cast at the stage.
func (s *stage) as(id string) caller { return caller{stage: s, id: id} }

type caller struct {
	*stage
	id      string
	headers []string // pairs that go with each request
	token   string   // got elsewhere; empty: the issuers make one for each request
}

// client is the caller's own.
func (c caller) client() (*client.Client, error) {
	with := http.Header{}
	for i := 0; i+1 < len(c.headers); i += 2 {
		with.Set(c.headers[i], c.headers[i+1])
	}
	return client.New(client.Config{
		Server: strings.TrimSuffix(c.base, client.Base),
		Token:  func(context.Context) (string, error) { return c.bearer() }, Header: with,
	})
}

// do sends in as JSON and reads the answer into out; either may be nil. headers are pairs.
func (c caller) do(ctx context.Context, method, path string, in, out any, headers ...string) error {
	call := client.Call{Method: method, Path: path, Header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		call.Header.Set(headers[i], headers[i+1])
	}
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		call.Body = bytes.NewReader(text)
	}
	its, err := c.client()
	if err != nil {
		return err
	}
	response, err := its.Do(ctx, call)
	if err != nil {
		return fmt.Errorf("%s %s as %s: %w", method, path, c.id, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil || out == nil {
		return err
	}
	err = json.Unmarshal(text, out)
	if into, isObject := out.(*object); isObject && *into != nil {
		(*into)["etag"] = response.Header.Get("ETag")
	}
	return err
}

func (c caller) bearer() (string, error) {
	if c.token != "" {
		return c.token, nil
	}
	p, known := playerOf(c.id)
	if !known {
		return "", fmt.Errorf("nobody is called %q", c.id)
	}
	token, _, err := p.tokens(c.issuers, "")
	return token, err
}

// deposit puts a one-page PDF into the gateway and answers the document.
func (c caller) deposit(ctx context.Context, metadata object, lines ...string) (object, error) {
	content := onePage(metadata.text("title"), lines)
	return c.depositFile(ctx, metadata, client.File{Name: "document.pdf", Type: "application/pdf",
		Size: int64(len(content)), Body: bytes.NewReader(content)})
}

func (c caller) depositFile(ctx context.Context, metadata object, file client.File) (object, error) {
	var said api.DepositMetadata
	text, err := json.Marshal(metadata)
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		return nil, err
	}
	its, err := c.client()
	if err != nil {
		return nil, err
	}
	made, err := its.Deposit(ctx, said, file)
	return object{"id": made.Id}, err
}

// ask asks for access to a document in its exact bytes; marked copies are for later.
func (c caller) ask(ctx context.Context, document object, organisation, purpose, statement string, days int) (object,
	error) {
	var request object
	err := c.do(ctx, http.MethodPost, "/documents/"+document.text("id")+"/requests", object{
		"for": object{"organisation": organisation}, "purpose": purpose, "statement": statement, "form": "original",
		"until": c.now().AddDate(0, 0, days).UTC().Truncate(time.Second).Format(time.RFC3339),
	}, &request)
	return request, err
}

// decide gives or refuses a decision on a request as it stands now.
func (c caller) decide(ctx context.Context, request object, decision object) error {
	var current object
	path := "/requests/" + request.text("id")
	if err := c.do(ctx, http.MethodGet, path, nil, &current); err != nil {
		return err
	}
	if c.written {
		if err := c.write(ctx, path, decision); err != nil {
			return err
		}
	}
	return c.do(ctx, http.MethodPost, path+"/decisions", decision, nil, "If-Match", current.text("etag"))
}

// write puts a decision into writing: its evidence is a sign-in whose nonce is of the text (reading 0010).
func (c caller) write(ctx context.Context, request string, decision object) error {
	if decision.text("act") == string(api.DecisionActRefuse) {
		return nil
	}
	decision["evidence"] = object{"kind": "oidc"}
	var text api.CanonicalText
	if err := c.do(ctx, http.MethodPost, request+"/decisions/draft", decision, &text); err != nil {
		return err
	}
	p, _ := playerOf(c.id)
	_, id, err := p.tokens(c.issuers, text.Nonce)
	decision["evidence"] = object{"kind": "oidc", "id_token": id}
	return err
}
