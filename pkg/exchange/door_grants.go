package exchange

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// basis is what the facts of a request are made of, besides the request with its decisions and agreements.
type basis struct {
	records         *register.Records
	evidence        EvidenceVerifier // its Check alone, which asks nobody
	admitNoEvidence bool
}

// grants are what each request may be relied on for: its decisions with their authority and evidence, its agreement.
func (b basis) grants(requests []register.Request) ([]article4.GrantFacts, error) {
	out := make([]article4.GrantFacts, len(requests))
	for i, q := range requests {
		beneficiary, err := b.records.Organisation(q.Beneficiary)
		if err != nil {
			return nil, err
		}
		g := article4.GrantFacts{
			Request:    q.ID,
			Version:    q.Version,
			For:        q.Beneficiary,
			ForKind:    beneficiary.Kind,
			AskedBy:    q.AskedBy,
			People:     q.People,
			Admitted:   q.Admitted,
			Purpose:    q.Purpose,
			Until:      q.Until,
			Form:       q.Form,
			MadeAt:     q.MadeAt,
			LapseAfter: q.LapsesAt.Sub(q.MadeAt),
			Withdrawn:  !q.WithdrawnAt.IsZero(),
			Lapsed:     q.Closed == article4.StateLapsed,
		}
		for _, l := range q.Decisions {
			facts, err := b.decision(l, beneficiary)
			if err != nil {
				return nil, err
			}
			g.Decisions = append(g.Decisions, facts)
			narrow(&g, l)
		}
		g.Agreements = b.agreementsFacts(q, beneficiary)
		out[i] = g
	}
	return out, nil
}

// narrow lets a decision shorten the term, ask for a narrower form and set conditions; never the other way.
func narrow(g *article4.GrantFacts, l register.Decision) {
	if !l.Given {
		return
	}
	if l.Until.Before(g.Until) {
		g.Until = l.Until
	}
	if l.Form.Within(g.Form) {
		g.Form = l.Form
	}
	if l.ConditionsSHA != "" {
		g.ConditionsOf = conditionsOf(g.ConditionsOf, l.ConditionsSHA)
	}
}

// conditionsOf joins the conditions of several decisions: the reader accepts all of them by one hash.
func conditionsOf(before, next article4.Digest) article4.Digest {
	if before == "" {
		return next
	}
	return digestOf(string(before) + "\n" + string(next))
}

func (b basis) decision(l register.Decision, beneficiary register.Organisation) (article4.DecisionFacts, error) {
	by, err := b.records.Organisation(l.Organisation)
	if err != nil {
		return article4.DecisionFacts{}, err
	}
	f := article4.DecisionFacts{
		ID:            l.ID,
		Kind:          l.Kind,
		By:            l.Organisation,
		State:         decisionState(l),
		Version:       l.Version,
		Recipient:     l.Recipient,
		SameRecipient: l.Recipient == beneficiary.ID && l.RecipientRecord == recordOf(beneficiary),
		Purpose:       l.Purpose,
		Until:         l.Until,
		Authority:     by.Kind == article4.ThirdParty && l.Filed, // by two signatories of the Discloser
	}
	if l.Standing != "" {
		f.Version, f.Series, f.Markings, f.GivenBy = "", l.Series, l.Markings, l.By
	}
	if !f.Authority {
		d, ok := b.records.Delegation(l.Delegation)
		f.Authority = ok && d.Organisation == l.Organisation && d.Covers(actOf(l), l.At)
	}
	if !l.Given { // of a refusal none is asked
		f.EvidenceValid = true
		return f, nil
	}
	f.TransferBasis = l.TransferBasis != ""
	f.EvidenceValid = b.evidenceStands(l, by)
	return f, nil
}

func actOf(l register.Decision) article4.Act {
	switch {
	case !l.Given:
		return article4.ActRefuse
	case l.Kind == article4.Consent:
		return article4.ActConsent
	}
	return article4.ActAuthorize
}

func decisionState(l register.Decision) article4.DecisionState {
	switch {
	case l.Withdrawal != nil:
		return article4.DecisionWithdrawn
	case !l.Given:
		return article4.DecisionRefused
	}
	return article4.DecisionGiven
}

// evidenceStands checks a decision's evidence at every use, not only when it was given. It asks nobody: the token was
// kept with the key that it was signed by, and the subject was read with the decision.
func (b basis) evidenceStands(l register.Decision, by register.Organisation) bool {
	if !l.Given || digestOf(l.Text) != l.TextSHA {
		return false
	}
	if l.Filed { // the entity's letter, deposited here, by the digest that two signatories confirmed
		return l.Instrument != "" && (l.LetterBy != "" || b.admitNoEvidence)
	}
	switch l.Evidence {
	case article4.EvidenceNone:
		return b.admitNoEvidence
	case "": // given before authorizations brought evidence
		return l.Kind == article4.Authorization && b.admitNoEvidence
	case article4.EvidenceLetter: // deposited here by another signatory; a digest alone shows no more than none
		return l.EvidenceSHA != "" && (b.admitNoEvidence || l.LetterBy != "" && l.LetterBy != l.By)
	case article4.EvidenceOIDC:
		token, digest, err := ledger.EvidenceOf(l.EvidenceText, string(l.TextSHA))
		return err == nil && l.Signer != "" && digestOf(l.EvidenceText) == l.EvidenceSHA &&
			b.evidence.Check(token, l.EvidenceKey, by.Issuer, l.Signer, nonceOf(article4.Digest(digest))) == nil
	}
	return false
}

