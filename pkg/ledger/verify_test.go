package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

func good(t *testing.T, r ledger.Report) {
	t.Helper()
	if !r.Good || r.Bad != 0 {
		t.Errorf("false alarm: %v", r.Findings)
	}
}

// wrong asserts that a report is bad, by a finding that says this, at this index (-1: of no entry, -2: wherever).
func wrong(t *testing.T, r ledger.Report, check, says string, index int64) {
	t.Helper()
	if r.Good || r.Bad == 0 || r.First == nil {
		t.Fatalf("not found: %s", says)
	}
	for _, f := range r.Findings {
		if f.Check == check && strings.Contains(f.Why, says) && (index == -2 || f.Index == index) {
			return
		}
	}
	t.Errorf("found %v; want %s: %q at %d", r.Findings, check, says, index)
}

func TestACleanLogIsGoodForEachPartyAndForBoth(t *testing.T) {
	s := newStory(t)
	s.whole()
	one := s.bundle(wco)
	other := s.bundle(unoct)
	r := s.verify(one)
	good(t, r)
	if want := (ledger.DisclosureCounts{Protected: 2, ThirdParty: 1, Own: 1, Complete: 1}); r.Disclosures != want {
		t.Errorf("%+v; want %+v", r.Disclosures, want)
	}
	if r.Evidence["oidc"] != 1 || len(r.IssuerKeys) != 1 || r.IssuerKeys[0].Consents != 1 || r.IssuerKeys[0].Known ||
		r.Manifests[0].Matching != 1 {
		t.Errorf("%v %+v %d", r.Evidence, r.IssuerKeys, r.Manifests[0].Matching)
	}
	r = s.verify(other)
	good(t, r)
	if len(r.NotProvable) != 2 {
		t.Errorf("not provable: %v; want what is closed, and the entities concerned", r.NotProvable)
	}
	r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
	must(t, err)
	good(t, r)
	if len(r.NotProvable) != 0 {
		t.Errorf("both together cannot prove %v", r.NotProvable)
	}
	thumbprint, err := ledger.Thumbprint([]byte(jwkOf(s.issuer)))
	must(t, err)
	r, err = ledger.Verify(bundleOf(one),
		ledger.Options{Keys: []note.Verifier{s.key}, IssuerKeys: map[string][]string{issuer: {thumbprint}}})
	must(t, err)
	good(t, r)
	if !r.IssuerKeys[0].Known {
		t.Error("the issuer's key is not known, though it was given")
	}
}

func TestWithoutAKeyTheVerdictIsNeverGood(t *testing.T) {
	s := newStory(t)
	s.whole()
	r, err := ledger.Verify(bundleOf(s.bundle(wco)), ledger.Options{})
	must(t, err)
	if r.Good || r.Anchored || r.Bad != 0 {
		t.Errorf("%+v", r)
	}
}

func TestABundleByAnotherKeyIsFound(t *testing.T) {
	s, forger := newStory(t), newStory(t)
	forger.whole()
	r, err := ledger.Verify(bundleOf(forger.bundle(wco)), ledger.Options{Keys: []note.Verifier{s.key}})
	must(t, err)
	wrong(t, r, ledger.CheckSignature, "not signed by the key", -1)
}

// One flipped bit anywhere is found: in every byte of the bundle, each bit of it once over the corpus.
func TestEveryAlteredByteOfABundleIsFound(t *testing.T) {
	s := newStory(t)
	s.whole()
	data := s.bundle(wco)
	step := 1
	if testing.Short() {
		step = 37
	}
	for at := 0; at < len(data); at += step {
		data[at] ^= 1 << (at % 8)
		if r := s.verify(data); r.Good {
			t.Fatalf("byte %d of %d: not found", at, len(data))
		}
		data[at] ^= 1 << (at % 8)
	}
	for _, cut := range []int{0, 1, 511, 512, len(data) / 2, len(data) - 1024, len(data) - 1} {
		if r := s.verify(data[:cut]); r.Good {
			t.Errorf("the first %d bytes of %d are good", cut, len(data))
		}
	}
	if r := s.verify(append(bytes.Clone(data), 0)); r.Good {
		t.Error("a byte behind the end is not found")
	}
	good(t, s.verify(data))
}

