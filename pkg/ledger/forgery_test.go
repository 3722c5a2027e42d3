package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// attempt is one way to break a promise of the log, made by a forger who holds the log's key, its database and its
// bucket. forge tells it and keeps, on the way, what an auditor would have kept before it. says is what finds it, or
// what says that it cannot be proven.
type attempt struct {
	promise, how, says string
	forge              func(f *forger)
	party              string // as whose auditor; empty: either's
}

// forger is a story with what an auditor kept of it, and with other bundles than it would export, where the forger
// makes such.
type forger struct {
	*story
	kept       []byte
	one, other []byte
}

func (f *forger) keep() {
	_, roots, _ := f.tree()
	f.kept = f.checkpoint(len(f.entries), roots[len(f.entries)])
}

// shown makes both bundles with a private field altered, or held back where alter is nil.
func (f *forger) shown(field string, alter func(d *ledger.Detail)) {
	change := func(_ int, r *ledger.Record) {
		if alter == nil {
			r.Details = slices.DeleteFunc(r.Details, func(d ledger.Detail) bool { return d.Field == field })
		}
		for i := range r.Details {
			if r.Details[i].Field == field {
				alter(&r.Details[i])
			}
		}
	}
	f.exported(change)
}

// exported makes both bundles with their records changed: what whoever makes bundles does without writing a log anew.
func (f *forger) exported(change func(index int, r *ledger.Record)) {
	f.one = f.bundle(wco, change)
	f.other = f.bundle(unoct, change)
}

// idp is the key of an organisation's identity provider.
func idp(organisation string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte(organisation[4:5]), 32))
}

// decided is a consent to a disclosure to the third party, of the Discloser's own provider, and the disclosure on it.
func (f *forger) decided(alter func(b *ledger.Body, private map[string]string)) {
	c := f.between()
	f.abroad(&c)
	f.keep()
	b, private := f.consenting(c.ask)
	alter(&b, private)
	c.consent = f.tell(both, private, b)
	f.readAbroad(&c)
}

// byLetter lets a consent rest on paper.
func byLetter(b *ledger.Body) {
	b.Terms.Evidence, b.Terms.EvidenceDigest, b.Terms.EvidenceKey = "letter", digest("a paper"), ""
}

// letter deposits that paper.
func (s *story) letter(actor, request string) {
	s.tell(both, nil, ledger.Body{Kind: ledger.KindInstrument, Organisation: wco, Actor: actor, Request: request,
		Terms: &ledger.Terms{Subject: "ins_1", Instrument: digest("a paper"), MediaType: "application/pdf", Size: 7}})
}

// signedBy makes the evidence of a consent anew, by a provider's key, for what its text says now.
func (f *forger) signedBy(key ed25519.PrivateKey, b *ledger.Body, private map[string]string) {
	private["id-token"], private["evidence-key"] = f.token(key, private["text"]), jwkOf(key)
	thumbprint, err := ledger.Thumbprint([]byte(jwkOf(key)))
	must(f.t, err)
	b.Terms.EvidenceDigest, b.Terms.EvidenceKey = digest(private["id-token"]), thumbprint
}

// open is a non-confidential disclosure to the third party.
func (f *forger) open() {
	b := f.permit(piu, "per_analyst", "")
	b.Disclosure.Marking = "non-confidential"
	f.tell(both, nil, b)
}

// added keeps what stood before, and tells what the forger adds to an honest beginning.
func added(tell func(f *forger, c *chapter)) func(*forger) {
	return func(f *forger) {
		c := f.between()
		f.keep()
		tell(f, &c)
	}
}

