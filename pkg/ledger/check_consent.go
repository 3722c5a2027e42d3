package ledger

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Who decided, and what shows it? Whoever decides for a Party has a Delegation that both Parties were shown before.
// Article 4(8) wants consent in writing: its canonical text (reading 0010) says what the entry says, and the evidence
// is of the Discloser's own identity provider, of the person to whom the Delegation was given, meant for a client of
// the gateway, and no older than the request.
type consentChecker struct {
	*past
	tokens    map[string]int64 // digests of evidence: where it was used
	letters   map[string]*Body // deposited for a decision on a request, by request and digest
	keys      map[string]*IssuerKey
	decisions int64
	unfounded int64 // before a configuration named the Delegations
	unseen    int64 // evidence that the bundle does not show
	strange   int64 // signed with keys that the auditor does not have
	loose     int64 // subject or audience could not be compared
	bare      int64 // without evidence, which the configuration admits
	foreign   int64 // with evidence of a kind that this build does not know
}

func newConsentChecker(p *past) *consentChecker {
	return &consentChecker{past: p, tokens: map[string]int64{}, letters: map[string]*Body{},
		keys: map[string]*IssuerKey{}}
}

func (c *consentChecker) see(e *seen) {
	if !e.done() {
		return
	}
	switch e.body.Kind {
	case KindAuthorization, KindStanding:
		c.mandate(e, "authorize")
		if e.body.Terms.Evidence != "" {
			c.evidence(e)
		}
	case KindFiling:
		c.mandate(e, "authorize")
	case KindInstrument:
		c.letters[e.body.Request+" "+e.body.Terms.Instrument] = e.body
	case KindConsent:
		c.mandate(e, "consent")
		c.report.Evidence[e.body.Terms.Evidence]++
		c.evidence(e)
	case KindLoweringAuthorization:
		c.mandate(e, "authorize")
	case KindAgreementDeclined:
		c.mandate(e, "sign")
	case KindSignature:
		c.mandate(e, "sign")
		if e.body.Terms.Evidence != "" {
			c.evidence(e)
		}
	}
}

// mandate wants whoever gave a decision for a Party to have had a Delegation for it then, and whoever decided or signed
// for a third party a Mandate; its later end changes nothing.
func (c *consentChecker) mandate(e *seen, act string) {
	b := e.body
	d := c.delegations[b.Terms.Delegation]
	if d == nil && !c.told {
		c.unfounded++
		return
	}
	c.decisions++
	if why := d.lacks(b, act); why != "" {
		what := "Delegation"
		if !c.isParty(b.Organisation) {
			what = "Mandate"
		}
		c.wrong(CheckAuthority, e, "it rests on no %s %s", what, why)
	}
}

// lacks says what a Delegation lacks for a decision; nothing, when it is enough.
func (d *delegated) lacks(b *Body, act string) string {
	switch {
	case d == nil:
		return "that stands earlier and was confirmed"
	case d.Organisation != b.Organisation:
		return "of " + b.Organisation + ": the one it names is of " + d.Organisation
	case d.ended >= 0:
		return "in force: it was ended before"
	case len(d.Acts) > 0 && !slices.Contains(d.Acts, act):
		return "that lets its holder " + act
	case b.At.Before(d.From) || !b.At.Before(d.Until):
		return "within its dates: it is from " + d.From.Format(time.DateOnly) + " until " +
			d.Until.Format(time.DateOnly)
	}
	return ""
}

// evidence verifies of a consent, or of an authorization that brought some, what can be verified (reading 0010).
func (c *consentChecker) evidence(e *seen) {
	t := e.body.Terms
	if text, ok := e.shown("text"); ok {
		c.text(e, text)
	}
	switch t.Evidence {
	case "oidc":
		c.oidc(e)
	case "letter":
		c.letter(e)
	case "none":
		if c.bare++; c.told && !c.weakened {
			c.wrong(CheckEvidence, e, "it is without evidence, which no configuration before it admits")
		}
	default: // of a newer gateway, perhaps: it is neither accepted nor called wrong
		c.foreign++
	}
}

