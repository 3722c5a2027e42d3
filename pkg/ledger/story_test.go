package ledger_test

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

const (
	wco   = "org_wco"
	unoct = "org_unoct"
	piu   = "org_piu"
)

var both = []string{wco, unoct}

// story is a log under construction: what an operator who holds the log's key could write.
type story struct {
	t                  testing.TB
	signer             note.Signer
	manifests          note.Signer // of manifests; the log's own unless it is set
	key                note.Verifier
	issuer             ed25519.PrivateKey
	at                 time.Time
	entries            []told
	rotations, earlier [][]byte
	earlierRules       []string
	public             string       // the log's public key, as a text
	rules              string       // the text in the bundle; theRules, unless it is set
	dropped            map[int]bool // held back from bundles: the leaf stands, and is not opened
	stops              int
	exporter           string
	heads              []string // the Parties that the head of a bundle names; both, unless it is set
	omitted            int      // so many of the last entries are left out of bundles
	basis              string   // of the transfer, that consents name
	unnamed            bool     // decisions name no Delegation by themselves
	claims             func(map[string]any)
	together           bool // consents are given together with another

	names []ledger.Named
	bare  bool // entries say what they are told to say, and nothing more
}

// theRules is the text of the rules under which every story happens.
const theRules = "the rules"

// configured is the configuration of a story: both Parties signed, each has a Delegation for everything, third parties
// a Mandate, and sa1.a outlives the Arrangement until the end of 2029.
func (s *story) configured() *ledger.Configured {
	signed := time.Date(2024, 1, 15, 0, 0, 0, 0, time.UTC)
	c := &ledger.Configured{Arrangement: digest("file"),
		Signed: []ledger.Signed{{Party: unoct, On: signed}, {Party: wco, On: signed.AddDate(0, 0, 3)}},
		Specific: []ledger.Specific{{Purposes: []string{"sa1.a"}, Signed: signed.AddDate(1, 0, 0),
			Ends: time.Date(2029, 12, 31, 0, 0, 0, 0, time.UTC)}}}
	for _, party := range both {
		c.Delegations = append(c.Delegations, ledger.Delegation{
			Digest:       delegationOf(party),
			Organisation: party,
			Acts:         []string{"authorize", "consent", "withdraw"},
			From:         signed,
			Until:        time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC),
			Holder:       ledger.HolderOf(delegationOf(party), issuerOf(party), "focal"),
		})
	}
	for _, third := range []string{piu, "org_customs"} {
		c.Delegations = append(c.Delegations, ledger.Delegation{
			Digest:       delegationOf(third),
			Organisation: third,
			Acts:         []string{"authorize", "refuse", "sign"},
			From:         signed,
			Until:        time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC),
			Holder:       ledger.HolderOf(delegationOf(third), issuerOf(third), "focal"),
		})
	}
	for _, o := range []string{wco, unoct, piu, "org_customs"} {
		c.Organisations = append(c.Organisations,
			ledger.Binding{Organisation: o, Issuer: issuerOf(o), Clients: []string{"portal"}})
	}
	return c
}

func delegationOf(party string) string { return digest("delegation of " + party) }

func (s *story) configure(c *ledger.Configured) {
	s.tell(both, nil, ledger.Body{Kind: ledger.KindConfiguration, Configured: c})
}

// twice tells both halves of an act of two people of one organisation.
func (s *story) twice(parties []string, private map[string]string, b ledger.Body) string {
	s.t.Helper()
	terms := *b.Terms
	first := b
	first.Actor, first.Terms = "per_first", &terms
	first.Terms.Step = ledger.StepFirst
	begun := parties
	if slices.Contains([]ledger.Kind{ledger.KindNotice, ledger.KindDelegation, ledger.KindDesignation}, b.Kind) {
		begun = []string{b.Organisation} // its own affair, until the second confirms it
	}
	name := s.tell(begun, private, first)
	second := terms
	second.Step, second.Relies = ledger.StepSecond, append([]string{name}, terms.Relies...)
	b.Actor, b.Terms = "per_second", &second
	return s.tell(parties, private, b)
}

