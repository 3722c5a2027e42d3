package exchange

import (
	"context"
	"io"
	"regexp"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
)

// Clue is what was found on a street: a copy number, a line off a page, or the file itself.
type Clue struct {
	Text      string // a number, or any text that holds one
	Content   io.Reader
	Size      int64
	MediaType string
	SHA256    article4.Digest // of the content, or given alone
}

// Traced is one copy that a clue leads to.
type Traced struct {
	CopyNumber   string
	By           string // "number", "digest", "label"
	Document     article4.DocumentID
	Reference    string
	Version      article4.VersionID
	Organisation article4.OrganisationID
	Person       article4.PersonID
	Purpose      article4.PurposeCode
	Form         article4.Form
	At           time.Time
	Disclosure   article4.DisclosureID
	Entry        string
}

// numbers are copy numbers in a text, however they were typed.
var numbers = regexp.MustCompile(`(?i)\bC-[0-9A-Z]{5}-[0-9A-Z]{6}\b`)

// Trace names whose copies a clue leads to: copy, recipient, purpose, time and entry. Signatories and auditors of a Party
// may ask, and learn of copies of their own Party's documents only. The question is an entry.
func (g *Gateway) Trace(ctx context.Context, a Actor, clue Clue) ([]Traced, error) {
	var c checks
	c.text("text", "4(6)", clue.Text, maxStatement)
	c.digest("sha256", clue.SHA256)
	if clue.Text == "" && clue.SHA256 == "" && clue.Content == nil {
		c.add("missing-field", "text", "4(6)", "give a copy number, a line off a page, the file, or its SHA-256")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	wanted, by := g.wanted(ctx, clue)
	var out []Traced
	err := g.enter(ctx, a, errand{act: article4.ActTrace, what: "copy", lock: register.ForShare,
		then: func(ctx context.Context, v *visit) error {
			found, err := g.Register.Copies(ctx, v.tx, a.organisation.ID, wanted, clue.SHA256)
			if err != nil {
				return err
			}
			body := v.body(ledger.KindTracing, ledger.Permitted)
			body.Terms = &ledger.Terms{Digest: string(clue.SHA256)}
			for _, t := range found {
				how := by[t.CopyNumber]
				if how == "" {
					how = "digest"
				}
				out = append(out, Traced{CopyNumber: t.CopyNumber, By: how, Document: t.Document, Reference: t.Reference, Version: t.Version,
					Organisation: t.Organisation, Person: t.Person, Purpose: t.Purpose, Form: t.Form, At: t.At, Disclosure: t.ID, Entry: t.Entry})
				body.Terms.People = append(body.Terms.People, string(t.Person))
			}
			_, err = v.record(ctx, body, v.ownParties(), []private{{"clue", clue.Text}})
			return err
		}})
	return out, err
}

// wanted reads the copy numbers off a clue: those in its text, and the one on the label that the file carries.
func (g *Gateway) wanted(ctx context.Context, clue Clue) ([]string, map[string]string) {
	by := map[string]string{}
	for _, n := range numbers.FindAllString(strings.ToUpper(clue.Text), 20) {
		if register.ValidNumber(n) {
			by[n] = "number"
		}
	}
	if clue.Content != nil && g.Stamper.Can(clue.MediaType) {
		found, err := g.Stamper.Probe(ctx, stamp.Source{Reader: clue.Content, Size: clue.Size, MediaType: clue.MediaType})
		if err == nil && found.Label != nil {
			if found, err := label.Open(found.Label, g.LabelVerifier); err == nil {
				by[found.CopyNumber] = "label"
			}
		}
	}
	var out []string
	for n := range by {
		out = append(out, n)
	}
	return out, by
}

// ReportLeak suspends a document's every grant at once, by anyone with standing, until two people of the Discloser lift it
// (Article 4(6)). The Discloser's focal point is told.
func (g *Gateway) ReportLeak(ctx context.Context, a Actor, id article4.DocumentID, statement string) (Suspension, error) {
	var c checks
	c.required("statement", "4(6)", statement, maxStatement)
	if err := c.err(); err != nil {
		return Suspension{}, err
	}
	var out Suspension
	err := g.enter(ctx, a, errand{act: article4.ActReportLeak, document: id, what: "document", lock: register.ForNarrow, once: true,
		facts: func(ctx context.Context, v *visit) error {
			v.facts.Change = &article4.ChangeFacts{ReasonPresent: true}
			return loadAccess(ctx, v)
		},
		then: func(ctx context.Context, v *visit) error {
			var err error
			out, err = v.reportLeak(ctx, statement)
			v.result = out.ID
			return err
		}})
	if made, again := doneBefore(err); again {
		return g.suspensionAgain(ctx, a, article4.ActReportLeak, made)
	}
	return out, err
}

func (v *visit) reportLeak(ctx context.Context, statement string) (Suspension, error) {
	s := register.Suspension{ID: register.NewID("sus_"), Document: v.document.ID, Reason: statement, By: v.actor.person,
		ByOrg: v.document.Discloser, At: v.at} // the Discloser's to lift, whoever reported
	body := v.body(ledger.KindLeak, ledger.Permitted)
	body.Terms = &ledger.Terms{Discloser: string(v.document.Discloser), Subject: s.ID}
	entry, err := v.record(ctx, body, []article4.OrganisationID{v.document.Discloser, v.document.Recipient}, []private{{"statement", statement}})
	if err != nil {
		return Suspension{}, err
	}
	s.Entry, s.EntryHash = entry.id, entry.hash
	if err := v.Register.AddSuspension(ctx, v.tx, s); err != nil {
		return Suspension{}, err
	}
	err = v.Register.AddNotice(ctx, v.tx, register.Notice{ID: register.NewID("not_"), Kind: "leak", Document: v.document.ID,
		Owner: v.document.Discloser, To: v.document.Discloser, At: v.at, Entry: entry.id,
		Text: "A leak of document " + v.document.Reference + " was reported. Every grant is suspended until two people of yours lift it."})
	if err != nil {
		return Suspension{}, err
	}
	return suspensionView(s), v.narrowed(ctx, v.document.ID)
}
