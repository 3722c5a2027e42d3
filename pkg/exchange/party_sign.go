package exchange

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// DraftSignature answers the canonical text that Sign would put into writing, without signing. The rules are asked as
// if the evidence were there and the sign-in fresh.
func (g *Gateway) DraftSignature(ctx context.Context, a Actor, id article4.AgreementID, s Signing) (CanonicalText,
	error) {
	if err := s.check(); err != nil {
		return CanonicalText{}, err
	}
	var found register.Agreement
	return perform(ctx, g, a, act[CanonicalText]{
		operation: operation{act: article4.ActSign, what: "agreement", target: string(id),
			facts: func(ctx context.Context, v *visit) error {
				var newest bool
				var err error
				if found, newest, err = v.agreement(ctx, id); err != nil {
					return err
				}
				s.Evidence.Kind = article4.EvidenceOIDC
				v.facts.Actor.SignIn = article4.SignInFresh
				return v.signingFacts(found, newest, s, true)
			}},
		do: func(_ context.Context, v *visit) (CanonicalText, error) {
			text, err := v.signatureText(found, s)
			digest := digestOf(text)
			return CanonicalText{Text: text, SHA256: digest, Nonce: nonceOf(digest)}, err
		}})
}

// Sign signs an agreement once, by the third party's representative, who states function and authority (Article 4(8)).
// What is signed is a canonical text that names the agreement and its text, with the signer's own sign-in for it as
// evidence (reading 0010).
func (g *Gateway) Sign(ctx context.Context, a Actor, id article4.AgreementID, s Signing) (Agreement, error) {
	s = s.settled()
	if err := s.check(); err != nil {
		return Agreement{}, err
	}
	shown, finding, err := g.verifySignature(ctx, a, id, s)
	if err != nil {
		return Agreement{}, err
	}
	var found register.Agreement
	return perform(ctx, g, a, act[Agreement]{
		operation: operation{act: article4.ActSign, what: "agreement", target: string(id), lock: register.ForShare,
			facts: func(ctx context.Context, v *visit) error {
				var newest bool
				var err error
				if found, newest, err = v.agreement(ctx, id); err != nil {
					return err
				}
				return v.signingFacts(found, newest, s, finding != nil || s.Evidence.Kind == article4.EvidenceNone)
			}},
		do: func(ctx context.Context, v *visit) (Agreement, error) {
			text, err := v.signatureText(found, s)
			if err == nil && finding != nil && digestOf(text) != shown {
				err = ErrChanged
			}
			if err != nil {
				return Agreement{}, err
			}
			return v.sign(ctx, found, s, text, finding)
		},
		replay:    func(ctx context.Context, _ string) (Agreement, error) { return g.DescribeAgreement(ctx, a, id) },
		conflicts: map[string]string{"signature_pkey": "this text was signed already"},
	})
}

// settled: a signature that brings no evidence says so. Whether that is admitted, the rules say.
func (s Signing) settled() Signing {
	if s.Evidence.Kind == "" {
		s.Evidence.Kind = article4.EvidenceNone
	}
	return s
}

func (s Signing) check() error {
	var c checks
	c.line("name", "4(8)", s.Name, maxName)
	c.line("function", "4(8)", s.Function, maxName)
	c.line("authority", "4(8)", s.Authority, maxStatement)
	c.digest("text_sha256", s.SHA256)
	if k := s.Evidence.Kind; k != "" && k != article4.EvidenceOIDC && k != article4.EvidenceNone {
		c.Add(invalid.NotEvidence, "evidence.kind", "4(8)")
	}
	if len(s.Evidence.IDToken) > 16<<10 {
		c.Add(invalid.TokenTooLong, "evidence.id_token", "4(8)")
	}
	return c.Err()
}

// verifySignature checks an ID token before any lock is taken, as verifyEvidence does a decision's.
func (g *Gateway) verifySignature(ctx context.Context, a Actor, id article4.AgreementID, s Signing) (article4.Digest,
	*Finding, error) {
	if s.Evidence.Kind != article4.EvidenceOIDC || s.Evidence.IDToken == "" {
		return "", nil, nil
	}
	text, err := g.DraftSignature(ctx, a, id, s)
	if err != nil {
		return "", nil, err
	}
	finding, err := g.signedBy(ctx, a, s.Evidence.IDToken, text.Nonce)
	return text.SHA256, finding, err
}

func (v *visit) signingFacts(a register.Agreement, newest bool, s Signing, evidenceValid bool) error {
	o, err := v.organisation(a.Organisation)
	stated := strings.TrimSpace(s.Name) != "" && strings.TrimSpace(s.Function) != "" &&
		strings.TrimSpace(s.Authority) != "" && s.Accepts
	v.facts.Agreement = &article4.AgreementFacts{
		Organisation:      a.Organisation,
		OrganisationKind:  o.Kind,
		ProposedBy:        a.ProposedByOrg,
		TextPresent:       true,
		CurrentText:       newest && s.SHA256 == a.TextSHA,
		Declined:          a.Decline != nil,
		StatementsPresent: stated,
		Evidence:          s.Evidence.Kind,
		EvidenceValid:     evidenceValid,
		EvidenceAdmitted:  v.settings.AdmitNoEvidence,
	}
	return err
}

