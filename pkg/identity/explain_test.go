package identity_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/identity"
)

func explained(t *testing.T, b *bench, claims map[string]any) identity.Explanation {
	t.Helper()
	token := jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), claims))
	e, err := identity.Explain(t.Context(), b.config, token, b.wco.published(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func about(all []identity.Remark) []string {
	var names []string
	for _, r := range all {
		names = append(names, r.About)
		if r.What == "" || r.Cure == "" {
			names = append(names, "without a cure")
		}
	}
	return names
}

func TestAnExplanationSaysWhomAGoodTokenNamesAndWhatItGives(t *testing.T) {
	b := newBench(t)
	e := explained(t, b, map[string]any{"email": "f@wco.example", "email_verified": true})
	if len(e.Refusals) != 0 || len(e.Missing) != 0 || !e.Verified || e.Issuer != b.wco.URL ||
		e.Claims.Subject != "focal.wco" || !slices.Equal(e.Claims.Roles, []article4.Role{article4.RoleFocalPoint}) {
		t.Errorf("%+v", e)
	}
}

// A token is refused for its first fault; whoever sets up a provider is told all at once.
func TestAnExplanationNamesEachFaultAndWhatTheTokenSaysInstead(t *testing.T) {
	b := newBench(t)
	e := explained(t, b, map[string]any{"aud": "https://elsewhere\x1b[2J", "client_id": "stranger",
		"exp": b.now.Unix()})
	if got := about(e.Refusals); !slices.Equal(got, []string{"aud", "iat, exp", "sub, client_id, azp"}) {
		t.Errorf("%v", got)
	}
	if cure := e.Refusals[0].Cure; !strings.Contains(cure, `"https://elsewhere\x1b[2J"`) ||
		!strings.Contains(cure, audience) {
		t.Errorf("%s", cure)
	}
	if cure := e.Refusals[2].Cure; !strings.Contains(cure, `"stranger"`) || !strings.Contains(cure, `"portal"`) {
		t.Errorf("%s", cure)
	}
	e, err := identity.Explain(t.Context(), b.config,
		jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), map[string]any{"iss": b.wco.URL + "/"})), nil)
	if err != nil || !slices.Equal(about(e.Refusals), []string{"iss"}) ||
		!strings.Contains(e.Refusals[0].Cure, b.wco.URL+`/"`) {
		t.Errorf("%+v, %v", e, err)
	}
	other := b.wco.rotate(t, "second")
	e, err = identity.Explain(t.Context(), b.config, jwt(t, other, nil, access(b.wco, b.now)),
		b.unoct.published(t))
	if err != nil || !slices.Equal(about(e.Refusals), []string{"kid"}) || e.Verified {
		t.Errorf("keys that were brought are all that are used: %+v, %v", e, err)
	}
}

func TestAnExplanationSaysWhatEachMissingClaimCosts(t *testing.T) {
	b := newBench(t)
	for name, c := range map[string]struct {
		claims  map[string]any
		missing string
	}{
		"no groups":           {map[string]any{"groups": nil}, "groups"},
		"groups of others":    {map[string]any{"groups": []string{"tennis"}}, "groups"},
		"no factors":          {map[string]any{"acr": nil}, "acr"},
		"no time of sign-in":  {map[string]any{"auth_time": nil}, "auth_time"},
		"an old sign-in":      {map[string]any{"auth_time": b.now.Unix() - 601}, "auth_time"},
		"no name":             {map[string]any{"name": nil}, "name"},
		"no verified address": {map[string]any{"email": "f@wco.example"}, "email, email_verified"},
		"a machine that is not listed": {map[string]any{"sub": "loader", "client_id": "loader"},
			"services"},
	} {
		e := explained(t, b, c.claims)
		if len(e.Refusals) != 0 || !slices.Contains(about(e.Missing), c.missing) ||
			slices.Contains(about(e.Missing), "without a cure") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
