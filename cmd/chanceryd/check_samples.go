package main

// What the shipped files hold for the sake of an example: refused by serve, since a signed, append-only log would name
// people and third parties that do not exist.

import (
	"bytes"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/instrument"
)

// sampleDomains are those that examples use: RFC 2606, RFC 6761, and ours.
var sampleDomains = []string{"example", "test", "invalid", "example.int", "example.com", "example.net", "example.org"}

func isSampleHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return slices.ContainsFunc(sampleDomains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

// samples are the values of the shipped Arrangement file that no real one has.
type samples struct {
	people      map[string]bool // subjects, and who filed and confirmed
	instruments map[string]bool // digests
	parties     map[string]bool // short names of third parties
}

func shippedSamples() samples {
	in, err := instrument.Read(bytes.NewReader(deploy.Arrangement))
	if err != nil {
		panic(err) // the file is part of the program, and pkg/instrument's tests read it
	}
	s := samples{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, p := range in.Parties {
		for _, d := range p.Delegations {
			s.people[d.Subject], s.people[d.FiledBy], s.people[d.ConfirmedBy] = true, true, true
			s.instruments[d.Instrument] = true
		}
	}
	for _, t := range in.ThirdParties {
		s.parties[t.Short] = true
		for _, m := range t.Mandates {
			s.people[m.Subject], s.instruments[m.Instrument] = true, true
		}
	}
	delete(s.people, "")
	delete(s.instruments, "")
	return s
}

// checkSamples names each value that was left as it is shipped. admit.samples takes them, which weakens the gateway.
func checkSamples(s setting) []finding {
	if s.Admit.Samples {
		return []finding{{Key: "admit.samples",
			Problem: "people, third parties and addresses of the shipped examples are admitted",
			Cure:    "leave it out, and put your own in their place", Weakening: true}}
	}
	return append(sampleAddresses(s.config), sampleRecords(s.instrument)...)
}

func sampleAddresses(cfg config) []finding {
	addresses := [][2]string{{"public_url", hostOf(cfg.PublicURL)},
		{"store.endpoint", hostOf("//" + cfg.Store.Endpoint)},
		{"database.url", databaseHost(cfg.Database.URL)},
		{"database.sequencer_url", databaseHost(cfg.Database.SequencerURL)},
		{"keys.log_name", hostOf("//" + cfg.Keys.LogName)}}
	if cfg.Mail.Host != "" {
		addresses = append(addresses, [2]string{"mail.host", cfg.Mail.Host},
			[2]string{"mail.from", mailDomain(cfg.Mail.From)})
	}
	if host, _, err := net.SplitHostPort(cfg.Malware.Address); err == nil {
		addresses = append(addresses, [2]string{"malware.address", host})
	}
	for i, issuer := range cfg.Issuers {
		key := fmt.Sprintf("issuers[%d].", i)
		addresses = append(addresses, [2]string{key + "url", hostOf(issuer.URL)},
			[2]string{key + "audience", hostOf(issuer.Audience)})
	}
	var found []finding
	for _, at := range addresses {
		if isSampleHost(at[1]) {
			found = append(found, finding{Key: at[0], Problem: at[1] + " is an address of the examples",
				Cure: "write your own, or say admit.samples: true for a trial"})
		}
	}
	return found
}

func databaseHost(address secret) string {
	parsed, err := pgx.ParseConfig(address.reveal())
	if err != nil || address == "" {
		return ""
	}
	return parsed.Host
}

func mailDomain(from string) string {
	parsed, err := mail.ParseAddress(from)
	if err != nil {
		return ""
	}
	return parsed.Address[strings.LastIndex(parsed.Address, "@")+1:]
}

// sampleRecords looks at who and what the Arrangement file names.
func sampleRecords(in instrument.Instrument) []finding {
	shipped := shippedSamples()
	var found []finding
	say := func(field, problem string) {
		found = append(found, finding{Key: "arrangement: " + field, Problem: problem,
			Cure: "write your own, or say admit.samples: true for a trial"})
	}
	issuer := func(field, address string) {
		if u, err := url.Parse(address); err == nil && isSampleHost(u.Hostname()) {
			say(field+".issuer", u.Hostname()+" is an address of the examples")
		}
	}
	named := func(field, digest string, people ...string) {
		for _, person := range people {
			if shipped.people[person] {
				say(field, person+" is a person of the examples")
			}
		}
		if shipped.instruments[digest] {
			say(field+".instrument_sha256", "is of a document of the examples, which nobody signed")
		}
	}
	for i, p := range in.Parties {
		field := fmt.Sprintf("parties[%d]", i)
		issuer(field, p.Issuer)
		if p.FocalPoint != nil {
			named(field+".focal_point", "", p.FocalPoint.Subject)
		}
		for j, d := range p.Delegations {
			named(fmt.Sprintf("%s.delegations[%d]", field, j), d.Instrument, d.Subject, d.FiledBy, d.ConfirmedBy)
		}
	}
	for i, t := range in.ThirdParties {
		field := fmt.Sprintf("third_parties[%d]", i)
		if shipped.parties[t.Short] || strings.Contains(t.Name, "Exampleland") {
			say(field, t.Name+" is a third party of the examples")
		}
		issuer(field, t.Issuer)
		for j, m := range t.Mandates {
			named(fmt.Sprintf("%s.mandates[%d]", field, j), m.Instrument, m.Subject)
		}
	}
	issuer("operator", in.Operator.Issuer)
	return found
}