// letter wants the paper to have been deposited for this request by another signatory, so that two people vouch for it
// (reading 0010), unless the configuration admits decisions without evidence.
func (c *consentChecker) letter(e *seen) {
	t := e.body.Terms
	if _, err := ParseHash(t.EvidenceDigest); err != nil {
		c.wrong(CheckEvidence, e, "it does not say which paper was signed")
		return
	}
	deposited := c.letters[e.body.Request+" "+t.EvidenceDigest]
	two := deposited != nil && deposited.Organisation == e.body.Organisation && deposited.Actor != e.body.Actor
	if c.told && !c.weakened && !two {
		c.wrong(CheckEvidence, e, "it rests on a letter that no other signatory deposited before for this request")
	}
	if !slices.Contains(c.options.Letters, t.EvidenceDigest) {
		c.report.Letters = append(c.report.Letters,
			Letter{Entry: e.body.ID, Index: e.index, SHA256: t.EvidenceDigest})
	}
}

func (c *consentChecker) oidc(e *seen) {
	b, t := e.body, e.body.Terms
	token, _ := e.shown("id-token")
	key, _ := e.shown("evidence-key")
	if token == "" || key == "" {
		if b.Private["id-token"] == "" || b.Private["evidence-key"] == "" {
			c.wrong(CheckEvidence, e, "evidence is an ID token, and none was kept")
			return
		}
		c.unseen++
		return
	}
	once := t.EvidenceDigest
	if strings.Contains(token, "\n") {
		once += " " + t.Text // each of the texts that were given together, and none twice
	}
	if at, used := c.tokens[once]; used {
		c.wrong(CheckEvidence, e, "its ID token served the decision at index %d already", at)
	}
	c.tokens[once] = e.index
	said, err := verifyEvidence(token, []byte(key), b.Issuer, t.Text)
	switch {
	case err != nil:
		c.wrong(CheckEvidence, e, "%v", err)
		return
	case digestOf(token) != t.EvidenceDigest || said.thumbprint != t.EvidenceKey:
		c.wrong(CheckEvidence, e, "token or key are not those that it names")
		return
	}
	c.signer(e, said.thumbprint)
	c.bound(e, said)
	c.dated(e, said)
}

// signer compares the key with the sets that the auditor brought: one of another provider is a forgery, an unknown one
// may be of a set that nobody kept.
func (c *consentChecker) signer(e *seen, thumbprint string) {
	issuer := e.body.Issuer
	known := slices.Contains(c.options.IssuerKeys[issuer], thumbprint)
	for other, keys := range c.options.IssuerKeys {
		if !known && slices.Contains(keys, thumbprint) {
			c.wrong(CheckEvidence, e, "signed with the key %s, which is not of %q but of %s", thumbprint,
				shorten(issuer), other)
		}
	}
	if len(c.options.IssuerKeys) > 0 && !known {
		c.strange++
	}
	k := c.keys[issuer+" "+thumbprint]
	if k == nil {
		k = &IssuerKey{Issuer: issuer, Thumbprint: thumbprint, Known: known}
		c.keys[issuer+" "+thumbprint] = k
	}
	k.Consents++
}

// bound holds the token's subject against the Delegation's holder, and its audience against the provider's clients.
func (c *consentChecker) bound(e *seen, said claims) {
	b := e.body
	d, clients := c.delegations[b.Terms.Delegation], c.bindings[b.Organisation].Clients
	if d == nil || d.Holder == "" || len(clients) == 0 {
		c.loose++
	}
	if d != nil && d.Holder != "" && d.Holder != HolderOf(d.Digest, said.Issuer, said.Subject) {
		c.wrong(CheckEvidence, e, "the ID token is of %q, to whom the Delegation was not given", shorten(said.Subject))
	}
	if len(clients) > 0 && !slices.ContainsFunc(said.audience,
		func(a string) bool { return slices.Contains(clients, a) }) {
		c.wrong(CheckEvidence, e, "the ID token was meant for %q, which is no client of the gateway there",
			said.audience)
	}
}

// dated holds the times of the identity provider against the place of the consent: it dates what the operator cannot.
func (c *consentChecker) dated(e *seen, said claims) {
	issued, signed := time.Unix(said.Issued, 0), time.Unix(said.AuthTime, 0)
	if issued.After(e.body.At.Add(timeSlack)) || signed.After(e.body.At.Add(timeSlack)) {
		c.wrong(CheckTime, e, "its ID token was issued on %s, after the consent stood", second(issued))
	}
	for _, name := range e.body.Terms.Relies {
		if q := c.find(name); q != nil && slices.Contains([]Kind{KindRequest, KindAgreement, KindSeries},
			q.body.Kind) &&
			issued.Add(timeSlack).Before(q.at) {
			c.wrong(CheckTime, e, "its ID token was issued on %s, before the %s at index %d", second(issued),
				q.body.Kind, q.index)
		}
	}
}