// What an operator who makes bundles, but cannot rewrite the log, could try.
func TestAnAlteredExportIsFound(t *testing.T) {
	s := newStory(t)
	s.whole()
	s.bundle(wco)
	last := len(s.entries) - 3 // the withdrawal
	if s.entries[last].body.Kind != ledger.KindWithdrawal {
		last++
	}
	for s.entries[last].body.Kind != ledger.KindWithdrawal {
		last--
	}
	held := func(index int, r *ledger.Record) {
		if index == last {
			*r = ledger.Record{Leaf: r.Leaf}
		}
	}
	wrong(t, s.verify(s.export(wco, held)), ledger.CheckNumbers, "held back", int64(last))

	body := func(index int, r *ledger.Record) {
		if index == 4 {
			r.Body = bytes.Replace(r.Body, []byte("refuse"), []byte("permit"), 1)
		}
	}
	wrong(t, s.verify(s.export(wco, body)), ledger.CheckBodies, "does not close over", 4)

	value := func(index int, r *ledger.Record) {
		for i := range r.Details {
			r.Details[i].Value += "!"
		}
	}
	wrong(t, s.verify(s.export(wco, value)), ledger.CheckDetails, "not the one that was committed to", 1)

	leaf := func(index int, r *ledger.Record) {
		if index == 6 {
			r.Leaf = bytes.Replace(r.Leaf, []byte(`"n":`), []byte(`"n":1`), 1)
		}
	}
	r := s.verify(s.export(wco, leaf))
	wrong(t, r, ledger.CheckTree, "does not hash to the root", -2)
	if r.First.Index != 6 {
		t.Errorf("the first bad index is %d; want 6", r.First.Index)
	}
	s.omitted = 1
	wrong(t, s.verify(s.export(wco)), ledger.CheckTree, "its checkpoint is of", int64(len(s.entries)-1))
	s.omitted = 0
	foreign := func(index int, r *ledger.Record) {
		if !r.Opened {
			e := s.entries[index]
			r.Opened, r.Nonce, r.Body = true, e.nonce, e.raw
		}
	}
	wrong(t, s.verify(s.export(wco, foreign)), ledger.CheckNumbers, "is not entitled", -2)
}

