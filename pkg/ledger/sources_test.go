package ledger_test

import (
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// source is a document of UNOCT, from which doc_1 of the WCO may derive.
func (s *story) source(marking, entities string) {
	if len(s.entries) == 0 {
		admits := s.configured()
		admits.Weakening = []string{"admit.consent_evidence_none: consents without evidence are admitted"}
		s.configure(admits)
	}
	s.tell(both, map[string]string{"entities": entities}, ledger.Body{
		Kind:         ledger.KindDeposit,
		Organisation: unoct,
		Actor:        "per_author",
		Document:     "doc_source",
		Terms: &ledger.Terms{
			Discloser:         unoct,
			Recipient:         wco,
			Marking:           marking,
			DocumentVersion:   "ver_source",
			VersionCommitment: "c_source",
			Purposes:          []string{"art2.e"},
		},
	})
}

// derived is the deposit of doc_1, under a marking, from what stands in sources.
func (s *story) derived(marking string, sources ...string) string {
	if len(s.entries) == 0 {
		s.configure(s.configured())
	}
	return s.tell(both, map[string]string{"entities": "none"}, ledger.Body{
		Kind:         ledger.KindDeposit,
		Organisation: wco,
		Actor:        "per_staff",
		Document:     "doc_1",
		Terms: &ledger.Terms{
			Discloser:         wco,
			Recipient:         unoct,
			Marking:           marking,
			DocumentVersion:   "ver_1",
			VersionCommitment: "c1",
			Purposes:          []string{"art2.e"},
			Sources:           sources,
		},
	})
}

// given is what an organisation says to the request of doc_1 for the unit; the entry opens to parties.
func (s *story) given(kind ledger.Kind, by string, parties []string, c chapter) string {
	t := s.terms(piu, c.ask)
	t.Evidence = "none"
	return s.tell(parties, nil, ledger.Body{
		Kind:         kind,
		Organisation: by,
		Actor:        "per_of_" + by,
		Document:     "doc_1",
		Request:      "req_2",
		Terms:        t,
	})
}

// onward is the disclosure of a derived document to the unit, on these authorizations and consents of sources.
func (s *story) onward(c chapter, authorizations, sources []string) int {
	b := s.permit(piu, "per_analyst", c.ask)
	b.Disclosure.Consent, b.Disclosure.Agreement = c.consent, c.signature
	b.Disclosure.Authorizations, b.Disclosure.SourceConsents = authorizations, sources
	s.tell(both, nil, b)
	return s.last()
}

func TestReading0110_WhatIsDerivedReachesAThirdPartyWithTheConsentOfItsSourcesDiscloser(t *testing.T) {
	s := newStory(t)
	s.source("confidential", "org_customs")
	c := chapter{deposit: s.derived("confidential", "doc_source")}
	s.abroad(&c)
	theirs := s.given(ledger.KindConsent, unoct, both, c)
	// whose entity it is, the deriving Party is not told
	customs := s.given(ledger.KindAuthorization, "org_customs", []string{unoct}, c)
	s.onward(c, []string{theirs, customs}, []string{theirs})
	good(t, s.verify(s.bundle(unoct)))
	r := s.verify(s.bundle(wco))
	good(t, r)
	if !gapOf(r, "authorization") {
		t.Errorf("not provable to the WCO alone: %v", r.NotProvable)
	}
}

func TestReading0110_NothingDerivedGoesOnwardWithoutTheConsentOfItsSourcesDiscloser(t *testing.T) {
	convicted(t, map[string]lie{
		"no consent of the source's Discloser": {ledger.CheckAuthority, "no written consent of org_unoct stands",
			func(s *story) int {
				s.source("confidential", "none")
				c := chapter{deposit: s.derived("confidential", "doc_source")}
				s.abroad(&c)
				theirs := s.given(ledger.KindAuthorization, unoct, both, c)
				return s.onward(c, []string{theirs}, nil)
			}},
		"a source that was never deposited": {ledger.CheckDocuments, "which was never deposited before",
			func(s *story) int {
				s.derived("confidential", "doc_unknown")
				return s.last()
			}},
		"a derived document that is protected less": {ledger.CheckDocuments, "it protects less than doc_source",
			func(s *story) int {
				s.source("confidential", "none")
				s.derived("non-confidential", "doc_source")
				return s.last()
			}},
	})
	s := newStory(t)
	s.source("non-confidential", "none")
	s.derived("confidential", "doc_source") // what is not protected asks for nothing
	good(t, s.verify(s.bundle(wco)))
}

// doubted is the deposit of a file that resembled something received, by the second of two; first is what the entry of
// the first says, if there is one.
func (s *story) doubted(actor string, first *ledger.Body) {
	if len(s.entries) == 0 {
		s.configure(s.configured())
	}
	var relies []string
	if first != nil {
		first.Kind, first.Outcome = ledger.KindDeposit, ledger.Refused
		relies = []string{s.tell([]string{first.Organisation}, nil, *first)}
	}
	s.tell(both, map[string]string{"entities": "none", "not-derived": "ours\nours"}, ledger.Body{
		Kind:         ledger.KindDeposit,
		Organisation: wco,
		Actor:        actor,
		Document:     "doc_1",
		Terms: &ledger.Terms{
			Discloser:         wco,
			Recipient:         unoct,
			Marking:           "confidential",
			DocumentVersion:   "ver_1",
			VersionCommitment: "c1",
			Purposes:          []string{"art2.e"},
			Relies:            relies,
		},
	})
}

func TestReading0110_ThatAFileDerivesFromNothingItResemblesTookTwoPeople(t *testing.T) {
	resembled := func(actor, of string, reasons ...string) *ledger.Body {
		return &ledger.Body{Organisation: of, Actor: actor, Reasons: reasons}
	}
	const why = "art4.9/resembles-received"
	said := func(first *ledger.Body) func(*story) int {
		return func(s *story) int {
			s.doubted("per_second", first)
			return s.last()
		}
	}
	convicted(t, map[string]lie{
		"one alone": {ledger.CheckTwoPeople, "no first of them stands earlier", said(nil)},
		"the same person twice": {ledger.CheckTwoPeople, "is of per_second of org_wco",
			said(resembled("per_second", wco, why))},
		"after a refusal for something else": {ledger.CheckTwoPeople, "no first of them stands earlier",
			said(resembled("per_first", wco, "gateway/untitled"))},
		"after a refusal for more": {ledger.CheckTwoPeople, "no first of them stands earlier",
			said(resembled("per_first", wco, why, "gateway/untitled"))},
		"somebody of the other Party first": {ledger.CheckTwoPeople, "no first of them stands earlier",
			func(s *story) int {
				s.doubted("per_second", resembled("per_first", unoct, why))
				return s.last()
			}},
	})
	believed(t, map[string]func(*story){
		"two of the depositor's Party": func(s *story) { s.doubted("per_second", resembled("per_first", wco, why)) },
	})
	s := newStory(t)
	s.doubted("per_second", resembled("per_first", wco, why))
	if r := s.verify(s.bundle(unoct)); !gapOf(r, "first halves") {
		t.Errorf("not provable to the other Party alone: %v", r.NotProvable)
	}
}
