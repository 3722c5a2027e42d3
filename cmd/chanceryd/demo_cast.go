//go:build !nodemo

package main

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/portal"
	"chancery.example/gateway/pkg/session"
)

const (
	demoAudience = "https://chancery.example/api/v1"
	demoClient   = "chancery-cli"
	demoPortal   = "chancery-portal"
	demoSecret   = "chancery-portal-demo-secret"
	demoLog      = "demo.chancery.example/log"
)

// player is a person or a machine client of the demo.
type player struct {
	id, organisation, name string
	groups                 []string
	service                bool
}

// cast are the people that the walk-throughs speak of. Names of focal points and deputies are those of the Arrangement
// file.
func cast() []player {
	staff, focal, signatory, auditor, operator := "chancery-staff", "chancery-focal-points", "chancery-signatories",
		"chancery-auditors", "chancery-operators"
	return []player{
		{id: "staff.wco", organisation: "wco", name: "Sofia Brandt", groups: []string{staff}},
		{id: "focal.wco", organisation: "wco", name: "Fiona Carter", groups: []string{staff, focal, signatory}},
		{id: "deputy.wco", organisation: "wco", name: "Daniel Moreau", groups: []string{staff, signatory}},
		{id: "auditor.wco", organisation: "wco", name: "Aiko Tanaka", groups: []string{auditor}},
		{id: "gtas", organisation: "wco", name: "GTAS", service: true},
		{id: "staff.unoct", organisation: "unoct", name: "Samuel Okoro", groups: []string{staff}},
		{id: "focal.unoct", organisation: "unoct", name: "Amina Haddad", groups: []string{staff, focal, signatory}},
		{id: "deputy.unoct", organisation: "unoct", name: "Lars Nyberg", groups: []string{staff, signatory}},
		{id: "auditor.unoct", organisation: "unoct", name: "Ana Lopes", groups: []string{auditor}},
		{id: "gotravel", organisation: "unoct", name: "goTravel", service: true},
		{id: "analyst.piu", organisation: "piu-exampleland", name: "Petra Varga", groups: []string{staff}},
		{id: "focal.piu", organisation: "piu-exampleland", name: "Pavel Horvat", groups: []string{staff, focal}},
		{id: "focal.customs", organisation: "customs-exampleland", name: "Chiara Rossi",
			groups: []string{staff, focal}},
		{id: "operator", organisation: "operator", name: "Olga Operator", groups: []string{operator}},
	}
}

// playerOf finds somebody of the cast.
func playerOf(id string) (player, bool) {
	all := cast()
	i := slices.IndexFunc(all, func(p player) bool { return p.id == id })
	if i < 0 {
		return player{}, false
	}
	return all[i], true
}

// demoSpecific is an invented specific arrangement (Article 6(3)), so that the demo has a purpose that outlives the
// Arrangement.
func demoSpecific() instrument.Specific {
	return instrument.Specific{
		Title:      "Project on connecting passenger data systems (invented for the demo)",
		SignedOn:   time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		Instrument: strings.Repeat("0", 64),
		Purposes: []instrument.Purpose{{Code: "sa1.a", Paragraph: "2(f)",
			Label:   "The technical trial of the project",
			LabelFR: "L'essai technique du projet"}},
	}
}

// demoInstrument is the Arrangement file with the demo's own identity providers in the place of those at example.int,
// and a specific arrangement.
func demoInstrument(issuer func(short string) string) (instrument.Instrument, error) {
	in, err := instrument.Read(bytes.NewReader(deploy.Arrangement))
	if err != nil {
		return instrument.Instrument{}, err
	}
	for i := range in.Parties {
		in.Parties[i].Issuer = issuer(in.Parties[i].Short)
	}
	for i := range in.ThirdParties {
		in.ThirdParties[i].Issuer = issuer(in.ThirdParties[i].Short)
	}
	in.Operator.Issuer = issuer(in.Operator.Short)
	in.SpecificArrangements = append(in.SpecificArrangements, demoSpecific())
	return in, nil
}