// What an operator with the log's key and its database could write: each lie alone is found at its entry.
func TestAForgedLogConvictsItself(t *testing.T) {
	day := 24 * time.Hour
	convicted(t, map[string]lie{
		"a disclosure without authorization": {ledger.CheckAuthority, "no authorization of the Discloser",
			func(s *story) int {
				c := s.between()
				c.authorization = c.request
				b := s.permit(unoct, "per_reader", c.request)
				s.tell(both, nil, b)
				return len(s.entries) - 1
			}},
		"a disclosure that names its request as authorization": {ledger.CheckAuthority, "is of kind request",
			func(s *story) int {
				c := s.between()
				c.authorization = c.request
				s.read(&c)
				return len(s.entries) - 1
			}},
		"a disclosure that names authority that never was": {ledger.CheckAuthority, "stands nowhere earlier",
			func(s *story) int {
				c := s.between()
				c.authorization = strings.Repeat("ab", 32)
				s.read(&c)
				return len(s.entries) - 1
			}},
		"a disclosure without a request": {ledger.CheckAuthority, "the request it rests on stands nowhere",
			func(s *story) int {
				c := s.between()
				c.request = ""
				s.read(&c)
				return len(s.entries) - 1
			}},
		"a disclosure after the withdrawal": {ledger.CheckAuthority, "was withdrawn at index", func(s *story) int {
			c := s.between()
			s.tell(both, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{Withdraws: []string{c.authorization}, Relies: []string{c.request}}})
			s.read(&c)
			return len(s.entries) - 1
		}},
		"a disclosure after the recall": {ledger.CheckAuthority, "was withdrawn at index", func(s *story) int {
			c := s.between()
			s.tell(both, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{Withdraws: []string{c.authorization}}})
			s.read(&c)
			return len(s.entries) - 1
		}},
		"a disclosure on a request that was taken back": {ledger.CheckAuthority, "the request at index 2 was withdrawn",
			func(s *story) int {
				c := s.between()
				s.tell(both, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: unoct, Document: "doc_1",
					Terms: &ledger.Terms{Relies: []string{c.request}}})
				s.read(&c)
				return len(s.entries) - 1
			}},
		"a disclosure on a request that lapsed": {ledger.CheckAuthority, "was lapsed", func(s *story) int {
			c := s.between()
			s.tell(both, nil, ledger.Body{Kind: ledger.KindLapse, Document: "doc_1",
				Terms: &ledger.Terms{Relies: []string{c.request}}})
			s.read(&c)
			return len(s.entries) - 1
		}},
		"a disclosure on a request that the Discloser refused": {ledger.CheckAuthority, "was refused",
			func(s *story) int {
				c := s.between()
				s.tell(both, nil, ledger.Body{Kind: ledger.KindRefusal, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Relies: []string{c.request}}})
				s.read(&c)
				return len(s.entries) - 1
			}},
		"a disclosure after the term": {ledger.CheckAuthority, "ended on", func(s *story) int {
			c := s.between()
			s.at = s.at.Add(40 * day)
			s.read(&c)
			return len(s.entries) - 1
		}},
		"another version": {ledger.CheckDocuments, "never deposited",
			altered(func(b *ledger.Body) { b.Disclosure.Version = "ver_2" })},
		"other bytes": {ledger.CheckDocuments, "never deposited",
			altered(func(b *ledger.Body) { b.Disclosure.Commitment = "c2" })},
		"a lower marking": {ledger.CheckDocuments, "speaks of a non-confidential document",
			altered(func(b *ledger.Body) { b.Disclosure.Marking = "non-confidential" })},
		"another recipient": {ledger.CheckAuthority, "is for another recipient",
			altered(func(b *ledger.Body) { b.Disclosure.To, b.Organisation = "org_other", "org_other" })},
		"another purpose": {ledger.CheckAuthority, "is for another purpose",
			altered(func(b *ledger.Body) { b.Disclosure.Purpose = "art2.f" })},
		"another Discloser": {ledger.CheckGrammar, "the Discloser alone when its own people read",
			altered(func(b *ledger.Body) { b.Disclosure.From = unoct })},
		"an unmarked copy": {ledger.CheckAuthority, "asks for the marked form",
			altered(func(b *ledger.Body) { b.Disclosure.Form = "original" })},
		"a marked copy of what was given to be read": {ledger.CheckAuthority, "is for reading page by page",
			func(s *story) int {
				c := s.between()
				asked := s.terms(unoct, c.deposit)
				asked.Form = "view"
				b := s.permit(unoct, "per_reader", s.tell(both, map[string]string{"statement": "training"},
					ledger.Body{Kind: ledger.KindRequest, Organisation: unoct, Actor: "per_reader", Document: "doc_1",
						Request: "req_2", Terms: asked}))
				b.Disclosure.Authorizations = []string{c.authorization}
				s.tell(both, nil, b)
				return len(s.entries) - 1
			}},
		"another reader": {ledger.CheckAuthority, "neither asker, named nor admitted",
			altered(func(b *ledger.Body) { b.Actor = "per_other" })},
		"another document": {ledger.CheckGrammar, `no deposit of "doc_2"`,
			altered(func(b *ledger.Body) { b.Document = "doc_2" })},
		"no disclosure": {ledger.CheckGrammar, "disclosure is missing",
			altered(func(b *ledger.Body) { b.Disclosure = nil })},
		"no hash": {ledger.CheckAuthority, "which is no hash",
			altered(func(b *ledger.Body) { b.Disclosure.Authorizations = []string{"aut_1"} })},
		"a third party without consent": {ledger.CheckAuthority, "no written consent",
			abroadAltered(func(b *ledger.Body) { b.Disclosure.Consent = "" })},
		"a third party without agreement": {ledger.CheckAuthority, "no signature of org_piu",
			abroadAltered(func(b *ledger.Body) { b.Disclosure.Agreement = "" })},
		"a consent for somebody else": {ledger.CheckAuthority, "is for another recipient",
			abroadAltered(func(b *ledger.Body) { b.Disclosure.To, b.Organisation = "org_carrier", "org_carrier" })},
		"a consent by the Recipient": {ledger.CheckGrammar, "may not write a consent here", func(s *story) int {
			c := s.between()
			s.abroad(&c)
			b, private := s.consenting(c.ask)
			b.Organisation, b.Issuer, b.Terms.Discloser, b.Terms.Evidence = unoct, issuerOf(unoct), unoct, "none"
			c.consent = s.tell(both, private, b)
			s.readAbroad(&c)
			return len(s.entries) - 2
		}},
		"a missing entity concerned": {ledger.CheckAuthority, "no authorization of the entity concerned org_customs",
			func(s *story) int {
				c := chapter{deposit: s.deposit("org_customs")}
				c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
					Actor: "per_reader", Document: "doc_1", Terms: s.terms(unoct)})
				c.authorization = s.tell(both, nil,
					ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1",
						Terms: s.terms(unoct, c.request)})
				s.read(&c)
				return len(s.entries) - 1
			}},
		"an entity added later": {ledger.CheckAuthority, "no authorization of the entity concerned org_customs",
			func(s *story) int {
				c := s.between()
				s.tell([]string{wco}, map[string]string{"added": "org_customs"},
					ledger.Body{Kind: ledger.KindEntities, Organisation: wco, Document: "doc_1",
						Terms: &ledger.Terms{Discloser: wco}})
				s.read(&c)
				return len(s.entries) - 1
			}},
		"a request about another document": {ledger.CheckAuthority, "is about another document", func(s *story) int {
			c := s.between()
			other := s.tell(both, nil, ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Document: "doc_2",
				Terms: &ledger.Terms{}})
			c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Document: "doc_2", Terms: s.terms(unoct, other)})
			s.read(&c)
			return s.last()
		}},
		"another Delegation than that of the decision": {ledger.CheckAuthority, "names another Delegation",
			altered(func(b *ledger.Body) { b.Disclosure.Delegation = delegationOf(unoct) })},
		"a destroyed version": {ledger.CheckDocuments, "was destroyed", func(s *story) int {
			c := s.between()
			s.twice(both, nil, ledger.Body{Kind: ledger.KindDestruction, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{DocumentVersion: "ver_1"}})
			s.read(&c)
			return len(s.entries) - 1
		}},
		"a third party without release": {ledger.CheckAuthority, "no release", func(s *story) int {
			s.between()
			s.twice(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{Marking: "non-confidential"}})
			b := s.permit(piu, "per_analyst", "")
			b.Disclosure.Marking = "non-confidential"
			s.tell(both, nil, b)
			return len(s.entries) - 1
		}},
		"a marking lowered by one person alone": {ledger.CheckDocuments, "the log before it of a confidential one",
			func(s *story) int {
				s.between()
				s.tell(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Step: ledger.StepFirst, Marking: "non-confidential"}})
				b := s.permit(unoct, "per_reader", "")
				b.Disclosure.Marking = "non-confidential"
				s.tell(both, nil, b)
				return len(s.entries) - 1
			}},
		"a forged consent, signed with another key": {ledger.CheckEvidence, "not those that it names",
			forgedConsent(func(s *story, b *ledger.Body, private map[string]string) {
				other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
				private["id-token"], private["evidence-key"] = s.token(other, private["text"]), jwkOf(other)
				b.Terms.EvidenceDigest = digest(private["id-token"])
			})},
		"a forged consent, with a token that nobody signed": {ledger.CheckEvidence, "is not by the kept key",
			forgedConsent(func(s *story, b *ledger.Body, private map[string]string) {
				private["id-token"] = s.token(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)), private["text"])
				b.Terms.EvidenceDigest = digest(private["id-token"])
			})},
		"a forged consent, with the token of another text": {ledger.CheckEvidence, "was not made for this text",
			forgedConsent(func(s *story, b *ledger.Body, private map[string]string) {
				private["id-token"] = s.token(s.issuer, "something else")
				b.Terms.EvidenceDigest = digest(private["id-token"])
			})},
		"a forged consent, with the text of another recipient": {ledger.CheckEvidence, "the writing is for",
			forgedConsent(func(_ *story, b *ledger.Body, _ map[string]string) {
				b.Terms.Recipient = "org_carrier"
			})},
		"a forged consent, with a longer term than was written": {ledger.CheckEvidence, "the writing says until",
			forgedConsent(func(_ *story, b *ledger.Body, _ map[string]string) {
				b.Terms.Until = b.Terms.Until.Add(day)
			})},
		"a forged consent, with a refusal's text": {ledger.CheckEvidence, "the writing is no consent",
			forgedConsent(func(s *story, b *ledger.Body, private map[string]string) {
				private["text"] = strings.Replace(private["text"], "consents, under Article 4(8)", "refuses", 1)
				private["id-token"] = s.token(s.issuer, private["text"])
				b.Terms.Text, b.Terms.EvidenceDigest = digest(private["text"]), digest(private["id-token"])
			})},
		"a forged consent, without the evidence it claims": {ledger.CheckEvidence, "none was kept",
			forgedConsent(func(_ *story, _ *ledger.Body, private map[string]string) {
				delete(private, "id-token")
			})},
		"a forged consent, of another issuer": {ledger.CheckEvidence, "not the signatory's",
			forgedConsent(func(_ *story, b *ledger.Body, _ map[string]string) {
				b.Issuer = "https://idp.unoct.example"
			})},
		"a letter that is not named": {ledger.CheckEvidence, "which paper was signed",
			forgedConsent(func(_ *story, b *ledger.Body, _ map[string]string) {
				b.Terms.Evidence, b.Terms.EvidenceDigest = "letter", ""
			})},
		"a text that was put in the place of another": {ledger.CheckEvidence, "not the one that was consented to",
			forgedConsent(func(_ *story, _ *ledger.Body, private map[string]string) {
				private["text"] += "and to everything else\n"
			})},
		"a consent that was used twice": {ledger.CheckEvidence, "served the decision at index", func(s *story) int {
			c := s.between()
			s.abroad(&c)
			e := s.entries[len(s.entries)-1]
			s.tell(both, e.private, e.body)
			return len(s.entries) - 1
		}},
		"one of several given together, used twice": {ledger.CheckEvidence, "served the decision at index",
			func(s *story) int {
				s.together = true
				c := s.between()
				s.abroad(&c)
				e := s.entries[len(s.entries)-1]
				s.tell(both, e.private, e.body)
				return len(s.entries) - 1
			}},
		"a completion of nothing": {ledger.CheckCompletions, "stands nowhere earlier", func(s *story) int {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion,
				Completion: &ledger.Completion{Disclosure: "dis_9", Closes: strings.Repeat("ab", 32),
					End: ledger.EndComplete}})
			return 0
		}},
		"a completion that says nothing": {ledger.CheckGrammar, "completion is missing", func(s *story) int {
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion})
			return 0
		}},
		"a completion that counts wrong": {ledger.CheckCompletions, "with 5 of 10 bytes", func(s *story) int {
			c := s.between()
			s.read(&c)
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion,
				Completion: &ledger.Completion{Disclosure: s.entries[4].body.Disclosure.ID, Closes: c.disclosure,
					End: ledger.EndComplete, Length: 10, Bytes: 5}})
			return 5
		}},
	})
}

