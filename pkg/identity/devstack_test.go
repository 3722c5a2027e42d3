package identity_test

import (
	"errors"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/identity"
)

// provided starts providers as the demo does, and a verifier for them; now may be moved.
func provided(t *testing.T) (*devstack.Issuers, *bench, *identity.Evidence) {
	t.Helper()
	issuers, err := devstack.StartIssuers(t.Context(), devstack.IssuersConfig{Issuers: []devstack.Issuer{{
		Name:         "wco",
		Organisation: "World Customs Organization",
		Audience:     audience,
		Clients:      []devstack.ClientConfig{{ID: "portal"}},
		People: []devstack.PersonConfig{{ID: "focal.wco", Name: "Fanny Focal",
			Groups: []string{"chancery-focal"}}},
		Services: []devstack.ServiceConfig{{ID: "gtas", Secret: "secret"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { issuers.Stop() })
	b := &bench{door: &door{}, now: time.Now()}
	b.config = identity.Config{Issuers: []identity.Issuer{binding(issuers.URL("wco"))}, Gateway: b.door,
		Now: func() time.Time { return b.now }}
	if b.Verifier, err = identity.New(b.config); err != nil {
		t.Fatal(err)
	}
	e, err := identity.NewEvidence(b.config)
	if err != nil {
		t.Fatal(err)
	}
	return issuers, b, e
}

func TestTokensOfARealProvider(t *testing.T) {
	issuers, b, e := provided(t)
	access, id, err := issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: nonce})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.come(access); err != nil || b.door.last().SignIn != article4.SignInFresh {
		t.Errorf("access token: %v, %+v", err, b.door.last())
	}
	refusedBecause(t, b, id, "at+jwt")
	if found, err := e.Verify(t.Context(), issuers.URL("wco"), id, nonce); err != nil || found.Subject != "focal.wco" {
		t.Errorf("evidence: %v", err)
	}
	if _, err := e.Verify(t.Context(), issuers.URL("wco"), access, nonce); err == nil {
		t.Error("an access token passed for evidence")
	}
	machine, err := issuers.ServiceToken("wco", "gtas")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.come(machine); err != nil || b.door.last().Service == nil {
		t.Errorf("machine client: %v, %+v", err, b.door.last())
	}
}

func TestARealProviderRotatesHangsAndIsBack(t *testing.T) {
	issuers, b, _ := provided(t)
	token := func() string {
		access, _, err := issuers.Token("wco", "focal.wco", devstack.TokenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return access
	}
	first := token()
	if err := b.come(first); err != nil {
		t.Fatal(err)
	}
	if err := issuers.Rotate("wco", true); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(2 * time.Second)
	for name, access := range map[string]string{"old": first, "new": token()} {
		if err := b.come(access); err != nil {
			t.Errorf("%s key, both published: %v", name, err)
		}
	}
	if err := issuers.Rotate("wco", false); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(2 * time.Second)
	if err := b.come(token()); err != nil {
		t.Errorf("the third key: %v", err)
	}
	refusedBecause(t, b, first, "no key of that id")

	issuers.Pause()
	if err := b.come(token()); err != nil {
		t.Errorf("hanging, with keys at hand: %v", err)
	}
	b.now = b.now.Add(11 * time.Minute)
	began := time.Now()
	if err := b.come(jwtFor(t, b, issuers)); !errors.Is(err, identity.ErrProviderAway) ||
		time.Since(began) > 10*time.Second {
		t.Errorf("hanging, without: %v after %s", err, time.Since(began))
	}
	issuers.Resume()
	b.now = time.Now().Add(2 * time.Minute)
	if err := b.come(token()); err != nil {
		t.Errorf("back: %v", err)
	}
}

// jwtFor is a token of the provider's name that is good at the bench's time; whether it is genuine takes its keys to
// tell.
func jwtFor(t *testing.T, b *bench, issuers *devstack.Issuers) string {
	t.Helper()
	other := newIssuer(t)
	return jwt(t, other.key(), nil, with(access(other, b.now), map[string]any{"iss": issuers.URL("wco")}))
}