var attempts = []attempt{
	{"Who the Parties are, the log says",
		"the head of a bundle makes the third party a Party: it reads without a Release", "by the head of the bundle",
		func(f *forger) {
			f.deposit("none")
			f.keep()
			f.twice(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco,
				Terms: &ledger.Terms{Marking: "non-confidential"}})
			f.open()
			f.heads = []string{piu, unoct, wco}
		}, ""},
	{"A document is deposited once", "a second deposit of it takes its marking away", "a second deposit",
		added(func(f *forger, _ *chapter) {
			f.tell(both, map[string]string{"title": "Indicators", "entities": "none"},
				ledger.Body{Kind: ledger.KindDeposit, Organisation: wco,
					Terms: &ledger.Terms{Marking: "non-confidential"}})
			f.open()
		}), ""},
	{"A document is deposited once", "a second deposit of it makes the Recipient its Discloser", "a second deposit",
		added(func(f *forger, _ *chapter) {
			f.tell(both, map[string]string{"title": "x", "entities": "none"},
				ledger.Body{Kind: ledger.KindDeposit, Organisation: unoct,
					Terms: &ledger.Terms{Discloser: unoct, Recipient: wco}})
		}), ""},
	{"Who reads is whom it is for", "a reader of the third party as one of the Discloser's own people",
		"may not write it", added(func(f *forger, _ *chapter) {
			b := f.permit(wco, "per_analyst", "")
			b.Organisation = piu
			f.tell([]string{wco}, nil, b)
		}), ""},
	{"Who reads is whom it is for", "a reader of the third party as one of the Recipient's, admitted by himself",
		"may not write it", added(func(f *forger, c *chapter) {
			f.tell(both, nil, ledger.Body{Kind: ledger.KindAdmission, Organisation: piu, Request: "req_1",
				Terms: &ledger.Terms{People: []string{"per_analyst"}, Relies: []string{c.request}}})
			b := f.permit(unoct, "per_analyst", c.request)
			b.Organisation, b.Disclosure.Authorizations = piu, []string{c.authorization}
			f.tell(both, nil, b)
		}), ""},
	{"Only the organisation that receives admits", "the third party admits its people to the Recipient's request",
		"admits to what", added(func(f *forger, c *chapter) {
			f.tell(both, nil, ledger.Body{Kind: ledger.KindAdmission, Organisation: piu, Request: "req_1",
				Terms: &ledger.Terms{Recipient: piu, People: []string{"per_analyst"}, Relies: []string{c.request}}})
		}), ""},
	{"Time does not go back", "a disclosure of today, dated inside an authorization that is over", "is before",
		added(func(f *forger, c *chapter) {
			then := f.at
			f.at = f.at.Add(70 * day)
			f.tell(both, nil, ledger.Body{Kind: ledger.KindMessage, Organisation: wco, Request: "req_1"})
			b := f.permit(unoct, "per_reader", c.request)
			b.At, b.Disclosure.Authorizations, b.Disclosure.Expires = then.Add(time.Hour), []string{c.authorization},
				then.Add(2*time.Hour)
			f.tell(both, nil, b)
		}), ""},
	{"The consent stood before the disclosure", "a consent put before it, with a genuine ID token of ten days later",
		"after the consent stood", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				f.claims = func(said map[string]any) { said["iat"] = f.at.Add(10 * day).Unix() }
				f.signedBy(f.issuer, b, private)
			})
		}, ""},
	{"The consent was given to what was asked", "a consent with an ID token of before the request",
		"before the request", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				f.claims = func(said map[string]any) { said["iat"] = f.at.Add(-10 * day).Unix() }
				f.signedBy(f.issuer, b, private)
			})
		}, ""},
	{"A consent is of the Discloser's own provider",
		"the Discloser's consent, by the Recipient's identity provider, genuinely signed there",
		"by the identity provider", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				b.Issuer = issuerOf(unoct)
				f.claims = func(said map[string]any) { said["iss"] = issuerOf(unoct) }
				f.signedBy(idp(unoct), b, private)
			})
		}, ""},
	{"A consent is of the Discloser's own provider", "it names the Discloser's provider, and the Recipient's signed it",
		"but of https://idp.unoct.example", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) { f.signedBy(idp(unoct), b, private) })
		}, ""},
	{"Only a holder of the Delegation consents", "an ID token of the Discloser's provider, of somebody else",
		"to whom the Delegation was not given", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				f.claims = func(said map[string]any) { said["sub"] = "the-intern" }
				f.signedBy(f.issuer, b, private)
			})
		}, ""},
	{"An ID token was meant for the gateway", "one that the signatory got for another application",
		"no client of the gateway", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				f.claims = func(said map[string]any) { said["aud"] = []string{"canteen", "lunch"} }
				f.signedBy(f.issuer, b, private)
			})
		}, ""},
	{"An authorization is of the Discloser's own people", "the Discloser's, by the Recipient's people and provider",
		"by the identity provider", added(func(f *forger, c *chapter) {
			c.authorization = f.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Issuer: issuerOf(unoct),
					Actor: "per_reader", Terms: f.terms(unoct, c.request)})
			f.read(c)
		}), ""},
	{"A consent has evidence", "one with none, which no configuration admits",
		"which no configuration before it admits", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				b.Terms.Evidence, b.Terms.EvidenceDigest, b.Terms.EvidenceKey = "none", "", ""
			})
		}, ""},
	{"A consent has evidence", "of a kind that this build does not know", "evidence of kinds that this build",
		func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				b.Terms.Evidence, b.Terms.EvidenceDigest, b.Terms.EvidenceKey = "oracle", digest("a sign"), ""
			})
		}, ""},
	{"A consent has evidence", "a letter that nobody deposited", "that no other signatory deposited", func(f *forger) {
		f.decided(func(b *ledger.Body, private map[string]string) { byLetter(b) })
	}, ""},
	{"A letter takes two signatories", "whoever consents by it deposited it", "that no other signatory deposited",
		func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				byLetter(b)
				f.letter(b.Actor, b.Request)
			})
		}, ""},
	{"A letter is for one request", "one that was deposited for another request", "that no other signatory deposited",
		func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				byLetter(b)
				f.letter("per_second", "req_1")
			})
		}, ""},
	{"A consent has evidence", "a letter that nobody wrote, deposited by an invented signatory",
		"hold each letter against", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {
				byLetter(b)
				f.letter("per_second", b.Request)
			})
		}, ""},
	{"Whoever decides has a Delegation of their Party",
		"a configuration with a Delegation for the forger, and a decision on it", "that both Parties agreed",
		added(func(f *forger, c *chapter) {
			said := f.configured()
			invented := said.Delegations[0]
			invented.Digest = digest("invented")
			said.Delegations = append(said.Delegations, invented)
			f.configure(said)
			terms := f.terms(unoct, c.request)
			terms.Delegation = invented.Digest
			c.authorization = f.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Actor: "per_forger", Terms: terms})
			f.read(c)
		}), ""},
	{"Who decided did decide", "an authorization that its signatory never gave", "bear no signature of the person",
		added(func(f *forger, c *chapter) {
			c.authorization = f.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Terms: f.terms(unoct, c.request)})
			f.read(c)
		}), ""},
	{"What a consent rests on is not erased", "token, key and text of a forged consent, erased by two",
		"is never erased", func(f *forger) {
			f.decided(func(b *ledger.Body, private map[string]string) {})
			for _, field := range []string{"id-token", "evidence-key"} {
				f.twice(both, nil, ledger.Body{Kind: ledger.KindErasure, Organisation: wco,
					Terms: &ledger.Terms{Subject: "ent_8", Field: field}})
			}
		}, ""},
	{"Who is concerned is not erased",
		"the entities concerned, erased by two, so that their authorization is not missed", "is never erased",
		func(f *forger) {
			c := chapter{deposit: f.deposit("org_customs")}
			f.twice(both, nil, ledger.Body{Kind: ledger.KindErasure, Organisation: wco,
				Terms: &ledger.Terms{Subject: "ent_1", Field: "entities"}})
			f.keep()
			c.request = f.tell(both, nil, ledger.Body{Kind: ledger.KindRequest, Organisation: unoct,
				Actor: "per_reader", Terms: f.terms(unoct, c.deposit)})
			c.authorization = f.tell(both, nil,
				ledger.Body{Kind: ledger.KindAuthorization, Organisation: wco, Terms: f.terms(unoct, c.request)})
			f.read(&c)
		}, ""},
	{"The Discloser hears of each disclosure", "one that opens to the Recipient alone", "may open it",
		added(func(f *forger, c *chapter) {
			b := f.permit(unoct, "per_reader", c.request)
			b.Disclosure.Authorizations = []string{c.authorization}
			f.tell([]string{unoct}, nil, b)
		}), ""},
	{"Each Party is given all of its own entries", "a recall that opens to the Recipient alone", "may open it",
		added(func(f *forger, c *chapter) {
			f.tell([]string{unoct}, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco,
				Terms: &ledger.Terms{}})
		}), ""},
	{"Nothing starts after a withdrawal", "a transfer that began hours after it", "after the withdrawal",
		added(func(f *forger, c *chapter) {
			f.read(c)
			f.tell(both, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: wco,
				Terms: &ledger.Terms{Withdraws: []string{c.authorization}, Relies: []string{c.request}}})
			f.at = f.at.Add(30 * time.Minute)
			f.completion(c.disclosure, ledger.EndComplete, both)
		}), ""},
	{"Nothing starts after the permit", "a transfer that began the next day", "the permit ran from",
		added(func(f *forger, c *chapter) {
			f.read(c)
			f.at = f.at.Add(23 * time.Hour)
			f.completion(c.disclosure, ledger.EndComplete, both)
		}), ""},
	{"Nothing starts after a recall", "a transfer that began hours after it", "after the recall",
		added(func(f *forger, c *chapter) {
			f.read(c)
			f.tell(both, nil, ledger.Body{Kind: ledger.KindRecall, Organisation: wco, Terms: &ledger.Terms{}})
			f.at = f.at.Add(30 * time.Minute)
			f.completion(c.disclosure, ledger.EndComplete, both)
		}), ""},
	{"Only the Discloser lowers", "two people of the Recipient lower the marking",
		"more than to state that it is proprietary",
		added(func(f *forger, _ *chapter) {
			f.twice(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: unoct,
				Terms: &ledger.Terms{Marking: "non-confidential", Discloser: unoct}})
		}), ""},
	{"Only a Party releases", "the third party releases to itself", "may not write", added(func(f *forger, _ *chapter) {
		f.twice(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: wco,
			Terms: &ledger.Terms{Marking: "non-confidential"}})
		f.keep()
		f.tell(both, nil, ledger.Body{Kind: ledger.KindRelease, Organisation: piu,
			Terms: &ledger.Terms{Recipient: piu}})
		f.open()
	}), ""},
	{"The agreement that a consent asks for is signed", "the signature of an earlier, milder text",
		"of an earlier text", func(f *forger) {
			c := f.between()
			f.abroad(&c)
			stricter := f.tell(both, nil, ledger.Body{Kind: ledger.KindAgreement, Organisation: wco,
				Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_2"}})
			f.keep()
			b, private := f.consenting(c.ask)
			b.Terms.Agreement, b.Terms.AgreementText = "agr_2", digest("agreement agr_2")
			c.consent = f.tell(both, private, b)
			_ = stricter
			f.readAbroad(&c)
		}, ""},
	{"Nothing is cut off at the end", "the withdrawal at the end is left out of the log", "that nothing was cut off",
		added(func(f *forger, c *chapter) {
			f.tell(both, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: wco,
				Terms: &ledger.Terms{Withdraws: []string{c.authorization}, Relies: []string{c.request}}})
			f.keep()
			f.entries = f.entries[:len(f.entries)-1]
			f.read(c)
		}), ""},
	{"The log is never written anew", "it is, from the first entry, with another reader", "was not written anew",
		func(f *forger) {
			c := f.between()
			f.read(&c)
			f.keep()
			f.entries = nil
			f.at = f.at.Add(-time.Hour)
			c = f.between()
			f.tell(both, nil, ledger.Body{Kind: ledger.KindAdmission, Organisation: unoct, Request: "req_1",
				Terms: &ledger.Terms{People: []string{"per_other"}, Relies: []string{c.request}}})
			b := f.permit(unoct, "per_other", c.request)
			b.Disclosure.Authorizations = []string{c.authorization}
			f.tell(both, nil, b)
		}, ""},
	{"Both Parties are shown one log", "each another, signed with the same key", "shown", func(f *forger) {
		c := f.between()
		f.keep()
		f.read(&c)
		f.completion(c.disclosure, ledger.EndComplete, both)
		f.one = f.bundle(wco)
		f.entries = f.entries[:4]
		f.tell([]string{unoct}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: unoct})
		f.other = f.bundle(unoct)
	}, ""},
	{"What is not understood is not passed over", "a withdrawal of a kind that this build does not know",
		"kinds that this build does not know", added(func(f *forger, c *chapter) {
			f.tell(both, nil, ledger.Body{Kind: "telepathic-withdrawal", Organisation: wco,
				Terms: &ledger.Terms{Withdraws: []string{c.authorization}}})
			f.read(c)
		}), ""},
	{"A permit is one that the rules give (--redecide)", "a gateway that skipped a rule, and says on which facts",
		"asked again, say false", added(func(f *forger, c *chapter) {
			f.readOn(*c, ofReading().but(func(a asked) { a.flags["consented"] = false }).String(), nil)
		}), ""},
	{"A permit is one that the rules give (--redecide)",
		"it says facts that the rules permit, and the log does not bear out",
		"by its facts side is", added(func(f *forger, c *chapter) {
			f.readOn(*c, ofReading().but(func(a asked) { a.words["side"] = "discloser" }).String(), nil)
		}), ""},
	{"A permit is one that the rules give (--redecide)", "the facts of another decision", "of another act",
		added(func(f *forger, c *chapter) {
			f.readOn(*c, ofReading().rename("request").String(), nil)
		}), ""},
	{"A decision says on which facts it was taken", "other facts are shown than were committed to",
		"not the one that was committed to", added(func(f *forger, c *chapter) {
			f.readOn(*c, ofReading().but(func(a asked) { a.flags["consented"] = false }).String(), nil)
			f.shown("facts", func(d *ledger.Detail) { d.Value = ofReading().String() })
		}), ""},
	{"A decision says on which facts it was taken", "they are held back", "held back",
		added(func(f *forger, c *chapter) {
			f.readOn(*c, ofReading().String(), nil)
			f.shown("facts", nil)
		}), ""},
	{"A decision says on which facts it was taken", "the entry commits to none, though earlier ones do",
		"does not say on which facts", func(f *forger) {
			c := f.between()
			f.readOn(c, ofReading().String(), nil)
			f.keep()
			f.read(&c)
		}, ""},
	{"The rules are those that the entries name", "other rules are put into the bundle", "text in the bundle hashes to",
		added(func(f *forger, c *chapter) {
			f.readOn(*c, ofReading().but(func(a asked) { a.flags["consented"] = false }).String(), nil)
			f.rules = "rules that permit everything"
		}), ""},
	{"An entry says what it said", "its body is altered in the bundle", "does not close over",
		added(func(f *forger, _ *chapter) {
			f.exported(func(_ int, r *ledger.Record) {
				r.Body = bytes.Replace(r.Body, []byte("per_reader"), []byte("per_nobody"), 1)
			})
		}), ""},
	{"Each Party is given all of its own entries", "the bundle shows the leaf, and holds the entry back", "held back",
		added(func(f *forger, _ *chapter) {
			f.exported(func(index int, r *ledger.Record) {
				if index == 2 {
					*r = ledger.Record{Leaf: r.Leaf}
				}
			})
		}), ""},
	{"A Party's entries are numbered without a gap", "another running number in a leaf of the bundle",
		"does not hash to the root", added(func(f *forger, _ *chapter) {
			f.exported(func(index int, r *ledger.Record) {
				if index == 2 {
					r.Leaf = bytes.Replace(r.Leaf, []byte(`"n":`), []byte(`"n":1`), 1)
				}
			})
		}), ""},
	{"No entry is taken out", "the bundle ends before the last entry of its checkpoint", "its checkpoint is of",
		added(func(f *forger, _ *chapter) { f.omitted = 1 }), ""},
	{"Who exports is the log", "the manifest is signed with a key of the forger's own", "not signed by the key",
		added(func(f *forger, _ *chapter) {
			private, _, err := ledger.GenerateKey(f.signer.Name())
			must(f.t, err)
			f.manifests, err = note.NewSigner(private)
			must(f.t, err)
		}), ""},
	{"A key that was replaced signs nothing more", "whoever stole it goes on", "by a key that had been replaced",
		added(func(f *forger, _ *chapter) { f.rotate() }), ""},
	{"A key that was replaced signs nothing more", "whoever stole it names a key of their own as its successor",
		"named a second successor", added(func(f *forger, _ *chapter) {
			f.rotate()
			f.signer = f.rotate()
		}), ""},
	{"A bundle is of today", "one of before the withdrawal is handed in afterwards", "that nothing was cut off",
		added(func(f *forger, c *chapter) {
			f.one, f.other = f.bundle(wco), f.bundle(unoct)
			f.tell(both, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: wco,
				Terms: &ledger.Terms{Withdraws: []string{c.authorization}, Relies: []string{c.request}}})
			f.keep()
		}), ""},
	{"A bundle is the auditor's own Party's", "the other Party's, handed in as the own", "you are an auditor of",
		func(f *forger) {
			f.between()
			f.keep()
			f.one = f.bundle(unoct)
			f.other = f.bundle(wco)
		}, wco},
}

