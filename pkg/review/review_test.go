package review_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/review"
)

// facts are of somebody who asks for a confidential document of the other Party, on a request that has everything it
// needs but what alter takes away.
func facts(alter func(f *article4.Facts)) article4.Facts {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	purpose := article4.PurposeCode("art2.f")
	f := article4.Facts{
		Act: article4.ActDisclose,
		Now: now,
		Arrangement: article4.ArrangementFacts{
			Phase:         article4.InEffect,
			OpenPurposes:  []article4.PurposeCode{purpose},
			KnownPurposes: []article4.PurposeCode{purpose},
			FocalPoints:   []article4.OrganisationID{"org_wco", "org_unoct"},
		},
		Actor: article4.ActorFacts{
			Person:       "per_reader",
			Organisation: "org_unoct",
			Kind:         article4.Party,
			Roles:        []article4.Role{article4.RoleStaff},
			SignIn:       article4.SignInFresh,
		},
		Document: &article4.DocumentFacts{
			ID:                "doc_1",
			Version:           "ver_1",
			Discloser:         "org_wco",
			Recipient:         "org_unoct",
			Depositor:         "per_staff",
			Marking:           article4.Confidential,
			Purposes:          []article4.PurposeCode{purpose},
			EntitiesConfirmed: true,
		},
		Access: &article4.AccessFacts{
			Purpose:          purpose,
			StatementPresent: true,
			Form:             article4.Stamped,
			StampAvailable:   true,
			Grants: []article4.GrantFacts{{
				Request:    "req_1",
				Version:    "ver_1",
				For:        "org_unoct",
				ForKind:    article4.Party,
				AskedBy:    "per_reader",
				Purpose:    purpose,
				Until:      now.AddDate(0, 1, 0),
				Form:       article4.Stamped,
				MadeAt:     now.AddDate(0, 0, -1),
				LapseAfter: 14 * 24 * time.Hour,
				Decisions: []article4.DecisionFacts{{
					ID:            "aut_1",
					Kind:          article4.Authorization,
					By:            "org_wco",
					State:         article4.DecisionGiven,
					Version:       "ver_1",
					Recipient:     "org_unoct",
					SameRecipient: true,
					Purpose:       purpose,
					Until:         now.AddDate(0, 1, 0),
					Authority:     true,
					EvidenceValid: true,
				}},
			}},
		},
	}
	alter(&f)
	return f
}

func whole(*article4.Facts) {}

func withoutAuthorization(f *article4.Facts) { f.Access.Grants[0].Decisions = nil }

// Whatever a gateway writes of a decision, the rules say again what they say: a permit that they refuse, a refusal that
// they permit, other reasons than theirs.
func TestAGatewayThatSkipsARuleIsConvictedByIt(t *testing.T) {
	rules, err := article4.Load()
	if err != nil {
		t.Fatal(err)
	}
	again, err := review.New()
	if err != nil {
		t.Fatal(err)
	}
	for about, c := range map[string]struct {
		facts   article4.Facts
		outcome ledger.Outcome
		reasons []string
		says    string
	}{
		"permitted, as the rules permit": {facts(whole), ledger.Permitted, nil, ""},
		"refused, as the rules refuse": {facts(withoutAuthorization), ledger.Refused,
			[]string{"art4.4/authorization-missing"}, ""},
		"a rule skipped": {facts(withoutAuthorization), ledger.Permitted, nil,
			"the rules, asked again, refuse it: art4.4/authorization-missing"},
		"refused without a rule": {facts(whole), ledger.Refused, []string{"art4.4/authorization-missing"},
			"the rules, asked again, permit it"},
		"refused for something else": {facts(withoutAuthorization), ledger.Refused,
			[]string{"art4.7/no-purpose"}, "refuse it for art4.4/authorization-missing"},
	} {
		_, asked := rules.Ask(c.facts)
		body := &ledger.Body{Rules: rules.Digest(), Outcome: c.outcome, Reasons: c.reasons}
		why, known := again.Again(body, asked.String())
		if !known || (why == "") != (c.says == "") || !strings.Contains(why, c.says) {
			t.Errorf("%s: %q, %v; want %q", about, why, known, c.says)
		}
	}
	if why, _ := again.Again(&ledger.Body{Rules: rules.Digest()}, "altered"); why == "" {
		t.Error("facts that cannot be read were taken")
	}
}

// Rules that were put in the place of others bear another digest, and decide nothing under the old one.
func TestRulesPutInThePlaceOfOthersDecideNothing(t *testing.T) {
	rules, err := article4.Load()
	if err != nil {
		t.Fatal(err)
	}
	again, err := review.New()
	if err != nil {
		t.Fatal(err)
	}
	lax := "== rules.cedar, 69 bytes\n" +
		`@id("a") permit (principal, action == Action::"disclose", resource);` + "\n\n"
	if err := again.Rules("sha256:00", lax); err == nil || !strings.Contains(err.Error(), "hashes to") {
		t.Errorf("a text under another digest: %v", err)
	}
	if err := again.Rules("sha256:00", "no rules"); err == nil {
		t.Error("no rules were taken for rules")
	}
	if err := again.Rules(rules.Digest(), "no rules"); err != nil {
		t.Errorf("this build's own rules need no text: %v", err)
	}
	_, asked := rules.Ask(facts(withoutAuthorization))
	if _, known := again.Again(&ledger.Body{Rules: "sha256:00"}, asked.String()); known {
		t.Error("rules that nobody brought decided")
	}
	read, err := article4.ReadRules(lax)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Rules(read.Digest(), lax); err != nil {
		t.Fatal(err)
	}
	body := &ledger.Body{Rules: read.Digest(), Outcome: ledger.Permitted}
	if why, known := again.Again(body, asked.String()); !known || why != "" {
		t.Errorf("under rules that permit everything: %q, %v", why, known)
	}
}
