package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
)

// LogSaid is what an entry says in the open, beside what LogEntry has of every kind. A zero field is not said.
type LogSaid struct {
	Rests        string // paragraphs of the Arrangement, readings, or "safeguard", under which such entries are written
	Discloser    article4.OrganisationID
	To           article4.OrganisationID // who got or was to get it; whose people were stopped or signed out
	Marking      article4.Marking        // then
	Proprietary  bool
	PersonalData bool
	Purposes     []article4.PurposeCode
	Form         article4.Form
	Until        time.Time
	People       []article4.PersonID // that are named
	Delivery     bool                // nobody asked: the Discloser gives
	Conditions   bool                // the decision has conditions, or the reader accepted them
	Agreement    bool                // a signed Confidentiality Agreement is required, or stands behind it
	Evidence     string              // of a decision or signature: "oidc", "letter", "none"
	Acts         []string            // of a Delegation or Mandate, or that an office does
	From         time.Time           // of a Delegation or Mandate
	Given        time.Time           // day that a paper bears
	Field        string              // private field that is erased
	MediaType    string
	Size         int64 // bytes

	CopyNumber string
	Expires    time.Time // the last instant at which a transfer of it began

	End           string // of a transfer: "complete", "aborted", "unknown", "unused", "shown"
	Length, Bytes int64  // that were asked for, and handed to the network
	Pages         string // that were shown, "1-3,7"

	Refusals int // that have no entries of their own

	SignedInAt time.Time
}

// saidIn is what a body says in the open.
func saidIn(b ledger.Body) LogSaid {
	s := LogSaid{SignedInAt: b.AuthTime}
	for _, row := range ledger.Grammar {
		if row.Kind == b.Kind {
			s.Rests = row.Rests
		}
	}
	s.ofTerms(b.Terms)
	s.ofDisclosure(b.Disclosure)
	if c := b.Completion; c != nil {
		s.End, s.Length, s.Bytes, s.Pages = string(c.End), c.Length, c.Bytes, c.Pages
	}
	if b.Counted != nil {
		s.Refusals = b.Counted.Refusals
	}
	return s
}

func (s *LogSaid) ofTerms(t *ledger.Terms) {
	if t == nil {
		return
	}
	s.Discloser, s.To = article4.OrganisationID(t.Discloser), article4.OrganisationID(t.Recipient)
	s.Marking, s.Proprietary, s.PersonalData = article4.Marking(t.Marking), t.Proprietary, t.PersonalData
	for _, code := range t.Purposes {
		s.Purposes = append(s.Purposes, article4.PurposeCode(code))
	}
	for _, id := range t.People {
		s.People = append(s.People, article4.PersonID(id))
	}
	s.Form, s.Until, s.From, s.Given = article4.Form(t.Form), t.Until, t.From, t.Given
	s.Delivery, s.Conditions, s.Agreement = t.Delivery, t.Conditions != "", t.AgreementRequired
	s.Evidence, s.Acts, s.Field, s.MediaType, s.Size = t.Evidence, t.Acts, t.Field, t.MediaType, t.Size
}

func (s *LogSaid) ofDisclosure(d *ledger.Disclosure) {
	if d == nil {
		return
	}
	s.Discloser, s.To = article4.OrganisationID(d.From), article4.OrganisationID(d.To)
	s.Marking, s.Proprietary, s.PersonalData = article4.Marking(d.Marking), d.Proprietary, d.PersonalData
	if d.Purpose != "" {
		s.Purposes = []article4.PurposeCode{article4.PurposeCode(d.Purpose)}
	}
	s.Form, s.Conditions, s.Agreement = article4.Form(d.Form), d.Conditions != "", d.Agreement != ""
	s.CopyNumber, s.Expires = d.CopyNumber, d.Expires
}

// stepOf is which half of an act that takes two people a body records; empty: the act of one.
func stepOf(b ledger.Body) Step {
	if b.Terms == nil {
		return ""
	}
	return Step(b.Terms.Step)
}