// lie is one thing that an operator could write; tell gives the index at which it is to be found.
type lie struct {
	check, says string
	tell        func(s *story) int
}

func convicted(t *testing.T, lies map[string]lie) {
	t.Helper()
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			index := lie.tell(s)
			r := s.verify(s.bundle(wco))
			wrong(t, r, lie.check, lie.says, int64(index))
			if r.First.Index != int64(index) {
				t.Errorf("the first bad index is %d; want %d", r.First.Index, index)
			}
		})
	}
}

// altered tells the story between the Parties with a disclosure that is not what it should be.
func altered(change func(*ledger.Body)) func(*story) int {
	return func(s *story) int {
		c := s.between()
		b := s.permit(unoct, "per_reader", c.request)
		b.Disclosure.Authorizations = []string{c.authorization}
		change(&b)
		s.tell(both, nil, b)
		return len(s.entries) - 1
	}
}

func abroadAltered(change func(*ledger.Body)) func(*story) int {
	return func(s *story) int {
		c := s.between()
		s.abroad(&c)
		b := s.permit(piu, "per_analyst", c.ask)
		b.Disclosure.Consent, b.Disclosure.Agreement = c.consent, c.signature
		change(&b)
		s.tell(both, nil, b)
		return len(s.entries) - 1
	}
}

