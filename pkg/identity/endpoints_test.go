package identity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/identity"
)

// What an issuer says of its endpoints is believed only where people and codes can be sent: an address that is missing,
// or open on the way, is no endpoint.
func TestAnIssuerWithoutItsEndpointsSignsNobodyIn(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]string
		good    bool
	}{
		"whole":                     {nil, true},
		"without an end of session": {map[string]string{"end_session_endpoint": ""}, true},
		"nowhere to sign in":        {map[string]string{"authorization_endpoint": ""}, false},
		"nowhere to redeem":         {map[string]string{"token_endpoint": ""}, false},
		"neither, nor an end": {map[string]string{"authorization_endpoint": "", "token_endpoint": "",
			"end_session_endpoint": ""}, false},
		"open on the way":           {map[string]string{"token_endpoint": "http://id.wco.example/token"}, false},
		"an end that is no address": {map[string]string{"end_session_endpoint": "javascript:alert(1)"}, false},
		"with a name and a password": {map[string]string{"authorization_endpoint": "https://u:p@id.wco.example/"},
			false},
	} {
		var url string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			metadata := map[string]string{"issuer": url, "jwks_uri": url + "/keys",
				"authorization_endpoint": url + "/a", "token_endpoint": url + "/t", "end_session_endpoint": url + "/e"}
			for field, value := range c.changes {
				metadata[field] = value
			}
			_ = json.NewEncoder(w).Encode(metadata)
		}))
		t.Cleanup(server.Close)
		url = server.URL
		s, err := identity.NewSignIn(identity.SignInConfig{
			Config:   identity.Config{Issuers: []identity.Issuer{binding(url)}},
			Browsers: map[string]identity.Browser{url: {ID: "portal"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Endpoints(t.Context(), url); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A provider that the pages cannot reach is away to everybody who asks: to the monitor, and to the operator's log.
func TestAProviderThatIsAwayFromThePagesIsToldToBeAway(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	var said bytes.Buffer
	all, err := identity.NewProviders(identity.Config{Issuers: []identity.Issuer{binding(server.URL)},
		Logger: slog.New(slog.NewJSONHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s, err := identity.NewSignIn(identity.SignInConfig{Config: identity.Config{Providers: all},
		Browsers: map[string]identity.Browser{server.URL: {ID: "portal"}}})
	if err != nil {
		t.Fatal(err)
	}
	if !all.Answering()[server.URL] {
		t.Error("it is away before it was asked")
	}
	if _, err := s.Endpoints(t.Context(), server.URL); !errors.Is(err, identity.ErrProviderAway) {
		t.Fatal(err)
	}
	if all.Answering()[server.URL] || !strings.Contains(said.String(), "identity provider does not give its keys") {
		t.Errorf("answering: %v\n%s", all.Answering(), said.String())
	}
}