// rotate names a new key as the successor of the one the auditor has, and gives its signer; the story signs on with
// the old one.
func (f *forger) rotate() note.Signer {
	private, public, err := ledger.GenerateKey(f.signer.Name())
	must(f.t, err)
	f.rotations = append(f.rotations,
		signedNote(f.t, f.signer, "chancery log key rotation v1\nold\n"+public+"\n"))
	successor, err := note.NewSigner(private)
	must(f.t, err)
	return successor
}

// outcome says what a report did about an attempt: found, said as not provable, or nothing.
func outcome(t *testing.T, a attempt, r ledger.Report, err error) string {
	t.Helper()
	must(t, err)
	for _, f := range r.Findings {
		if strings.Contains(f.Why, a.says) || strings.Contains(f.Why, "the checkpoint that you kept") {
			return "found"
		}
	}
	if r.Bad > 0 {
		t.Errorf("found, and by something else: %v", r.Findings)
	}
	text := strings.Join(r.Limits, "\n")
	for _, g := range r.NotProvable {
		text += "\n" + g.What
	}
	if strings.Contains(text, a.says) {
		return "said"
	}
	if len(r.NotProvable) > 0 && strings.Contains(text, "closed: entries that only the other Party may open") {
		return "said: closed"
	}
	return "no"
}