// nonceOf is what the ID token behind a consent carries: the text's digest in base64url, without padding.
func nonceOf(d article4.Digest) string {
	raw, err := hex.DecodeString(string(d))
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// agreementsFacts: the text that the consent names, and the newest that each Party put to the third party, bind each by
// itself (reading 0003).
func (b basis) agreementsFacts(q register.Request, beneficiary register.Organisation) article4.AgreementsFacts {
	none := article4.AgreementNotRequired
	out := article4.AgreementsFacts{Named: none, OfDiscloser: none, OfRecipient: none}
	if beneficiary.Kind != article4.ThirdParty {
		return out
	}
	of := map[article4.OrganisationID][]register.AgreementPut{}
	for _, text := range q.Agreements {
		of[text.ProposedBy] = append(of[text.ProposedBy], text)
	}
	for party, put := range of {
		if party == q.Discloser {
			out.OfDiscloser = b.standingOf(put, q.Decisions, beneficiary)
		} else {
			out.OfRecipient = b.standingOf(put, nil, beneficiary)
		}
	}
	for _, l := range q.Decisions {
		if l.Given && l.Kind == article4.Consent && l.Agreement != "" {
			out.Named = b.namedStanding(of, l, beneficiary)
		}
	}
	return out
}

// namedStanding: the text that a consent names is signed, or an earlier one of the same Party is that the consent lets
// serve.
func (b basis) namedStanding(of map[article4.OrganisationID][]register.AgreementPut, l register.Decision,
	signer register.Organisation) article4.AgreementStanding {
	for _, put := range of {
		at := slices.IndexFunc(put, func(text register.AgreementPut) bool { return text.ID == l.Agreement })
		if at >= 0 {
			return b.standingOf(put[at:], []register.Decision{l}, signer)
		}
	}
	return article4.AgreementUnsigned
}

// standingOf is what became of the texts of one Party, the newest first. One that was declined stays the newest: by
// declining, the third party does not get back what an earlier text gave it (decision 0380).
func (b basis) standingOf(texts []register.AgreementPut, decisions []register.Decision,
	signer register.Organisation) article4.AgreementStanding {
	if len(texts) == 0 {
		return article4.AgreementNotRequired
	}
	newest := texts[0]
	if newest.Signature != "" && !newest.Declined {
		return b.signed(newest, signer)
	}
	serves := func(l register.Decision) bool {
		return l.Given && l.Kind == article4.Consent && l.EarlierServes && l.At.After(newest.ProposedAt)
	}
	standing := article4.AgreementUnsigned
	earlier := texts[1:]
	at := slices.IndexFunc(earlier, func(a register.AgreementPut) bool { return a.Signature != "" && !a.Declined })
	switch {
	case at >= 0 && slices.ContainsFunc(decisions, serves):
		standing = b.signed(earlier[at], signer)
	case newest.Declined:
		standing = article4.AgreementDeclined
	case at >= 0:
		standing = article4.AgreementSuperseded
	}
	return standing
}

// signed is whether a signature is proven to be of whoever signed, at every use, as evidenceStands asks it of a
// decision.
func (b basis) signed(a register.AgreementPut, signer register.Organisation) article4.AgreementStanding {
	p := a.Proof
	ofThis := p != nil && signs(p.Text, a)
	switch {
	case p == nil:
		return article4.AgreementUnproven
	case p.Evidence == article4.EvidenceOIDC && ofThis && p.Signer != "" && b.evidence.Check(p.EvidenceText,
		p.EvidenceKey, signer.Issuer, p.Signer, nonceOf(digestOf(p.Text))) == nil:
		return article4.AgreementSigned
	case p.Evidence == article4.EvidenceNone && ofThis && b.admitNoEvidence:
		return article4.AgreementSigned
	case p.Evidence == "" && p.Text == "" && b.admitNoEvidence: // signed before signatures brought it
		return article4.AgreementSigned
	}
	return article4.AgreementUnproven
}

// access puts a reading before the rules, and the requests and releases that it may rely on.
func (b basis) access(r Reading, requests []register.Request, releases []register.Release) (*article4.AccessFacts,
	error) {
	grants, err := b.grants(requests)
	if err != nil {
		return nil, err
	}
	if r.Form == "" {
		r.Form = article4.Stamped
	}
	out := &article4.AccessFacts{
		Purpose:          r.Purpose,
		StatementPresent: strings.TrimSpace(r.Statement) != "",
		Form:             r.Form,
		File:             r.File,
		Conditions:       r.ConditionsSHA256,
		StampAvailable:   true,
		Grants:           grants,
	}
	for _, rel := range releases {
		out.Releases = append(out.Releases, article4.ReleaseFacts{To: rel.To, Purpose: rel.Purpose,
			TransferBasis: rel.TransferBasis != "", ByDiscloser: rel.ByDiscloser})
	}
	return out, nil
}
