// Package mark is what a copy says about itself, in words and in properties, and what the formats below pkg/stamp
// share: their limits, their answer, and the reasons for which no copy is made.
package mark

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/label"
)

const (
	// DefaultNotice stands on a copy whose Mark gives no other.
	DefaultNotice = "Further use or disclosure needs the Discloser's consent, Article 4(8)"
	// OpenNotice stands there when the copy is neither protected nor proprietary: 4(8) does not speak of it.
	OpenNotice = "Non-confidential is not public: a public statement is agreed first, Article 10"
)

// Mark is what a copy says about itself. Marking and CopyNumber are required; what is empty is left out.
type Mark struct {
	Marking      string    `json:"marking"`   // "confidential", "restricted", "non-confidential"
	Discloser    string    `json:"discloser"` // the organisation's name
	Recipient    string    `json:"recipient"` // the organisation's name
	GivenTo      string    `json:"givenTo"`   // what Recipient is, or who there: "third party", "Legal Affairs"
	Person       string    `json:"person"`    // "per_…"
	CopyNumber   string    `json:"copy_number"`
	Purpose      string    `json:"purpose"`      // its code, "art2.e"
	PurposeWords string    `json:"purposeWords"` // the same in words
	Authority    string    `json:"authority"`    // by what it was given: "authorization of …, 21 November 2026"
	Paragraph    string    `json:"paragraph"`    // of the Arrangement, on which that rests: "4(4)", "4(8)"
	Proprietary  bool      `json:"proprietary"`
	Handling     string    `json:"handling"`   // the Discloser's instruction
	Conditions   string    `json:"conditions"` // to which the reader agreed
	Date         time.Time `json:"date"`       // shown as a day, in UTC
	Notice       string    `json:"notice"`     // empty: DefaultNotice, or OpenNotice
	Label        []byte    `json:"label"`      // the signed label, JSON; embedded as it is; nil: none
	Reference    string    `json:"reference"`
}

// Protected: confidential, restricted, or a word that is not known.
func (m Mark) Protected() bool { return !strings.EqualFold(m.Marking, "non-confidential") }

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
	switch {
	case m.Notice != "":
	case m.Protected() || m.Proprietary:
		m.Notice = DefaultNotice
	default:
		m.Notice = OpenNotice
	}
	for _, s := range []*string{&m.Marking, &m.CopyNumber, &m.Person, &m.Reference, &m.Paragraph} {
		*s = Shorten(*s, 64)
	}
	for _, s := range []*string{&m.Discloser, &m.Recipient, &m.GivenTo, &m.Purpose, &m.Notice} {
		*s = Shorten(*s, 160)
	}
	for _, s := range []*string{&m.PurposeWords, &m.Authority, &m.Handling, &m.Conditions} {
		*s = Shorten(*s, 300)
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
	return Mark{
		Marking:      "confidential",
		Discloser:    strings.Repeat("Organisation ", 4),
		Recipient:    strings.Repeat("Organisation ", 4),
		Person:       "per_0000000000000000",
		CopyNumber:   "0000-0000-0000",
		Purpose:      "art2.e",
		PurposeWords: strings.Repeat("purpose ", 8),
		Authority:    strings.Repeat("authorization ", 6),
		Paragraph:    "4(4)",
		Date:         time.Unix(0, 0).UTC(),
		Reference:    "reference",
		Label:        []byte(`{"trial":true}`),
	}.Complete()
}
