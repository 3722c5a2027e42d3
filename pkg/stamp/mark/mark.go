// Package mark is what a copy says about itself, in words and in properties, and what the formats below pkg/stamp share:
// their limits, their answer, and the reasons for which no copy is made.
package mark

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/label"
)

// DefaultNotice stands on a copy whose Mark gives no other.
const DefaultNotice = "Use of this material needs prior written authorization, Article 9(3)"

// Mark is what a copy says about itself. Marking and CopyNumber are required.
type Mark struct {
	Marking    string    `json:"marking"`   // "confidential", "restricted", "non-confidential"
	Discloser  string    `json:"discloser"` // the organisation's name
	Recipient  string    `json:"recipient"` // the organisation's name
	Person     string    `json:"person"`    // "per_…"
	CopyNumber string    `json:"copyNumber"`
	Purpose    string    `json:"purpose"` // code and label
	Date       time.Time `json:"date"`    // shown as a day, in UTC
	Notice     string    `json:"notice"`  // empty: DefaultNotice
	Label      []byte    `json:"label"`   // the signed label, JSON; embedded as it is; nil: none
	Reference  string    `json:"reference"`
}

// Check refuses a mark that lacks its marking word or its copy number, or whose label is too long.
func (m Mark) Check() error {
	if strings.TrimSpace(m.Marking) == "" {
		return errors.New("stamp: a mark without its marking word")
	}
	if strings.TrimSpace(m.CopyNumber) == "" {
		return errors.New("stamp: a mark without its copy number")
	}
	if len(m.Label) > label.MaxSize {
		return fmt.Errorf("stamp: a label of %d bytes, more than %d", len(m.Label), label.MaxSize)
	}
	return nil
}

// Complete gives the mark its notice and bounds its lengths, so that no name fills a page.
func (m Mark) Complete() Mark {
	if m.Notice == "" {
		m.Notice = DefaultNotice
	}
	for _, s := range []*string{&m.Marking, &m.CopyNumber, &m.Person, &m.Reference} {
		*s = Shorten(*s, 64)
	}
	for _, s := range []*string{&m.Discloser, &m.Recipient, &m.Purpose, &m.Notice} {
		*s = Shorten(*s, 160)
	}
	return m
}

// Shorten makes one line of s, of at most n runes.
func Shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// Trial is as long as marks usually are.
func Trial() Mark {
	return Mark{Marking: "confidential", Discloser: strings.Repeat("Organisation ", 4), Recipient: strings.Repeat("Organisation ", 4),
		Person: "per_0000000000000000", CopyNumber: "0000-0000-0000", Purpose: strings.Repeat("purpose ", 8),
		Date: time.Unix(0, 0).UTC(), Reference: "reference", Label: []byte(`{"trial":true}`)}.Complete()
}
