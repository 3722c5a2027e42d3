package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
)

// longestOnLabel bounds the handling instruction and the conditions on a label, in letters: with both, and every letter
// escaped, a label stays below label.MaxSize.
const longestOnLabel = 2_500

// Label is the signed label that lies beside what a disclosure hands out, bound to its SHA-256. It is decided, and
// waits for a copy in the making, as Content.
func (g *Gateway) Label(ctx context.Context, a Actor, id article4.DisclosureID) ([]byte, error) {
	var out []byte
	err := g.whenMade(ctx, a, id, func() error {
		var err error
		out, err = permitContent(ctx, g, a, id,
			func(_ context.Context, v *visit, found register.Disclosure, handedOut register.Version) ([]byte, error) {
				from, err := v.organisation(v.document.Discloser)
				if err != nil {
					return nil, err
				}
				l := v.labelOf(found, from)
				l.Copy = string(handedOut.SHA256)
				return label.Sign(v.labelKey, l)
			})
		return err
	})
	return out, err
}

// labelOf is what the label of a disclosure says. The one inside a copy cannot name the copy's digest.
func (v *visit) labelOf(d register.Disclosure, from register.Organisation) label.Label {
	g := v.groundOf(d)
	return label.Label{
		CopyNumber:   d.CopyNumber,
		Marking:      string(d.Marking),
		Alias:        v.document.Alias,
		Discloser:    from.Name,
		Recipient:    v.actor.organisation.Name,
		GivenTo:      g.givenTo,
		Person:       string(d.Person),
		Purpose:      string(d.Purpose),
		PurposeWords: v.purposeWords(d.Purpose),
		Authority:    g.authority,
		Paragraph:    g.paragraph,
		Proprietary:  v.document.Proprietary,
		Handling:     shortened(v.document.Handling, longestOnLabel),
		Conditions:   shortened(g.conditions, longestOnLabel),
		Reference:    v.document.Reference,
		Disclosure:   string(d.ID),
		Date:         d.At,
		Notice:       noticeOf(d.Marking, v.document.Proprietary),
		Original:     string(v.version.SHA256),
		OriginalSize: v.version.Size,
	}
}

// markOf puts on the pages what the label says. The notice is the mark's own, by the same rule.
func markOf(l label.Label) stamp.Mark {
	return stamp.Mark{
		Marking:      l.Marking,
		Discloser:    l.Discloser,
		Recipient:    l.Recipient,
		GivenTo:      l.GivenTo,
		Person:       l.Person,
		CopyNumber:   l.CopyNumber,
		Purpose:      orNone(l.Purpose),
		PurposeWords: l.PurposeWords,
		Authority:    l.Authority,
		Paragraph:    l.Paragraph,
		Proprietary:  l.Proprietary,
		Handling:     l.Handling,
		Conditions:   l.Conditions,
		Date:         l.Date,
		Reference:    l.Reference,
	}
}

// noticeOf is the sentence on what comes after: 4(8) speaks of what is protected, and 4(5) of what is proprietary too.
func noticeOf(m article4.Marking, proprietary bool) string {
	if m == article4.NonConfidential && !proprietary {
		return stamp.OpenNotice
	}
	return stamp.DefaultNotice
}

// purposeWords is the purpose as the Arrangement, or a specific arrangement, words it.
func (v *visit) purposeWords(code article4.PurposeCode) string {
	i := slices.IndexFunc(v.records.Purposes, func(p register.Purpose) bool { return p.Code == code })
	if i < 0 {
		return ""
	}
	return v.records.Purposes[i].Label
}

// ground is to whom and by what right a disclosure is made, as its copy says it.
type ground struct {
	givenTo    string
	paragraph  string // of the Arrangement; empty: none speaks of it
	authority  string // the decision, with its identifier; empty: none was needed
	conditions string // to which the reader agreed
}

// groundOf tells it by the request that the disclosure rested on when it was made.
func (v *visit) groundOf(d register.Disclosure) ground {
	relied := v.grantOf(d.Request)
	reader := v.actor.organisation
	var g ground
	if relied != nil && d.Conditions != "" {
		for _, l := range relied.Decisions {
			g.conditions = joined(g.conditions, l)
		}
	}
	switch {
	case reader.ID == d.Discloser:
		g.givenTo = "the Discloser's own people"
		if relied != nil {
			g.paragraph, g.authority = "4(6)", "admission "+string(relied.ID)
		}
	case reader.Kind == article4.ThirdParty && d.Marking == article4.NonConfidential:
		g.givenTo, g.paragraph, g.authority = "third party", "4(2)", v.releaseFor(d)
	case reader.Kind == article4.ThirdParty:
		g.givenTo, g.paragraph, g.authority = "third party", "4(8)", leaveOf(relied, d.Discloser, article4.Consent)
	case d.Marking == article4.NonConfidential:
		g.givenTo, g.paragraph = "Party", "4(2)"
	default:
		g.givenTo, g.paragraph, g.authority = "Party", "4(4)", leaveOf(relied, d.Discloser, article4.Authorization)
	}
	return g
}

// grantOf finds a request among those that the reader's organisation may rely on.
func (v *visit) grantOf(id article4.RequestID) *register.Request {
	i := slices.IndexFunc(v.grants, func(q register.Request) bool { return q.ID == id })
	if id == "" || i < 0 {
		return nil
	}
	return &v.grants[i]
}

// leaveOf names the Discloser's decision on a request, or else the request. Those of the entities concerned stay with
// the Discloser.
func leaveOf(q *register.Request, discloser article4.OrganisationID, kind article4.DecisionKind) string {
	if q == nil {
		return ""
	}
	for _, l := range slices.Backward(q.Decisions) {
		if l.Kind == kind && l.Organisation == discloser && l.Given && l.Withdrawal == nil {
			return string(kind) + " " + string(l.ID) + ", " + l.At.UTC().Format("2 January 2006")
		}
	}
	return "request " + string(q.ID)
}

// releaseFor names the Release to the reader's organisation that serves the purpose.
func (v *visit) releaseFor(d register.Disclosure) string {
	for _, r := range slices.Backward(v.situation.Dossier.Releases) {
		if r.Purpose == d.Purpose && (r.ByDiscloser || !v.document.Proprietary) {
			return "release " + r.ID + ", " + r.At.UTC().Format("2 January 2006")
		}
	}
	return ""
}

// shortened keeps the first n letters.
func shortened(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