type told struct {
	body    ledger.Body
	parties []string
	private map[string]string
	raw     []byte
	nonce   []byte
	salts   map[string][]byte
}

func newStory(t testing.TB) *story {
	t.Helper()
	private, public, err := ledger.GenerateKey("chancery.example/story")
	must(t, err)
	s := &story{t: t, at: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC), dropped: map[int]bool{}}
	s.signer, err = note.NewSigner(private)
	must(t, err)
	s.public = public
	s.key, err = note.NewVerifier(public)
	must(t, err)
	s.issuer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	return s
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// tell appends an entry and gives its name.
func (s *story) tell(parties []string, private map[string]string, b ledger.Body) string {
	s.t.Helper()
	s.at = s.at.Add(time.Minute)
	b.Version, b.ID, b.Build = 1, fmt.Sprintf("ent_%d", len(s.entries)), "test"
	if b.Rules == "" {
		b.Rules = "sha256:" + digest(theRules)
	}
	decides := slices.Contains([]ledger.Kind{ledger.KindAuthorization, ledger.KindConsent, ledger.KindFiling,
		ledger.KindSignature, ledger.KindAgreementDeclined, ledger.KindStanding,
		ledger.KindLoweringAuthorization}, b.Kind)
	named := !s.unnamed || b.Kind == ledger.KindSignature || b.Kind == ledger.KindAgreementDeclined
	if decides && b.Outcome != ledger.Refused && named && b.Terms.Delegation == "" {
		b.Terms.Delegation = delegationOf(b.Organisation)
	}
	if b.At.IsZero() {
		b.At = s.at
	}
	if b.Outcome == "" {
		b.Outcome = ledger.Permitted
	}
	if !s.bare && b.Outcome == ledger.Permitted {
		s.fill(&b)
	}
	e := told{parties: parties, private: private, salts: map[string][]byte{}}
	for field, value := range private {
		commitment, salt, err := ledger.Commit(value)
		must(s.t, err)
		if b.Private == nil {
			b.Private = map[string]string{}
		}
		b.Private[field], e.salts[field] = commitment, salt
	}
	var err error
	e.body = b
	e.raw, err = ledger.Encode(b)
	must(s.t, err)
	e.nonce, err = ledger.NewNonce()
	must(s.t, err)
	s.entries = append(s.entries, e)
	return ledger.BodyHash(e.raw).String()
}

// fill adds what an honest entry of its kind says besides what the test is about.
func (s *story) fill(b *ledger.Body) {
	at := slices.IndexFunc(ledger.Grammar, func(r ledger.Row) bool { return r.Kind == b.Kind })
	if at < 0 {
		return
	}
	row := ledger.Grammar[at]
	set := func(to *string, value string) {
		if *to == "" {
			*to = value
		}
	}
	if !slices.Contains(row.By, ledger.ByGateway) {
		set(&b.Organisation, wco)
	}
	if b.Organisation != "" {
		set(&b.Issuer, issuerOf(b.Organisation))
	}
	if row.Needs != nil && strings.HasPrefix(strings.Join(row.Needs, " "), "terms.") && b.Terms == nil {
		b.Terms = &ledger.Terms{}
	}
	for _, need := range row.Needs {
		if strings.HasPrefix(need, "terms.") && b.Terms == nil {
			b.Terms = &ledger.Terms{}
		}
		switch need {
		case "document":
			set(&b.Document, "doc_1")
		case "request":
			set(&b.Request, fmt.Sprintf("req_of_%d", len(s.entries)))
		case "terms.discloser":
			set(&b.Terms.Discloser, wco)
		case "terms.recipient":
			set(&b.Terms.Recipient, unoct)
		case "terms.marking":
			set(&b.Terms.Marking, "confidential")
		case "terms.document_version":
			set(&b.Terms.DocumentVersion, "ver_1")
		case "terms.version_commitment":
			set(&b.Terms.VersionCommitment, "c1")
		case "terms.form":
			set(&b.Terms.Form, "stamped")
		case "terms.text":
			set(&b.Terms.Text, digest("text"))
		case "terms.decision":
			set(&b.Terms.Decision, fmt.Sprintf("aut_%d", len(s.entries)))
		case "terms.subject":
			set(&b.Terms.Subject, fmt.Sprintf("sub_%d", len(s.entries)))
		case "terms.recipient_record":
			set(&b.Terms.RecipientRecord, digest(b.Terms.Recipient))
		case "terms.agreement_text":
			set(&b.Terms.AgreementText, digest("agreement "+b.Terms.Agreement))
		case "terms.relies":
			s.rely(b)
		case "terms.purposes":
			if b.Terms.Purposes == nil {
				b.Terms.Purposes = []string{"art2.e"}
			}
		case "terms.given":
			if b.Terms.Given.IsZero() {
				b.Terms.Given = b.At.Truncate(day)
			}
		}
	}
}