// text holds the writing that was consented to (reading 0010) against what the entry says.
func (c *consentChecker) text(e *seen, text string) {
	b, t := e.body, e.body.Terms
	if digestOf(text) != t.Text {
		c.wrong(CheckEvidence, e, "the text shown is not the one that was consented to")
		return
	}
	said := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); found {
			said[name] = value
		}
	}
	if e.is(KindSignature) {
		c.signed(e, said)
		return
	}
	c.says(e, said, map[string]string{
		"recipient record sha-256": t.RecipientRecord,
		"purpose":                  strings.Join(t.Purposes, ","),
		"until":                    t.Until.Format(time.RFC3339),
		"form":                     t.Form,
		"signatory":                b.Actor,
	})
	c.says(e, said, about(b))
	if !strings.HasSuffix(said["recipient"], "("+t.Recipient+")") {
		c.wrong(CheckEvidence, e, "the writing is for %q, the entry for %q", shorten(said["recipient"]),
			shorten(t.Recipient))
	}
	decides := " consents, under Article 4(8) "
	if e.is(KindAuthorization, KindStanding) {
		decides = " authorizes, under Article 4(4) "
	}
	if !strings.Contains(said["decision"], decides) {
		c.wrong(CheckEvidence, e, "the writing is no %s: %q", b.Kind, shorten(said["decision"]))
	}
}

// about is what the writing of a decision is of: a request, or a series with its bounds.
func about(b *Body) map[string]string {
	t := b.Terms
	if b.Kind != KindStanding {
		return map[string]string{"request": b.Request}
	}
	return map[string]string{"series": t.Series, "markings": strings.Join(t.Markings, " "),
		"people": cmp.Or(strings.Join(t.People, " "), "none")}
}

// signed holds the writing of a signature (reading 0010) against what the entry says.
func (c *consentChecker) signed(e *seen, said map[string]string) {
	b, t := e.body, e.body.Terms
	c.says(e, said, map[string]string{
		"agreement":                  t.Agreement,
		"agreement sha-256":          t.AgreementText,
		"third party record sha-256": t.RecipientRecord,
		"signatory":                  b.Actor,
		"mandate":                    t.Delegation,
	})
	if !strings.HasSuffix(said["third party"], "("+t.Recipient+")") {
		c.wrong(CheckEvidence, e, "the writing is of %q, the entry of %q", shorten(said["third party"]),
			shorten(t.Recipient))
	}
	if !strings.Contains(said["signature"], " signs, under Article 4(8) ") {
		c.wrong(CheckEvidence, e, "the writing is no %s: %q", b.Kind, shorten(said["signature"]))
	}
}

// says holds the lines of a writing against what the entry says.
func (c *consentChecker) says(e *seen, said, wanted map[string]string) {
	for name, want := range wanted {
		if said[name] != want {
			c.wrong(CheckEvidence, e, "the writing says %s %q, the entry %q", name, shorten(said[name]), shorten(want))
		}
	}
}

func (c *consentChecker) finish() {
	for _, key := range slices.Sorted(maps.Keys(c.keys)) {
		c.report.IssuerKeys = append(c.report.IssuerKeys, *c.keys[key])
	}
	c.say(CheckEvidence, "%s", c.report.consents())
	if c.decisions > 0 {
		c.say(CheckAuthority, "%s, each under a Delegation or a Mandate in force", Several(c.decisions, "decision"))
	}
	c.gap("evidence of consents that the bundle does not show", c.unseen)
	c.gap("consents signed with a key that is in none of the sets that you brought: of its time, perhaps", c.strange)
	c.gap("consents whose ID token could not be held against a Delegation's holder and a client: the configuration "+
		"does not say", c.loose)
	c.gap("decisions with evidence of kinds that this build does not know: take a newer one", c.foreign)
	c.gap("consents without evidence, which the configuration admits", c.bare)
	c.gap("consents on paper: hold each letter against its SHA-256", int64(len(c.report.Letters)))
	c.gap("decisions before a configuration entry named the Delegations: whether their signatories had one",
		c.unfounded)
}