// signatureText is the canonical text of a signature, version 1, in the form of a decision's: no instant of its own, so
// that it is the same when it is shown and when it is signed.
func (v *visit) signatureText(a register.Agreement, s Signing) (string, error) {
	signer, err := v.organisation(a.Organisation)
	if err != nil {
		return "", err
	}
	by, err := v.organisation(a.ProposedByOrg)
	if err != nil {
		return "", err
	}
	var t strings.Builder
	line := func(name, value string) { fmt.Fprintf(&t, "%s: %s\n", name, oneLine(value)) }
	fmt.Fprintf(&t, "CHANCERY SIGNATURE, canonical text, version 1\n")
	line("arrangement", v.arrangement.Title)
	line("signature", signer.Name+" signs, under Article 4(8) of the Arrangement, the Confidentiality Agreement "+
		"named here")
	line(agreementLine, string(a.ID))
	line(agreementTextLine, string(a.TextSHA))
	line("put by", fmt.Sprintf("%s (%s)", by.Name, by.ID))
	line("put on", a.ProposedAt.Format(time.RFC3339))
	line("third party", fmt.Sprintf("%s (%s)", signer.Name, signer.ID))
	line("third party record sha-256", string(signer.Record))
	line("name", s.Name)
	line("function", s.Function)
	line("authority", s.Authority)
	line("signatory", string(v.actor.person))
	mandate := ""
	if v.delegation != nil {
		mandate = string(v.delegation.Digest)
	}
	line("mandate", orNone(mandate))
	return t.String(), nil
}

// What a signature's text names its agreement by.
const (
	agreementLine     = "agreement"
	agreementTextLine = "agreement sha-256"
)

// signs reports whether a canonical text is of a signature under this agreement.
func signs(text string, a register.AgreementPut) bool {
	return strings.Contains(text, "\n"+agreementLine+": "+string(a.ID)+"\n") &&
		strings.Contains(text, "\n"+agreementTextLine+": "+string(a.TextSHA)+"\n")
}

func (v *visit) sign(ctx context.Context, a register.Agreement, s Signing, text string, finding *Finding) (Agreement,
	error) {
	signer, err := v.organisation(a.Organisation)
	if err != nil {
		return Agreement{}, err
	}
	sig := register.Signature{
		Agreement: a.ID,
		By:        v.actor.person,
		At:        v.at,
		Name:      s.Name,
		Function:  s.Function,
		Authority: s.Authority,
		Text:      text,
		Evidence:  s.Evidence.Kind,
	}
	if finding != nil {
		sig.EvidenceText, sig.EvidenceKey = s.Evidence.IDToken, finding.JWK
	}
	entry, err := v.recordSignature(ctx, a, sig, signer, finding)
	if err != nil {
		return Agreement{}, err
	}
	sig.Entry, sig.EntryHash = entry.id, entry.hash
	tell, err := v.comesIntoForce(ctx, "", a.Organisation)
	if err != nil {
		return Agreement{}, err
	}
	if err := v.register.AddSignature(ctx, v.tx, signer, sig); err != nil {
		return Agreement{}, err
	}
	a.Signature = &sig
	err = v.tellAgreement(ctx, a, a.ProposedByOrg, facts{"how": "signed", "organisation": signer.Name}, entry)
	if err != nil {
		return Agreement{}, err
	}
	if err := tell(entry.id); err != nil {
		return Agreement{}, err
	}
	return v.agreementShown(ctx, a, true)
}

func (v *visit) recordSignature(ctx context.Context, a register.Agreement, sig register.Signature,
	signer register.Organisation, finding *Finding) (written, error) {
	body := v.body(ledger.KindSignature, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Recipient:       string(a.Organisation),
		RecipientRecord: string(signer.Record),
		Agreement:       string(a.ID),
		AgreementText:   string(a.TextSHA),
		Text:            string(digestOf(sig.Text)),
		Evidence:        string(sig.Evidence),
		Relies:          []string{a.EntryHash},
	}
	if finding != nil {
		body.Terms.EvidenceDigest, body.Terms.EvidenceKey = string(digestOf(sig.EvidenceText)), finding.Thumbprint
	}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	return v.record(ctx, body, v.partiesFrom(a.ProposedByOrg), []private{{"name", sig.Name},
		{"function", sig.Function}, {"authority", sig.Authority}, {"text", sig.Text}, {"id-token", sig.EvidenceText},
		{"evidence-key", string(sig.EvidenceKey)}})
}