// rely names what an honest entry rests on, where the test does not say: the newest request, else the deposit.
func (s *story) rely(b *ledger.Body) {
	if len(b.Terms.Relies) > 0 {
		return
	}
	for i, e := range s.entries {
		kind := map[ledger.Kind]ledger.Kind{ledger.KindSignature: ledger.KindAgreement,
			ledger.KindHoldEnded: ledger.KindHold, ledger.KindMarking: ledger.KindDeposit,
			ledger.KindEntities: ledger.KindDeposit, ledger.KindRelease: ledger.KindDeposit,
			ledger.KindRequest: ledger.KindDeposit, ledger.KindCorrection: ledger.KindDeposit,
			ledger.KindRecall: ledger.KindDeposit, ledger.KindDestruction: ledger.KindDeposit,
			ledger.KindHold: ledger.KindDeposit, ledger.KindNotConcerned: ledger.KindDeposit}[b.Kind]
		if kind == "" {
			kind = ledger.KindRequest
		}
		if e.body.Kind == kind {
			b.Terms.Relies = []string{ledger.BodyHash(s.entries[i].raw).String()}
		}
	}
}

// change is what every change of a document says.
func (s *story) change() *ledger.Terms { return &ledger.Terms{} }

// issuerOf is the identity provider of an organisation.
func issuerOf(organisation string) string {
	return "https://idp." + strings.TrimPrefix(organisation, "org_") + ".example"
}

// names of what the main story told, to build variants on.
type chapter struct {
	deposit, request, authorization, disclosure string
	agreement, signature, ask, consent, third   string
}

func (s *story) terms(recipient string, relies ...string) *ledger.Terms {
	return &ledger.Terms{
		Discloser:       wco,
		Recipient:       recipient,
		RecipientRecord: digest(recipient),
		DocumentVersion: "ver_1",
		Purposes:        []string{"art2.e"},
		Until:           s.at.Add(30 * 24 * time.Hour),
		Form:            "stamped",
		Relies:          relies,
	}
}

func (s *story) deposit(entities string) string {
	if len(s.entries) == 0 {
		s.configure(s.configured())
	}
	return s.tell(both, map[string]string{"title": "Indicators", "entities": entities},
		ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Actor: "per_staff", Document: "doc_1",
			Terms: &ledger.Terms{
				Discloser:         wco,
				Recipient:         unoct,
				Marking:           "confidential",
				DocumentVersion:   "ver_1",
				VersionCommitment: "c1",
				Purposes:          []string{"art2.e", "sa1.a"},
			}})
}

// permit is a disclosure with nothing missing, to be altered.
func (s *story) permit(to, reader, grant string) ledger.Body {
	return ledger.Body{Kind: ledger.KindDisclosure, Organisation: to, Actor: reader, Document: "doc_1",
		Disclosure: &ledger.Disclosure{
			ID:         fmt.Sprintf("dis_%d", len(s.entries)),
			Version:    "ver_1",
			Commitment: "c1",
			From:       wco,
			To:         to,
			Marking:    "confidential",
			Phase:      "in-effect",
			Purpose:    "art2.e",
			Form:       "stamped",
			CopyNumber: "1",
			Grant:      grant,
			Expires:    s.at.Add(time.Hour),
		}}
}

