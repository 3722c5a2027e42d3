package identity_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
)

func TestAPersonsClaimsReachTheGateway(t *testing.T) {
	b := newBench(t)
	claims := with(access(b.wco, b.now),
		map[string]any{"groups": []string{"chancery-signatories", "chancery-focal", "chancery-focal", "other"},
			"name": "Fanny\u202e Focal\n"})
	if err := b.come(jwt(t, b.wco.key(), nil, claims)); err != nil {
		t.Fatal(err)
	}
	want := exchange.Claims{
		Issuer:   b.wco.URL,
		Subject:  "focal.wco",
		Client:   "portal",
		Name:     "Fanny Focal",
		ACR:      "mfa",
		Roles:    []article4.Role{article4.RoleFocalPoint, article4.RoleSignatory},
		AuthTime: b.now.Add(-time.Minute).UTC(),
		SignIn:   article4.SignInFresh,
	}
	if diff := cmp.Diff(want, b.door.last()); diff != "" {
		t.Error(diff)
	}
}

func TestSignInIsFreshForTenMinutesUnderTheIssuersACR(t *testing.T) {
	b := newBench(t)
	for name, c := range map[string]struct {
		changes map[string]any
		want    article4.SignIn
	}{
		"ten minutes": {map[string]any{"auth_time": b.now.Add(-10 * time.Minute).Unix()}, article4.SignInFresh},
		"a second more": {map[string]any{"auth_time": b.now.Add(-10*time.Minute - time.Second).Unix()},
			article4.SignInStale},
		"never":            {map[string]any{"auth_time": nil}, article4.SignInStale},
		"in the future":    {map[string]any{"auth_time": b.now.Add(2 * time.Minute).Unix()}, article4.SignInStale},
		"by password":      {map[string]any{"acr": "pwd"}, article4.SignInWeak},
		"without acr":      {map[string]any{"acr": nil}, article4.SignInWeak},
		"old and password": {map[string]any{"acr": "pwd", "auth_time": 1}, article4.SignInWeak},
	} {
		t.Run(name, func(t *testing.T) {
			if err := b.come(jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), c.changes))); err != nil {
				t.Fatal(err)
			}
			if got := b.door.last().SignIn; got != c.want {
				t.Errorf("sign-in is %s, want %s", got, c.want)
			}
		})
	}
}

func TestAMachineClientHasItsLimitsAndNoGroups(t *testing.T) {
	b := newBench(t)
	limits := binding("").Services["gtas"]
	for name, c := range map[string]struct {
		changes map[string]any
		roles   []article4.Role
		service *article4.ServiceLimits
	}{
		"listed": {map[string]any{"sub": "gtas", "client_id": "gtas"},
			[]article4.Role{article4.RoleService}, &limits},
		"listed, with a user's number": {map[string]any{"sub": "b1f5", "client_id": "gtas"},
			[]article4.Role{article4.RoleService}, &limits},
		"listed, named by azp": {map[string]any{"sub": "gtas", "client_id": nil, "azp": "gtas"},
			[]article4.Role{article4.RoleService}, &limits},
		"not listed": {map[string]any{"sub": "rogue", "client_id": "rogue"}, nil,
			&article4.ServiceLimits{}},
		"sign-in client as itself": {map[string]any{"sub": "portal"}, nil, &article4.ServiceLimits{}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := b.come(jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), c.changes))); err != nil {
				t.Fatal(err)
			}
			got := b.door.last()
			if diff := cmp.Diff(c.roles, got.Roles); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.service, got.Service); diff != "" {
				t.Error(diff)
			}
			if got.SignIn == article4.SignInFresh {
				t.Error("a machine signed in")
			}
		})
	}
}

func TestAMachineClientWithoutANameIsCalledByItsIdentifier(t *testing.T) {
	b := newBench(t)
	for name, want := range map[any]string{nil: "gtas", "": "gtas", "Passenger screening": "Passenger screening"} {
		if err := b.come(jwt(t, b.wco.key(), nil,
			with(access(b.wco, b.now), map[string]any{"sub": "gtas", "client_id": "gtas", "name": name}))); err != nil {
			t.Fatal(err)
		}
		if got := b.door.last().Name; got != want {
			t.Errorf("with the name %q it is called %q; want %q", name, got, want)
		}
	}
}