func forgedConsent(forge func(s *story, b *ledger.Body, private map[string]string)) func(*story) int {
	return func(s *story) int {
		b, private := s.consenting(s.deposit("none"))
		forge(s, &b, private)
		s.tell(both, private, b)
		return len(s.entries) - 1
	}
}

// A forger who holds the identity provider's name but not its key makes a key of his own: the auditor's copy convicts
// him.
func TestAForgedKeyOfAnIssuerIsFoundByTheKeysThatTheAuditorBrings(t *testing.T) {
	s := newStory(t)
	real, err := ledger.Thumbprint([]byte(jwkOf(s.issuer)))
	must(t, err)
	s.issuer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))
	s.whole()
	data := s.bundle(wco)
	good(t, s.verify(data))
	r, err := ledger.Verify(bundleOf(data),
		ledger.Options{Keys: []note.Verifier{s.key}, IssuerKeys: map[string][]string{issuer: {real}}})
	must(t, err)
	good(t, r)
	if len(r.NotProvable) != 2 || !strings.Contains(r.NotProvable[1].What, "none of the sets") {
		t.Errorf("not provable: %v; want the key that is in no set", r.NotProvable)
	}
	r, err = ledger.Verify(bundleOf(data),
		ledger.Options{Keys: []note.Verifier{s.key}, IssuerKeys: map[string][]string{issuer: {real}}, Strict: true})
	must(t, err)
	if r.Good {
		t.Error("strictly, a key that nobody knows is good")
	}
	forged := r.IssuerKeys[0].Thumbprint
	r, err = ledger.Verify(bundleOf(data),
		ledger.Options{Keys: []note.Verifier{s.key},
			IssuerKeys: map[string][]string{issuer: {real}, issuerOf(unoct): {forged}}})
	must(t, err)
	wrong(t, r, ledger.CheckEvidence, "but of https://idp.unoct.example", -2)
}