func (s *story) completion(disclosure string, end ledger.End, parties []string) string {
	for _, e := range s.entries {
		if ledger.BodyHash(e.raw).String() == disclosure {
			sent := map[ledger.End]int64{ledger.EndComplete: 10}[end]
			return s.tell(parties, nil, ledger.Body{Kind: ledger.KindCompletion, Organisation: e.body.Organisation,
				Document: "doc_1",
				Completion: &ledger.Completion{
					Disclosure: e.body.Disclosure.ID,
					Closes:     disclosure,
					End:        end,
					Length:     10,
					Bytes:      sent,
					Began:      s.at,
				}})
		}
	}
	s.t.Fatal("no such disclosure")
	return ""
}

// between tells the way of a document between the Parties up to the decision.
func (s *story) between() chapter {
	var c chapter
	c.deposit = s.deposit("none")
	c.request = s.tell(both, map[string]string{"statement": "training"}, ledger.Body{
		Kind:         ledger.KindRequest,
		Organisation: unoct,
		Actor:        "per_reader",
		Document:     "doc_1",
		Request:      "req_1",
		Terms:        s.terms(unoct, c.deposit),
	})
	c.authorization = s.tell(both, nil, ledger.Body{
		Kind:         ledger.KindAuthorization,
		Organisation: wco,
		Actor:        "per_focal",
		Document:     "doc_1",
		Request:      "req_1",
		Terms:        s.terms(unoct, c.request),
	})
	return c
}

func (s *story) read(c *chapter) {
	b := s.permit(unoct, "per_reader", c.request)
	b.Disclosure.Authorizations = []string{c.authorization}
	c.disclosure = s.tell(both, nil, b)
}

// written is the canonical text of a consent.
func written(t *ledger.Terms, request string) string {
	return strings.Join([]string{"CHANCERY DECISION, canonical text, version 1",
		"decision: World Customs Organization consents, under Article 4(8) of the Arrangement, to the disclosure " +
			"described here, and to no other",
		"request: " + request, "recipient: PIU (" + t.Recipient + ")", "recipient record sha-256: " + t.RecipientRecord,
		"purpose: " + t.Purposes[0], "until: " + t.Until.Format(time.RFC3339), "form: " + t.Form,
		"signatory: per_focal"}, "\n") + "\n"
}

const issuer = "https://idp.wco.example"

// token is an ID token by the issuer's key for this text.
func (s *story) token(key ed25519.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	said := map[string]any{"iss": issuer, "sub": "focal", "aud": "portal", "iat": s.at.Unix(), "auth_time": s.at.Unix(),
		"nonce": base64.RawURLEncoding.EncodeToString(sum[:])}
	if s.claims != nil {
		s.claims(said)
	}
	claims, err := json.Marshal(said)
	must(s.t, err)
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(signed)))
}

func jwkOf(key ed25519.PrivateKey) string {
	return `{"kty":"OKP","crv":"Ed25519","x":"` +
		base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) + `"}`
}

// consenting is a consent with OIDC evidence, to be altered before it is told.
func (s *story) consenting(request string) (ledger.Body, map[string]string) {
	t := s.terms(piu, request)
	t.Evidence, t.AgreementRequired = "oidc", true
	text := written(t, "req_2")
	token := s.token(s.issuer, text)
	if s.together {
		texts := []string{digest(text), digest("another text")}
		token = s.token(s.issuer, ledger.Together(texts)) + "\n" + strings.Join(texts, "\n")
	}
	thumbprint, err := ledger.Thumbprint([]byte(jwkOf(s.issuer)))
	must(s.t, err)
	t.Text, t.EvidenceDigest, t.EvidenceKey = digest(text), digest(token), thumbprint
	return ledger.Body{
			Kind:         ledger.KindConsent,
			Organisation: wco,
			Issuer:       issuer,
			Actor:        "per_focal",
			Document:     "doc_1",
			Request:      "req_2",
			Terms:        t,
		},
		map[string]string{"text": text, "id-token": token, "evidence-key": jwkOf(s.issuer)}
}

