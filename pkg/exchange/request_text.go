package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// resolution is a verdict with everything settled that it left to the request, and the text that says it.
type resolution struct {
	verdict   Verdict
	kind      article4.DecisionKind
	until     time.Time
	form      article4.Form
	agreement *register.AgreementPut // that binds; nil: none
	// entitiesNone: the decision repeats and confirms that no entity is concerned (Article 4(4)).
	entitiesNone bool
	relies       []register.Decision // authorizations that stand on the request already
	text         string
	digest       article4.Digest
}

// resolve settles a verdict against the request and writes its canonical text: the writing of Article 4(8) (reading
// 0010). The text holds no instant, so that it is the same when it is shown and when it is given.
func (v *visit) resolve(ctx context.Context, in Verdict) (resolution, error) {
	q := v.request
	r := resolution{verdict: in, kind: v.kindOfDecision(in.Act), until: in.Until.UTC().Truncate(time.Microsecond),
		form: in.Form}
	beneficiary, err := v.organisation(q.Beneficiary)
	if err != nil {
		return r, err
	}
	ofDiscloser := v.decidesForDiscloser()
	r.entitiesNone = ofDiscloser && v.document.EntitiesNone
	// as the decisions before this one restricted it: nobody puts into writing what will not hold
	asked := v.facts.Request.Grant
	if in.Until.IsZero() {
		r.until = asked.Until
	}
	if r.form == "" {
		r.form = asked.Form
	}
	if in.Act == article4.ActConsent {
		if r.agreement, err = v.bindingAgreement(in); err != nil {
			return r, err
		}
	}
	for _, l := range q.Decisions {
		if l.Kind == article4.Authorization && l.Given && l.Withdrawal == nil {
			r.relies = append(r.relies, l)
		}
	}
	r.text, err = v.write(ctx, r, beneficiary)
	r.digest = digestOf(r.text)
	return r, err
}

// kindOfDecision is what an act of the caller's on the request decides: a refusal of the Discloser's to a third party
// is of a consent.
func (v *visit) kindOfDecision(act article4.Act) article4.DecisionKind {
	toThirdParty := v.facts.Request.Grant.ForKind == article4.ThirdParty
	if act == article4.ActConsent || act == article4.ActRefuse && v.decidesForDiscloser() && toThirdParty {
		return article4.Consent
	}
	return article4.Authorization
}

func (v *visit) decidesForDiscloser() bool { return v.actor.organisation.ID == v.document.Discloser }

// bindingAgreement is the newest text put to the third party: one that either Party asks for, binds (reading 0003).
// What was declined binds nobody.
func (v *visit) bindingAgreement(in Verdict) (*register.AgreementPut, error) {
	texts := slices.DeleteFunc(slices.Clone(v.request.Agreements),
		func(text register.AgreementPut) bool { return text.Declined })
	asked := in.AgreementRequired
	switch {
	case len(texts) == 0 && asked != nil && *asked:
		return nil, invalid.One(invalid.NoAgreementText, "agreement_required", "")
	case len(texts) > 0 && asked != nil && !*asked:
		return nil, invalid.One(invalid.AgreementBinds, "agreement_required", "")
	case len(texts) == 0:
		return nil, nil
	}
	return &texts[0], nil
}

var verbs = map[article4.Act]string{
	article4.ActAuthorize: "authorizes, under Article 4(4) of the Arrangement, the exchange described here",
	article4.ActConsent: "consents, under Article 4(8) of the Arrangement, to the disclosure described here, and " +
		"to no other",
	article4.ActRefuse: "refuses the request described here",
}

// write is the canonical text, version 1: lines of "name: value", names in this order, values on one line.
func (v *visit) write(ctx context.Context, r resolution, beneficiary register.Organisation) (string, error) {
	version, err := v.register.Version(ctx, v.tx, v.request.Version)
	if err != nil {
		return "", err
	}
	var t strings.Builder
	line := func(name, value string) { fmt.Fprintf(&t, "%s: %s\n", name, oneLine(value)) }
	fmt.Fprintf(&t, "CHANCERY DECISION, canonical text, version 1\n")
	line("arrangement", v.arrangement.Title)
	line("decision", fmt.Sprintf("%s %s", v.actor.organisation.Name, verbs[r.verdict.Act]))
	line("request", string(v.request.ID))
	line("document", v.document.Reference)
	line("marking", string(v.document.Marking))
	line(v.versionText(version))
	if v.request.Carries != "" {
		before, err := v.carried(ctx)
		if err != nil {
			return "", err
		}
		name, value := v.versionText(before)
		line("serves this version as well as "+name, fmt.Sprintf("%s (%s)", value, v.request.Carries))
	}
	line("recipient", fmt.Sprintf("%s (%s)", beneficiary.Name, beneficiary.ID))
	line("recipient record sha-256", string(beneficiary.Record))
	line("people", peopleText(v.request.People))
	line("purpose", string(v.request.Purpose))
	line("until", r.until.Format(time.RFC3339))
	line("form", string(r.form))
	line("conditions", orNone(r.verdict.Conditions))
	line("confidentiality agreement sha-256", agreementText(r.agreement))
	line("earlier agreement serves", yes(r.verdict.EarlierServes))
	if v.decidesForDiscloser() {
		line("entities concerned", entitiesText(*v.document))
	}
	line("authorizations relied on", v.reliedText(r.relies))
	if r.verdict.Act == article4.ActConsent {
		line("legal basis of the transfer", orNone(r.verdict.TransferBasis))
	}
	line("signatory", string(v.actor.person))
	line("delegation", v.delegationText())
	line("statement", orNone(r.verdict.Statement))
	return t.String(), nil
}

// versionText names the version: to whom its digest would tell whether a file that they guess is the one, by the
// commitment to it that stands in the entry by which it came in.
func (v *visit) versionText(version register.Version) (name, value string) {
	if v.ofParty() {
		return "version sha-256", string(version.SHA256)
	}
	return "version commitment", version.Commitment
}

// oneLine keeps a value from looking like several lines.
func oneLine(s string) string {
	return strings.NewReplacer("\\", `\\`, "\r", `\r`, "\n", `\n`).Replace(s)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func peopleText(people []article4.PersonID) string {
	if len(people) == 0 {
		return "the asker, and those whom the recipient's focal point admits"
	}
	return strings.Join(texts(slices.Sorted(slices.Values(people))), " ") +
		", and those whom the recipient's focal point admits"
}

func agreementText(a *register.AgreementPut) string {
	if a == nil {
		return "none"
	}
	return string(a.TextSHA)
}

// reliedText names the decisions of which whoever decides may know.
func (v *visit) reliedText(decisions []register.Decision) string {
	var out []string
	for _, l := range decisions {
		if v.hides(v.document, l.Organisation) {
			continue
		}
		out = append(out, string(l.ID)+"="+l.EntryHash)
	}
	slices.Sort(out)
	return orNone(strings.Join(out, " "))
}

func (v *visit) delegationText() string {
	if v.delegation == nil {
		return "none: focal point of an entity concerned"
	}
	return string(v.delegation.Digest)
}