// What only one Party may open is proven by both bundles together, and by neither alone.
func TestOnlyTheJointCheckFindsAMissingAuthorizationOfAnEntity(t *testing.T) {
	tell := func(given bool) (*story, []byte, []byte) {
		s := newStory(t)
		c := chapter{deposit: s.deposit("org_customs")}
		c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct, Actor: "per_reader",
			Document: "doc_1", Terms: s.terms(unoct)})
		c.authorization = s.tell(both, nil,
			ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1",
				Terms: s.terms(unoct, c.request)})
		entity := strings.Repeat("cd", 32)
		if given {
			entity = s.tell([]string{wco}, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: "org_customs", Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
		}
		b := s.permit(unoct, "per_reader", c.request)
		b.Disclosure.Authorizations = []string{c.authorization, entity}
		s.tell(both, nil, b)
		other := s.bundle(unoct)
		return s, s.bundle(wco), other
	}
	for _, given := range []bool{true, false} {
		s, one, other := tell(given)
		r := s.verify(other)
		good(t, r)
		if len(r.NotProvable) < 2 {
			t.Errorf("the Recipient's bundle alone claims to prove the entity's authorization: %v", r.NotProvable)
		}
		r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
		must(t, err)
		if given {
			good(t, r)
			continue
		}
		wrong(t, r, ledger.CheckAuthority, "stands nowhere earlier", -2)
	}
}

func TestAnAuthorityThatComesLaterIsFound(t *testing.T) {
	s := newStory(t)
	c := s.between()
	later := told{}
	// The hash of an entry that is told after the disclosure that rests on it.
	b := ledger.Body{
		Version:      1,
		ID:           "ent_5",
		Rules:        "sha256:" + digest(theRules),
		Build:        "test",
		At:           s.at.Add(2 * time.Minute),
		Outcome:      ledger.Permitted,
		Kind:         ledger.KindAuthorization,
		Organisation: "org_customs",
		Document:     "doc_1",
		Terms:        s.terms(unoct, c.request),
	}
	b.Terms.Delegation = delegationOf("org_customs")
	s.fill(&b)
	var err error
	later.raw, err = ledger.Encode(b)
	must(t, err)
	d := s.permit(unoct, "per_reader", c.request)
	d.Disclosure.Authorizations = []string{c.authorization, ledger.BodyHash(later.raw).String()}
	s.tell(both, nil, d)
	s.tell(both, nil, b)
	wrong(t, s.verify(s.bundle(unoct)), ledger.CheckAuthority, "which came later", 5)
}

func TestTwoPartiesThatWereShownTwoLogsFindOut(t *testing.T) {
	s := newStory(t)
	s.whole()
	one := s.bundle(wco)
	s.entries = s.entries[:len(s.entries)-3]
	s.tell(both, nil, ledger.Body{Kind: ledger.KindReading})
	other := s.bundle(unoct)
	r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
	must(t, err)
	wrong(t, r, ledger.CheckJoint, "shown another log", -2)
	r, err = ledger.VerifyJoint(bundleOf(one), bundleOf(one), ledger.Options{Keys: []note.Verifier{s.key}})
	must(t, err)
	wrong(t, r, ledger.CheckJoint, "both bundles are of org_wco", -1)

	stranger := newStory(t)
	stranger.signer, stranger.key = keys(t, "chancery.example/stranger")
	stranger.whole()
	r, err = ledger.VerifyJoint(bundleOf(one), bundleOf(stranger.bundle(unoct)),
		ledger.Options{Keys: []note.Verifier{s.key, stranger.key}})
	must(t, err)
	wrong(t, r, ledger.CheckJoint, "the bundles are of two logs", -1)
}

func TestTwoPartiesThatWereShownTwoBodiesOfOneEntryFindOut(t *testing.T) {
	s := newStory(t)
	s.whole()
	s.bundle(wco)
	one := s.bundle(unoct)
	other := s.export(wco, func(index int, r *ledger.Record) {
		if index == 2 {
			r.Body = bytes.Replace(r.Body, []byte("per_reader"), []byte("per_other_"), 1)
		}
	})
	r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
	must(t, err)
	wrong(t, r, ledger.CheckJoint, "hold different bodies", 2)
}

