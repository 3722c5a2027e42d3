package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// A token goes to the server that was named: a redirect to another port of the same host, to which net/http would take
// it along, is an answer, and nothing more.
func TestTheTokenFollowsNoRedirect(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Fprint(w, `{}`)
	}))
	t.Cleanup(other.Close)
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, err := c.Me(t.Context())
	var p *client.Problem
	if !errors.As(err, &p) || p.Status != http.StatusTemporaryRedirect {
		t.Errorf("a redirect is answered with %v", err)
	}
	if _, err := c.Ask(t.Context(), "doc_1", api.Ask{}); !errors.As(err, &p) || asked != 0 {
		t.Errorf("the other server was asked %d times: %v", asked, err)
	}
}

// A server that says nothing is given up; one that begins its answer may take its time with the rest.
func TestTheHeadersOfAnAnswerAreWaitedForAndTheBodyIsNotBound(t *testing.T) {
	const silence = 200 * time.Millisecond
	var slow http.HandlerFunc
	c := serving(t, func(w http.ResponseWriter, r *http.Request) { slow(w, r) },
		func(cfg *client.Config) { cfg.Silence = silence })
	slow = func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() } // until the caller hangs up
	if _, err := c.Me(t.Context()); err == nil {
		t.Error("an answer that never came is one")
	}
	slow = func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		time.Sleep(2 * silence)
		fmt.Fprint(w, `{"person": "per_1"}`)
	}
	if me, err := c.Me(t.Context()); err != nil || me.Person != "per_1" {
		t.Errorf("a slow body is %+v, %v", me, err)
	}
}
