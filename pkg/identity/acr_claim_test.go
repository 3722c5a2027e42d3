package identity_test

import (
	"net/url"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/identity"
)

// Where another claim than acr says how somebody signed in, one of its values has to be what deciding acts want; acr,
// and any other claim, says nothing then.
func TestAnotherClaimMaySayHowSomebodySignedIn(t *testing.T) {
	b := newBench(t)
	b.config.Issuers[0].ACRClaim, b.config.Issuers[0].StepUpACR = "acrs", []string{"c1", "c3"}
	var err error
	if b.Verifier, err = identity.New(b.config); err != nil {
		t.Fatal(err)
	}
	e, err := identity.NewEvidence(b.config)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		claims map[string]any
		sign   article4.SignIn
		acr    string
	}{
		"the context among others": {map[string]any{"acrs": []string{"c2", "c3"}, "acr": "0"},
			article4.SignInFresh, "c3"},
		"the context alone":         {map[string]any{"acrs": "c1", "acr": nil}, article4.SignInFresh, "c1"},
		"another context":           {map[string]any{"acrs": []string{"c2"}, "acr": nil}, article4.SignInWeak, "c2"},
		"none":                      {map[string]any{"acrs": []string{}, "acr": nil}, article4.SignInWeak, ""},
		"acr alone":                 {map[string]any{"acr": "c1"}, article4.SignInWeak, ""},
		"something else than texts": {map[string]any{"acrs": []any{"c1", 1}, "acr": nil}, article4.SignInWeak, ""},
	} {
		if err := b.come(jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), c.claims))); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := b.door.last(); got.SignIn != c.sign || got.ACR != c.acr {
			t.Errorf("%s: %s by %q; want %s by %q", name, got.SignIn, got.ACR, c.sign, c.acr)
		}
		id := idToken(t, b.wco.key(), with(identified(b.wco, b.now, nonce), c.claims))
		_, err := e.Verify(t.Context(), b.wco.URL, id, nonce)
		if (err == nil) != (c.sign == article4.SignInFresh) {
			t.Errorf("%s, as evidence of a consent: %v", name, err)
		}
	}
}

// The pages ask a provider for what deciding acts want in the way that it understands.
func TestThePagesAskForAStrongSignInByTheClaimThatSaysIt(t *testing.T) {
	b := newBench(t)
	for want, change := range map[string]func(*identity.Issuer){
		"acr_values=mfa": func(*identity.Issuer) {},
		"":               func(i *identity.Issuer) { i.StepUpACR = nil },
		`claims={"id_token":{"acrs":{"essential":true,"value":"c1"}}}`: func(i *identity.Issuer) {
			i.ACRClaim, i.StepUpACR = "acrs", []string{"c1"}
		},
		`claims={"id_token":{"acrs":{"essential":true,"values":["c1","c2"]}}}`: func(i *identity.Issuer) {
			i.ACRClaim, i.StepUpACR = "acrs", []string{"c1", "c2"}
		},
	} {
		issuer := binding(b.wco.URL)
		change(&issuer)
		s, err := identity.NewSignIn(identity.SignInConfig{Config: identity.Config{Issuers: []identity.Issuer{issuer}},
			Browsers: map[string]identity.Browser{issuer.URL: {ID: "portal"}}})
		if err != nil {
			t.Fatal(err)
		}
		query := url.Values{}
		s.AskStepUp(query, issuer.URL)
		if got, err := url.QueryUnescape(query.Encode()); err != nil || got != want {
			t.Errorf("asked %q, want %q (%v)", got, want, err)
		}
		s.AskStepUp(query, "https://elsewhere.example")
	}
}