// demoIssuers are the identity providers as the development stack runs them, one for each organisation.
func demoIssuers(dir, public string) (devstack.IssuersConfig, error) {
	in, err := demoInstrument(func(short string) string { return "http://127.0.0.1/" + short })
	if err != nil {
		return devstack.IssuersConfig{}, err
	}
	names := map[string]string{in.Operator.Short: in.Operator.Name}
	for _, p := range in.Parties {
		names[p.Short] = p.Name
	}
	for _, t := range in.ThirdParties {
		names[t.Short] = t.Name
	}
	cfg := devstack.IssuersConfig{Dir: dir}
	for _, short := range demoOrganisations() {
		issuer := devstack.Issuer{Name: short, Organisation: names[short], Audience: demoAudience,
			Clients: []devstack.ClientConfig{{ID: demoClient, RedirectURIs: []string{"http://127.0.0.1/callback"},
				Device: true}, demoPortalClient(short, public)}}
		for _, p := range cast() {
			switch {
			case p.organisation != short:
			case p.service:
				issuer.Services = append(issuer.Services,
					devstack.ServiceConfig{ID: p.id, Secret: p.id + "-demo-secret"})
			default:
				issuer.People = append(issuer.People, devstack.PersonConfig{ID: p.id, Name: p.name,
					Email: p.id + "@" + short + ".example", Groups: p.groups})
			}
		}
		cfg.Issuers = append(cfg.Issuers, issuer)
	}
	return cfg, nil
}

// demoPortalClient is how the pages are known to an issuer of the demo; public is where they stand.
func demoPortalClient(short, public string) devstack.ClientConfig {
	return devstack.ClientConfig{
		ID:             demoPortal,
		Secret:         demoSecret,
		RedirectURIs:   []string{public + session.CallbackPath(short)},
		PostLogoutURIs: []string{public + session.SignedOutPath},
		BackChannelURI: public + "/back-channel-logout",
	}
}

// demoOrganisations are the short names, in the order of the cast.
func demoOrganisations() []string {
	var shorts []string
	for _, p := range cast() {
		if !slices.Contains(shorts, p.organisation) {
			shorts = append(shorts, p.organisation)
		}
	}
	return shorts
}

// demoBindings is what the gateway's configuration would say of these issuers.
func demoBindings(issuer func(short string) string) []issuerConfig {
	var bound []issuerConfig
	for _, short := range demoOrganisations() {
		c := issuerConfig{
			URL:       issuer(short),
			Audience:  demoAudience,
			Clients:   []string{demoClient, demoPortal},
			Portal:    portalConfig{Client: demoPortal, Secret: demoSecret},
			RoleClaim: "groups",
			StepUpACR: []string{devstack.ACRMFA},
			Services:  map[string]serviceConfig{},
			Roles: map[string]string{
				"chancery-staff": string(article4.RoleStaff), "chancery-focal-points": string(article4.RoleFocalPoint),
				"chancery-signatories": string(article4.RoleSignatory),
				"chancery-auditors":    string(article4.RoleAuditor),
			},
		}
		if short == "operator" {
			c.Roles = map[string]string{"chancery-operators": string(article4.RoleOperator)}
		}
		for _, p := range cast() {
			if p.service && p.organisation == short {
				c.Services[p.id] = serviceConfig{Purposes: []string{"art2.f"},
					Markings: []string{string(article4.Restricted), string(article4.NonConfidential)}}
			}
		}
		bound = append(bound, c)
	}
	return bound
}

// demoRoles are what the groups of the cast give.
var demoRoles = map[string]article4.Role{"chancery-staff": article4.RoleStaff,
	"chancery-focal-points": article4.RoleFocalPoint, "chancery-signatories": article4.RoleSignatory,
	"chancery-auditors": article4.RoleAuditor, "chancery-operators": article4.RoleOperator}

// demoPlayers are those who sign in at a browser, for the page where an organisation is chosen.
func demoPlayers() map[string][]portal.Player {
	out := map[string][]portal.Player{}
	for _, p := range cast() {
		if p.service {
			continue
		}
		var roles []article4.Role
		for _, group := range p.groups {
			roles = append(roles, demoRoles[group])
		}
		out[p.organisation] = append(out[p.organisation], portal.Player{Name: p.name, Roles: roles})
	}
	return out
}

// tokens makes what somebody of the cast would get by signing in now: an access token and an ID token with that nonce.
func (p player) tokens(issuers *devstack.Issuers, nonce string) (access, id string, err error) {
	if p.service {
		access, err = issuers.ServiceToken(p.organisation, p.id)
		return access, "", err
	}
	return issuers.Token(p.organisation, p.id, devstack.TokenOptions{Client: demoClient, Nonce: nonce})
}

// castNames lists everybody, for people who mistyped one.
func castNames() string {
	var ids []string
	for _, p := range cast() {
		ids = append(ids, p.id)
	}
	return strings.Join(ids, ", ")
}
