package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// gateway is the server that an auditor reads from.
type gateway struct{ *client.Client }

func newGateway(env environment, server string) (*gateway, error) {
	if server == "" {
		server = env.lookup("CHANCERY_SERVER")
	}
	if server == "" {
		return nil, &failure{exitUsage, errors.New("which gateway? Give --server, or set CHANCERY_SERVER")}
	}
	token := env.lookup("CHANCERY_TOKEN")
	c, err := client.New(client.Config{
		Server: server,
		Token:  func(context.Context) (string, error) { return token, nil },
		HTTP: &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second,
		}},
	})
	if err != nil {
		return nil, &failure{exitUsage,
			fmt.Errorf("%q is no address of a gateway to which a token may be sent; write "+
				"https://chancery.example.int", server)}
	}
	if token == "" {
		return nil, &failure{exitSignIn,
			errors.New("set CHANCERY_TOKEN to an access token of an auditor, or, for trace, of a signatory")}
	}
	return &gateway{c}, nil
}

// call answers the body of a good response; it has to be closed.
func (g *gateway) call(ctx context.Context, method, path string, query url.Values, body io.Reader) (io.ReadCloser,
	error) {
	return answered(g.Do(ctx, client.Call{Method: method, Path: path, Query: query, Body: body}))
}

// answered turns a problem into an exit code and words.
func answered(response *http.Response, err error) (io.ReadCloser, error) {
	var p *client.Problem
	if errors.As(err, &p) {
		return nil, refusal(p)
	}
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

func refusal(p *client.Problem) error {
	said := p.Title
	if p.Reasons != nil {
		for _, r := range *p.Reasons {
			said += "\n  " + words(r)
		}
		if p.Effect != nil && *p.Effect != "" {
			said += "\n  " + *p.Effect
		}
	} else if p.Detail != nil && *p.Detail != "" {
		said += ": " + *p.Detail
	}
	if p.LogEntry != nil {
		said += "\n  recorded as " + *p.LogEntry
	}
	code := map[int]int{401: exitSignIn, 403: exitRefused, 404: exitNotFound, 409: exitRefused, 412: exitChanged,
		422: exitRefused}[p.Status]
	if code == 0 {
		code = exitFailure
	}
	return &failure{code, errors.New(said)}
}

// words say of a reason where it is written, what did not happen, and what helps.
func words(r api.Reason) string {
	where := "Article " + r.Paragraph
	if r.Paragraph == "gateway" {
		where = "safeguard of the gateway"
	}
	said := fmt.Sprintf("%s (%s): %s", r.Code, where, r.Title)
	if r.Detail != nil {
		said += "\n    " + *r.Detail
	}
	if r.Remedy != nil {
		said += "\n    see " + r.Remedy.Method + " " + r.Remedy.Href
	}
	return said
}