// abroad tells the way to a third party up to the consent.
func (s *story) abroad(c *chapter) {
	c.agreement = s.tell(both, nil,
		ledger.Body{Kind: ledger.KindAgreement, Organisation: wco,
			Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_1"}})
	c.signature = s.tell(both, nil,
		ledger.Body{Kind: ledger.KindSignature, Organisation: piu,
			Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_1", Relies: []string{c.agreement}}})
	t := s.terms(piu, c.deposit)
	t.People = []string{"per_analyst"}
	c.ask = s.tell(both, nil, ledger.Body{
		Kind:         ledger.KindRequest,
		Organisation: unoct,
		Actor:        "per_asker",
		Document:     "doc_1",
		Request:      "req_2",
		Terms:        t,
	})
	b, private := s.consenting(c.ask)
	if s.basis != "" {
		private["transfer-basis"] = s.basis
	}
	c.consent = s.tell(both, private, b)
}

func (s *story) readAbroad(c *chapter) {
	b := s.permit(piu, "per_analyst", c.ask)
	b.Disclosure.Consent, b.Disclosure.Agreement = c.consent, c.signature
	c.third = s.tell(both, nil, b)
}

// whole is a story with everything in it and nothing wrong.
func (s *story) whole() chapter {
	c := s.between()
	s.tell(both, nil, ledger.Body{
		Kind:         ledger.KindDisclosure,
		Outcome:      ledger.Refused,
		Organisation: unoct,
		Actor:        "per_reader",
		Document:     "doc_1",
		Reasons:      []string{"art4.4/authorization-missing"},
	})
	s.read(&c)
	s.completion(c.disclosure, ledger.EndComplete, both)
	own := s.permit(wco, "per_staff", "")
	own.Disclosure.Purpose = ""
	s.completion(s.tell([]string{wco}, nil, own), ledger.EndAborted, []string{wco})
	s.abroad(&c)
	s.readAbroad(&c)
	s.completion(c.third, ledger.EndUnknown, both)
	s.tell([]string{unoct}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: unoct,
		Terms: &ledger.Terms{Subject: "entries"}})
	s.tell(both, nil, ledger.Body{Kind: ledger.KindWithdrawal, Organisation: wco, Document: "doc_1", Request: "req_1",
		Terms: &ledger.Terms{Withdraws: []string{c.authorization}, Relies: []string{c.request}}})
	return c
}

// tree gives leaf data, the root of every size, and all stored hashes.
func (s *story) tree() (leaves [][]byte, roots []ledger.Hash, stored hashes) {
	s.t.Helper()
	numbers := map[string]int64{}
	roots = []ledger.Hash{ledger.EmptyRoot()}
	for i, e := range s.entries {
		closed, err := ledger.Close(e.nonce, e.raw)
		must(s.t, err)
		l := ledger.Leaf{Closed: closed}
		for _, party := range []string{unoct, wco} {
			if strings.Contains(strings.Join(e.parties, " "), party) {
				numbers[party]++
				l.Parties = append(l.Parties, ledger.PartyNumber{Party: party, N: numbers[party]})
			}
		}
		leaf, err := ledger.EncodeLeaf(l)
		must(s.t, err)
		leaves = append(leaves, leaf)
		added, err := tlog.StoredHashes(int64(i), leaf, stored)
		must(s.t, err)
		stored = append(stored, added...)
		root, err := tlog.TreeHash(int64(i)+1, stored)
		must(s.t, err)
		roots = append(roots, ledger.Hash(root))
	}
	return leaves, roots, stored
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = h[index]
	}
	return out, nil
}

func (s *story) checkpoint(size int, root ledger.Hash) []byte {
	s.t.Helper()
	signed, err := ledger.Sign(int64(size), root, s.signer)
	must(s.t, err)
	return signed
}

// bundle exports for one Party; the export's own entry is told first. change may alter each record before it is
// written.
func (s *story) bundle(party string, change ...func(index int, r *ledger.Record)) []byte {
	s.t.Helper()
	s.tell([]string{party}, nil, ledger.Body{Kind: ledger.KindReading, Organisation: party,
		Terms: &ledger.Terms{Subject: "export"}})
	return s.export(party, change...)
}

func (s *story) export(party string, change ...func(index int, r *ledger.Record)) []byte {
	s.t.Helper()
	leaves, roots, _ := s.tree()
	size := len(leaves)
	var out bytes.Buffer
	named := both
	if s.heads != nil {
		named = s.heads
	}
	w, err := ledger.NewBundleWriter(&out, ledger.BundleParts{
		Head: ledger.BundleHead{Origin: s.signer.Name(), Party: party, Parties: named,
			Filter: ledger.Filter{Kind: "consent"}},
		Checkpoint:  s.checkpoint(size, roots[size]),
		Checkpoints: append(s.earlier, s.checkpoint(size/2, roots[size/2])), Rotations: s.rotations,
		Rules:        cmp.Or(s.rules, theRules),
		EarlierRules: s.earlierRules,
	})
	must(s.t, err)
	for i, e := range s.entries[:size-s.omitted] {
		r := ledger.Record{Leaf: leaves[i]}
		if strings.Contains(strings.Join(e.parties, " "), party) && !s.dropped[i] {
			r.Opened, r.Nonce, r.Body = true, e.nonce, e.raw
			discloser := wco
			if e.body.Document == "doc_source" {
				discloser = unoct
			}
			for _, field := range []string{"added", "entities", "entity", "evidence-key", "facts", "id-token", "issuer",
				"not-derived", "removed", "statement", "text", "title", "transfer-basis"} {
				if e.private[field] != "" && (party == discloser || field != "added" && field != "entities" &&
					field != "text" && field != "title") {
					r.Details = append(r.Details, ledger.Detail{Field: field, Salt: e.salts[field],
						Value: e.private[field]})
				}
			}
		}
		for _, f := range change {
			f(i, &r)
		}
		must(s.t, w.Add(r))
	}
	if s.names != nil {
		must(s.t, w.Names(s.names))
	}
	must(s.t, w.Close(ledger.Manifest{
		Exporter: cmp.Or(s.exporter, "per_auditor"),
		Of:       party,
		At:       s.at,
		Build:    "test",
		Entry:    s.entries[size-1].body.ID,
		Index:    int64(size - 1),
	},
		func(text string) ([]byte, error) {
			if s.manifests != nil {
				return ledger.SignManifest(text, s.manifests)
			}
			return ledger.SignManifest(text, s.signer)
		}))
	return out.Bytes()
}

func bundleOf(data []byte) ledger.Bundle {
	return ledger.Bundle{R: bytes.NewReader(data), Size: int64(len(data))}
}

func (s *story) verify(data []byte) ledger.Report {
	s.t.Helper()
	r, err := ledger.Verify(bundleOf(data), ledger.Options{Keys: []note.Verifier{s.key}})
	must(s.t, err)
	return r
}

// receipt makes the file of a receipt for the entry at index, in the tree of this size.
func (s *story) receipt(index, size int) []byte {
	s.t.Helper()
	leaves, roots, stored := s.tree()
	proof, err := tlog.ProveRecord(int64(size), int64(index), stored)
	must(s.t, err)
	c, err := ledger.OpenCheckpoint(s.checkpoint(size, roots[size]), s.key)
	must(s.t, err)
	r, err := c.Receipt(leaves[index], s.entries[index].raw, s.entries[index].nonce, int64(index), proof, s.at)
	must(s.t, err)
	file, err := r.File()
	must(s.t, err)
	return file
}