func TestGroupsAreFoundAlongAPath(t *testing.T) {
	b := newBench(t)
	issuer := binding(b.wco.URL)
	issuer.RoleClaim = "realm_access.roles"
	v, err := identity.New(identity.Config{Issuers: []identity.Issuer{issuer}, Gateway: b.door})
	if err != nil {
		t.Fatal(err)
	}
	b.Verifier = v
	for name, c := range map[string]struct {
		claim any
		want  []article4.Role
	}{
		"list":      {map[string]any{"roles": []string{"chancery-staff"}}, []article4.Role{article4.RoleStaff}},
		"one word":  {map[string]any{"roles": "chancery-staff"}, []article4.Role{article4.RoleStaff}},
		"otherwise": {map[string]any{"roles": map[string]any{"chancery-staff": true}}, nil},
		"no object": {"chancery-staff", nil},
		"absent":    {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if err := b.come(jwt(t, b.wco.key(), nil,
				with(access(b.wco, b.now), map[string]any{"realm_access": c.claim}))); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, b.door.last().Roles); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlainJWTIsAcceptedOnlyWhereConfigured(t *testing.T) {
	b := newBench(t)
	issuer := binding(b.wco.URL)
	issuer.PlainJWT = true
	v, err := identity.New(identity.Config{Issuers: []identity.Issuer{issuer}, Gateway: b.door})
	if err != nil {
		t.Fatal(err)
	}
	b.Verifier = v
	if err := b.come(jwt(t, b.wco.key(), map[string]any{"typ": "JWT"}, access(b.wco, b.now))); err != nil {
		t.Error(err)
	}
	refusedBecause(t, b, jwt(t, b.wco.key(), map[string]any{"typ": "JWT"}, identified(b.wco, b.now, "n")), "ID token")
	refusedBecause(t, b, jwt(t, b.wco.key(), map[string]any{"typ": "JWT"},
		with(identified(b.wco, b.now, "n"), map[string]any{"nonce": nil})), "not meant for this API")
}

func TestRotatedKeysAreFoundAndRemovedKeysEnd(t *testing.T) {
	b := newBench(t)
	first := b.wco.key()
	if err := b.come(jwt(t, first, nil, access(b.wco, b.now))); err != nil {
		t.Fatal(err)
	}
	second := b.wco.rotate(t, "second")
	b.now = b.now.Add(2 * time.Second)
	if err := b.come(jwt(t, second, nil, access(b.wco, b.now))); err != nil {
		t.Fatalf("the new key: %v", err)
	}
	refusedBecause(t, b, jwt(t, first, nil, access(b.wco, b.now)), "no key of that id")

	third := b.wco.rotate(t, "third")
	b.now = b.now.Add(10 * time.Minute)
	refusedBecause(t, b, jwt(t, second, nil, access(b.wco, b.now)), "no key of that id")
	if err := b.come(jwt(t, third, nil, access(b.wco, b.now))); err != nil {
		t.Errorf("the third key: %v", err)
	}
}

// A token that was verified before is known again only by the keys that verified it, and until it expires.
func TestATokenKnownAgainEndsWithItsKeyAndWithItsTime(t *testing.T) {
	b := newBench(t)
	known := jwt(t, b.wco.key(), nil, access(b.wco, b.now))
	short := jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), map[string]any{"exp": b.now.Add(time.Minute).Unix()}))
	for range 2 {
		for _, token := range []string{known, short} {
			if err := b.come(token); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.now = b.now.Add(time.Minute)
	refusedBecause(t, b, short, "expired")
	if err := b.come(known); err != nil {
		t.Fatal(err)
	}
	second := b.wco.rotate(t, "second")
	if err := b.come(jwt(t, second, nil, access(b.wco, b.now))); err != nil {
		t.Fatalf("the new key: %v", err)
	}
	refusedBecause(t, b, known, "no key of that id")
}

func TestInventedKeyIDsDoNotFloodTheProvider(t *testing.T) {
	b := newBench(t)
	for range 50 {
		refusedBecause(t, b, jwt(t, b.wco.key(), map[string]any{"kid": "invented"}, access(b.wco, b.now)),
			"no key of that id")
	}
	if got := b.wco.fetches.Load(); got != 1 {
		t.Errorf("the provider was asked %d times within a second, want 1", got)
	}
}

func TestAProviderThatIsAwayMakesNobodyAStranger(t *testing.T) {
	b := newBench(t)
	b.wco.away.Store(true)
	token := func() string { return jwt(t, b.wco.key(), nil, access(b.wco, b.now)) }
	if err := b.come(token()); !errors.Is(err, identity.ErrProviderAway) {
		t.Fatalf("before the first keys: %v", err)
	}
	if err := b.come(jwt(t, b.unoct.key(), nil, access(b.unoct, b.now))); err != nil {
		t.Errorf("the other Party's people: %v", err)
	}
	b.wco.away.Store(false)
	b.now = b.now.Add(2 * time.Second)
	if err := b.come(token()); err != nil {
		t.Fatalf("when it is back: %v", err)
	}

	b.wco.away.Store(true)
	b.now = b.now.Add(10*time.Minute - time.Second)
	if err := b.come(token()); err != nil {
		t.Errorf("with keys of less than ten minutes: %v", err)
	}
	b.now = b.now.Add(time.Second)
	var bad *identity.BadToken
	if err := b.come(token()); !errors.Is(err, identity.ErrProviderAway) || errors.As(err, &bad) {
		t.Errorf("with keys of ten minutes: %v", err)
	}
	refusedBecause(t, b, jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), map[string]any{"aud": "elsewhere"})),
		"not meant")
	b.wco.away.Store(false)
	b.now = b.now.Add(2 * time.Second)
	if err := b.come(token()); err != nil {
		t.Errorf("when it is back again: %v", err)
	}
}