func TestAKeptCheckpointFindsARewrittenLog(t *testing.T) {
	s := newStory(t)
	s.whole()
	_, roots, _ := s.tree()
	kept := s.checkpoint(9, roots[9])
	options := ledger.Options{Keys: []note.Verifier{s.key}, Since: kept}
	r, err := ledger.Verify(bundleOf(s.bundle(wco)), options)
	must(t, err)
	good(t, r)
	s.entries[5].body.Actor = "per_nobody" // rewritten by whoever holds key and database
	s.entries[5].raw, err = ledger.Encode(s.entries[5].body)
	must(t, err)
	r, err = ledger.Verify(bundleOf(s.export(wco)), options)
	must(t, err)
	wrong(t, r, ledger.CheckCheckpoints, "does not hash to the root of the checkpoint that you kept", 8)
	s.entries = s.entries[:5]
	r, err = ledger.Verify(bundleOf(s.bundle(wco)), options)
	must(t, err)
	wrong(t, r, ledger.CheckCheckpoints, "entries were taken away", -1)
	for _, since := range [][]byte{nil, []byte("x"), bytes.Replace(kept, []byte("\n9\n"), []byte("\n8\n"), 1)} {
		if since == nil {
			continue
		}
		r, err = ledger.Verify(bundleOf(s.bundle(wco)), ledger.Options{Keys: options.Keys, Since: since})
		must(t, err)
		wrong(t, r, ledger.CheckCheckpoints, "the checkpoint that you kept", -1)
	}
}

func TestKeptReceiptsAreInTheTree(t *testing.T) {
	s := newStory(t)
	s.whole()
	size := len(s.entries)
	receipt := s.receipt(5, size-2)
	options := ledger.Options{Keys: []note.Verifier{s.key}, Receipts: map[string][]byte{"copy": receipt}}
	one := s.bundle(wco)
	r, err := ledger.Verify(bundleOf(one), options)
	must(t, err)
	good(t, r)
	for at := range receipt {
		altered := bytes.Clone(receipt)
		altered[at] ^= 1 << (at % 8)
		r, err := ledger.Verify(bundleOf(one),
			ledger.Options{Keys: options.Keys, Receipts: map[string][]byte{"copy": altered}})
		must(t, err)
		if r.Good {
			t.Fatalf("byte %d of the receipt %q: not found", at, receipt[max(0, at-20):at+1])
		}
	}
	newer := s.receipt(len(s.entries)-1, len(s.entries))
	s.entries = s.entries[:size-1]
	r, err = ledger.Verify(bundleOf(s.export(wco)),
		ledger.Options{Keys: options.Keys, Receipts: map[string][]byte{"newer": newer}})
	must(t, err)
	if len(r.NotProvable) == 0 {
		t.Error("a receipt newer than the bundle is passed over in silence")
	}
	s.entries[5].nonce = bytes.Repeat([]byte{1}, 32) // another entry where the receipt's stood
	r, err = ledger.Verify(bundleOf(s.bundle(wco)), options)
	must(t, err)
	wrong(t, r, ledger.CheckReceipts, "another entry stands here", 5)
}

func TestADisclosureThatIsNotClosedIsListedForADayAndThenFound(t *testing.T) {
	s := newStory(t)
	c := s.between()
	s.read(&c)
	s.at = s.at.Add(23 * time.Hour)
	r := s.verify(s.bundle(wco))
	good(t, r)
	if len(r.Open) != 1 || r.Open[0].Index != 4 || len(r.NotProvable) != 0 {
		t.Errorf("%+v %v", r.Open, r.NotProvable)
	}
	s.at = s.at.Add(2 * time.Hour)
	r = s.verify(s.bundle(wco))
	wrong(t, r, ledger.CheckCompletions, "nothing says what became of it", 4)
	s.tell(both, nil, ledger.Body{Kind: ledger.KindCompletion, Document: "doc_1",
		Completion: &ledger.Completion{Disclosure: s.entries[4].body.Disclosure.ID, Closes: c.disclosure,
			End: ledger.EndUnused}})
	r = s.verify(s.bundle(wco))
	good(t, r)
	if r.Disclosures.Unused != 1 {
		t.Errorf("%+v", r.Disclosures)
	}
	s.completion(c.disclosure, ledger.EndComplete, both)
	wrong(t, s.verify(s.bundle(wco)), ledger.CheckCompletions, "never fetched, says one of its completions", -2)
}

