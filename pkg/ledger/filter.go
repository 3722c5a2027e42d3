package ledger

import (
	"slices"
	"time"
)

// Filter is a view of the log: what an auditor asked to see. It never shortens a bundle.
type Filter struct {
	Since        time.Time `json:"since,omitzero"` // Since <= at
	Until        time.Time `json:"until,omitzero"` // at < Until
	Organisation string    `json:"organisation,omitempty"`
	Document     string    `json:"document,omitempty"`
	Kind         string    `json:"kind,omitempty"`
	Outcome      string    `json:"outcome,omitempty"`
	Paragraph    string    `json:"paragraph,omitempty"` // of a reason: "4(8)"
}

// Matches reports whether the filter shows the entry; the zero filter shows all.
func (f Filter) Matches(b Body) bool {
	switch {
	case !f.Since.IsZero() && b.At.Before(f.Since), !f.Until.IsZero() && !b.At.Before(f.Until):
		return false
	case f.Organisation != "" && b.Organisation != f.Organisation, f.Document != "" && b.Document != f.Document:
		return false
	case f.Kind != "" && string(b.Kind) != f.Kind, f.Outcome != "" && string(b.Outcome) != f.Outcome:
		return false
	}
	return f.Paragraph == "" || slices.Contains(Paragraphs(b.Reasons), f.Paragraph)
}