// TestWhatAForgerTries makes each attempt, and wants it found or said; the table of it stands in docs/trust.md.
func TestWhatAForgerTries(t *testing.T) {
	var table strings.Builder
	table.WriteString("\n| promise | attempt | WCO's bundle alone | UNOCT's alone | both together | with a " +
		"checkpoint kept before |\n|---|---|---|---|---|---|\n")
	for _, a := range attempts {
		t.Run(a.promise+": "+a.how, func(t *testing.T) {
			f := &forger{story: newStory(t)}
			a.forge(f)
			if f.one == nil {
				f.one, f.other = f.bundle(wco), f.bundle(unoct)
			}
			wcoKey, err := ledger.Thumbprint([]byte(jwkOf(f.issuer)))
			must(t, err)
			unoctKey, err := ledger.Thumbprint([]byte(jwkOf(idp(unoct))))
			must(t, err)
			options := ledger.Options{Keys: []note.Verifier{f.key}, Party: a.party, Decider: &rulebook{},
				IssuerKeys: map[string][]string{issuer: {wcoKey}, issuerOf(unoct): {unoctKey}}}
			one, errOne := ledger.Verify(bundleOf(f.one), options)
			other, errOther := ledger.Verify(bundleOf(f.other), options)
			joint, errJoint := ledger.VerifyJoint(bundleOf(f.one), bundleOf(f.other), options)
			options.Since = f.kept
			kept, errKept := ledger.Verify(bundleOf(f.one), options)
			cells := []string{outcome(t, a, one, errOne), outcome(t, a, other, errOther),
				outcome(t, a, joint, errJoint), outcome(t, a, kept, errKept)}
			said := false
			for _, r := range []ledger.Report{one, other, joint} {
				text := fmt.Sprint(r.Findings, r.NotProvable, r.Limits)
				said = said || strings.Contains(text, a.says)
			}
			if !said {
				t.Errorf("nothing says %q: %v %v %v", a.says, one.Findings, joint.Findings, one.NotProvable)
			}
			if cells[2] == "no" {
				t.Errorf("both bundles together neither find it nor say that they cannot")
			}
			fmt.Fprintf(&table, "| %s | %s | %s |\n", a.promise, a.how, strings.Join(cells, " | "))
		})
	}
	table.WriteString("\n")
	golden(t, filepath.Join("..", "..", "docs", "trust.md"), "<!-- attempts: made by pkg/ledger/forgery_test.go -->",
		"<!-- end of attempts -->", table.String())
}