func TestAProviderThatHangsIsLeftWhenTheCallerGoes(t *testing.T) {
	b := newBench(t)
	held := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	defer hung.Close()
	defer close(held)
	v, err := identity.New(identity.Config{Issuers: []identity.Issuer{binding(hung.URL)}, Gateway: b.door})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+
		jwt(t, b.wco.key(), nil, with(access(b.wco, b.now), map[string]any{"iss": hung.URL})))
	began := time.Now()
	if _, err := v.Authenticate(ctx, r); !errors.Is(err, identity.ErrProviderAway) {
		t.Errorf("answered %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestAnIssuerBoundToNobodyIsSaidSo(t *testing.T) {
	b := newBench(t)
	b.door.err = exchange.ErrUnrecognised
	if err := b.come(jwt(t, b.wco.key(), nil, access(b.wco, b.now))); !errors.Is(err, exchange.ErrUnrecognised) {
		t.Errorf("answered %v", err)
	}
}

func TestNewRefusesAnIssuerThatWouldVerifyLess(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*identity.Issuer)
		want   string
	}{
		"no URL":                   {func(i *identity.Issuer) { i.URL = "" }, "absolute URL"},
		"plain http":               {func(i *identity.Issuer) { i.URL = "http://id.example.int" }, "https"},
		"user in URL":              {func(i *identity.Issuer) { i.URL = "https://u:p@id.example.int" }, "absolute URL"},
		"no audience":              {func(i *identity.Issuer) { i.Audience = "" }, "audience"},
		"audience of a client":     {func(i *identity.Issuer) { i.Audience = "portal" }, "audience"},
		"audience of a machine":    {func(i *identity.Issuer) { i.Audience = "gtas" }, "audience"},
		"no clients":               {func(i *identity.Issuer) { i.Clients, i.Services = nil, nil }, "client"},
		"client that is a machine": {func(i *identity.Issuer) { i.Clients = []string{"gtas"} }, "gtas"},
		"group of services": {func(
			i *identity.Issuer) {
			i.Roles = map[string]article4.Role{"g": article4.RoleService}
		}, "service"},
		"unknown role": {func(i *identity.Issuer) { i.Roles = map[string]article4.Role{"g": "king"} }, "king"},
		"long lives":   {func(i *identity.Issuer) { i.MaxLifetime = time.Hour }, "15m"},
	} {
		t.Run(name, func(t *testing.T) {
			issuer := binding("https://id.example.int")
			c.change(&issuer)
			_, err := identity.New(identity.Config{Issuers: []identity.Issuer{issuer}, Gateway: &door{}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("answered %v, want %q", err, c.want)
			}
		})
	}
	one := binding("https://id.example.int")
	for name, cfg := range map[string]identity.Config{
		"no gateway":   {Issuers: []identity.Issuer{one}},
		"no issuers":   {Gateway: &door{}},
		"issuer twice": {Gateway: &door{}, Issuers: []identity.Issuer{one, one}},
	} {
		if _, err := identity.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
