package identity_test

import (
	"testing"

	"chancery.example/gateway/pkg/identity"
)

// A token that a provider gave for less than the API has no right of its person (ASVS V10.3.2).
func TestATokenThatWasGivenForLessIsRefused(t *testing.T) {
	b := newBench(t)
	b.config.Issuers[0].Scope = "chancery"
	var err error
	if b.Verifier, err = identity.New(b.config); err != nil {
		t.Fatal(err)
	}
	send := func(claims map[string]any) string {
		return jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), claims))
	}
	for name, claims := range map[string]map[string]any{
		"one word": {"scope": "chancery"}, "among others": {"scope": "openid chancery email"},
		"scp": {"scp": "chancery"}, "scp, a list": {"scp": []string{"openid", "chancery"}},
	} {
		if err := b.come(send(claims)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, claims := range []map[string]any{
		{}, {"scope": ""}, {"scope": "chancery:read"}, {"scope": "Chancery"}, {"scope": "openid"}, {"scope": 1},
		{"scope": nil}, {"scp": []any{"chancery", 1}}, {"scope": map[string]any{"chancery": true}},
	} {
		refusedAlike(t, b, send(claims), "scope")
	}
	for _, details := range []any{[]any{map[string]any{"type": "account"}}, []any{}, "chancery"} {
		refusedAlike(t, b, send(map[string]any{"scope": "chancery", "authorization_details": details}),
			"authorization_details")
	}
}

// What no scope is asked for by, takes any scope, and no authorization_details.
func TestAnIssuerWithoutAScopeTakesNoAuthorizationDetails(t *testing.T) {
	b := newBench(t)
	for _, scope := range []any{"openid", "", nil} {
		claims := with(access(b.wco, b.now), map[string]any{"scope": scope})
		if err := b.come(jwt(t, b.wco.key(), nil, claims)); err != nil {
			t.Errorf("%v: %v", scope, err)
		}
	}
	refusedAlike(t, b, jwt(t, b.wco.key(), nil, with(access(b.wco, b.now),
		map[string]any{"authorization_details": []any{}})), "authorization_details")
}

func TestAScopeIsOneWord(t *testing.T) {
	for scope, fine := range map[string]bool{"": true, "chancery": true, "api://chancery/all": true, "two words": false,
		"quo\"ted": false, `back\slash`: false, "línea": false, "line\n": false} {
		issuer := binding("https://login.example")
		issuer.Scope = scope
		if err := issuer.Check(); (err == nil) != fine {
			t.Errorf("%q: %v", scope, err)
		}
	}
}
