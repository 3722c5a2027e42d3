package ledger

import (
	"slices"
	"strings"
	"time"
)

// Filter is a view of the log: what an auditor asked to see. It never shortens a bundle.
type Filter struct {
	Since        time.Time `json:"since,omitzero"` // Since <= at
	Until        time.Time `json:"until,omitzero"` // at < Until
	Organisation string    `json:"organisation,omitempty"`
	Document     string    `json:"document,omitempty"`
	Kind         string    `json:"kind,omitempty"`    // several with commas
	Without      string    `json:"without,omitempty"` // kinds that are left out, with commas
	Outcome      string    `json:"outcome,omitempty"`
	Paragraph    string    `json:"paragraph,omitempty"` // of a reason: "4(8)"
	Reason       string    `json:"reason,omitempty"`    // its code
	Actor        string    `json:"actor,omitempty"`
	Request      string    `json:"request,omitempty"`
	Marking      string    `json:"marking,omitempty"`
	// Beneficiary is the organisation for which something is deposited, asked, decided or disclosed.
	Beneficiary string `json:"beneficiary,omitempty"`
}

// Matches reports whether the filter shows the entry; the zero filter shows all.
func (f Filter) Matches(b Body) bool {
	marking, beneficiary := b.about()
	switch {
	case !f.Since.IsZero() && b.At.Before(f.Since), !f.Until.IsZero() && !b.At.Before(f.Until):
		return false
	case f.Kind != "" && !slices.Contains(Listed(f.Kind), string(b.Kind)),
		slices.Contains(Listed(f.Without), string(b.Kind)):
		return false
	}
	for _, one := range [][2]string{{f.Organisation, b.Organisation}, {f.Document, b.Document},
		{f.Outcome, string(b.Outcome)}, {f.Actor, b.Actor}, {f.Request, b.Request}, {f.Marking, marking},
		{f.Beneficiary, beneficiary}} {
		if one[0] != "" && one[0] != one[1] {
			return false
		}
	}
	return (f.Paragraph == "" || slices.Contains(Paragraphs(b.Reasons), f.Paragraph)) &&
		(f.Reason == "" || slices.Contains(b.Reasons, f.Reason))
}

// about is under which marking something is, and for whom.
func (b Body) about() (marking, beneficiary string) {
	switch {
	case b.Disclosure != nil:
		return b.Disclosure.Marking, b.Disclosure.To
	case b.Terms != nil:
		return b.Terms.Marking, b.Terms.Recipient
	}
	return "", ""
}

// Listed are the words of a list with commas; none for the empty one.
func Listed(words string) []string {
	if words == "" {
		return nil
	}
	return strings.Split(words, ",")
}