// What the rules permit beyond the main ways is no false alarm.
func TestTheWaysBesidesTheMainOneAreGood(t *testing.T) {
	ways := map[string]func(s *story){
		"an entity's authorization filed by the Discloser": func(s *story) {
			c := chapter{deposit: s.deposit("org_customs")}
			c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Document: "doc_1", Terms: s.terms(unoct)})
			c.authorization = s.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
			filed := s.twice([]string{wco}, map[string]string{"entity": "org_customs"},
				ledger.Body{Kind: ledger.KindFiling, Organisation: wco, Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations = []string{c.authorization, filed}
			s.tell(both, nil, b)
		},
		"a reader who was admitted": func(s *story) {
			c := s.between()
			s.tell(both, nil, ledger.Body{Kind: ledger.KindAdmission, Organisation: unoct,
				Terms: &ledger.Terms{People: []string{"per_colleague"}, Relies: []string{c.request, "x"}}})
			b := s.permit(unoct, "per_colleague", c.request)
			b.Disclosure.Authorizations = []string{c.authorization}
			s.tell(both, nil, b)
		},
		"the Discloser named among the entities concerned": func(s *story) {
			c := chapter{deposit: s.deposit(wco)}
			c.request = s.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Document: "doc_1", Terms: s.terms(unoct)})
			c.authorization = s.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Document: "doc_1",
					Terms: s.terms(unoct, c.request)})
			b := s.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations, b.Disclosure.Delegation = []string{c.authorization}, delegationOf(wco)
			s.tell(both, nil, b)
		},
		"an entity that was added and took itself off": func(s *story) {
			c := s.between()
			s.tell([]string{wco}, map[string]string{"added": "org_customs"},
				ledger.Body{Kind: ledger.KindEntities, Organisation: wco, Document: "doc_1", Terms: &ledger.Terms{}})
			s.tell([]string{wco}, nil, ledger.Body{Kind: ledger.KindNotConcerned, Organisation: "org_customs",
				Document: "doc_1", Terms: &ledger.Terms{}})
			s.read(&c)
		},
		"a release, and after it was raised and lowered again a new one": func(s *story) {
			s.between()
			mark := func(marking string) {
				s.twice(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Marking: marking}})
			}
			release := func() {
				s.tell(both, nil, ledger.Body{Kind: ledger.KindRelease, Organisation: wco, Document: "doc_1",
					Terms: &ledger.Terms{Recipient: piu, Purposes: []string{"art2.e"}}})
				b := s.permit(piu, "per_analyst", "")
				b.Disclosure.Marking = "non-confidential"
				s.tell(both, nil, b)
			}
			mark("non-confidential")
			release()
			mark("restricted")
			mark("non-confidential")
			release()
			s.tell(both, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{}})
			release()
		},
		"a consent without agreement, and on paper": func(s *story) {
			c := s.between()
			s.abroad(&c)
			b, private := s.consenting(c.ask)
			b.Terms.AgreementRequired = false
			byLetter(&b)
			delete(private, "id-token")
			s.letter("per_second", b.Request)
			c.consent, c.signature = s.tell(both, private, b), ""
			s.readAbroad(&c)
		},
		"a new version, kinds that nobody knows": func(s *story) {
			c := s.between()
			s.tell(both, nil, ledger.Body{Kind: "telepathy", Document: "doc_9",
				Terms: &ledger.Terms{Marking: "secret"}})
			s.tell(both, nil, ledger.Body{Kind: ledger.KindCorrection, Organisation: wco, Document: "doc_1",
				Terms: &ledger.Terms{Discloser: wco, DocumentVersion: "ver_2", VersionCommitment: "c2"}})
			s.read(&c)
		},
	}
	believed(t, ways)
}

func believed(t *testing.T, ways map[string]func(*story)) {
	t.Helper()
	for name, tell := range ways {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			tell(s)
			one, other := s.bundle(wco), s.bundle(unoct)
			good(t, s.verify(one))
			good(t, s.verify(other))
			r, err := ledger.VerifyJoint(bundleOf(one), bundleOf(other), ledger.Options{Keys: []note.Verifier{s.key}})
			must(t, err)
			good(t, r)
		})
	}
}

func TestABundleThatContradictsItselfIsFoundWithoutAKeyToo(t *testing.T) {
	s := newStory(t)
	s.whole()
	// The bundle's checkpoint is no checkpoint, its head names another log or a Party that is none.
	for says, alter := range map[string]func([]byte) []byte{
		"of the log": func(d []byte) []byte {
			return bytes.Replace(d, []byte(`"origin":"chancery`), []byte(`"origin":"chancerx`), 1)
		},
		"is no Party of": func(d []byte) []byte {
			return bytes.Replace(d, []byte(`"party":"org_wco"`), []byte(`"party":"org_wcx"`), 1)
		},
	} {
		r, err := ledger.Verify(bundleOf(alter(s.bundle(wco))), ledger.Options{})
		must(t, err)
		wrong(t, r, ledger.CheckBundle, says, -1)
	}
	r, err := ledger.Verify(bundleOf(bytes.Replace(s.bundle(wco), []byte("chancery.example/story\n"),
		[]byte("chancery.example/story\x00"), 1)), ledger.Options{})
	must(t, err)
	if r.Bad == 0 {
		t.Error("not found")
	}
}
