package mark

import (
	"fmt"
	"slices"
	"strings"
)

// Word is the marking as it stands on the page.
func (m Mark) Word() string { return strings.ToUpper(m.Marking) }

// Heading is the marking word, and behind it that the material is proprietary (Article 4(5)).
func (m Mark) Heading() string {
	if m.Proprietary {
		return m.Word() + Separator + "PROPRIETARY"
	}
	return m.Word()
}

// Facts are the parts of the lines below the heading, in the order in which they are shown.
func (m Mark) Facts() []string {
	return present(slices.Concat(m.Who(), m.Terms(), []string{m.Notice})...)
}

// Who tells whose copy it is, and by what right.
func (m Mark) Who() []string {
	return present(m.given(), m.Person, m.copyFact(), m.Day(), titled("Reference", " ", m.Reference), m.authorityFact())
}

// Terms tell what it was given for, and how.
func (m Mark) Terms() []string {
	return present(titled("Purpose", ": ", m.PurposeFact()), titled("Handling", ": ", m.Handling),
		titled("Conditions", ": ", m.Conditions))
}

// Short is what stands on a copy that is too small for more: whose copy it is.
func (m Mark) Short() []string { return present(m.copyFact(), m.Person) }

// Line is what stands on the smallest.
func (m Mark) Line() string { return m.Heading() + Separator + m.copyFact() }

func (m Mark) given() string {
	to := m.Recipient
	if to != "" && m.GivenTo != "" {
		to += " (" + m.GivenTo + ")"
	}
	switch {
	case m.Discloser != "" && to != "":
		return fmt.Sprintf("Disclosed by %s to %s", m.Discloser, to)
	case to != "":
		return "Disclosed to " + to
	}
	return titled("Disclosed by", " ", m.Discloser)
}

func (m Mark) copyFact() string { return titled("Copy", " ", m.CopyNumber) }

// authorityFact names the paragraph first: that is what a reader looks up.
func (m Mark) authorityFact() string {
	if m.Paragraph == "" {
		return titled("Under", " ", m.Authority)
	}
	if m.Authority == "" {
		return "Under Article " + m.Paragraph
	}
	return "Under Article " + m.Paragraph + ", " + m.Authority
}

// PurposeFact is the purpose in words with its code behind it, or what there is of the two.
func (m Mark) PurposeFact() string {
	if m.PurposeWords != "" && m.Purpose != "" {
		return m.PurposeWords + " (" + m.Purpose + ")"
	}
	return m.PurposeWords + m.Purpose
}

func titled(title, glue, value string) string {
	if value == "" {
		return ""
	}
	return title + glue + value
}

func present(facts ...string) []string {
	return slices.DeleteFunc(facts, func(f string) bool { return f == "" })
}

// Day is the date in a form that nobody reads as another day; empty where there is none.
func (m Mark) Day() string {
	if m.Date.IsZero() {
		return ""
	}
	return m.Date.UTC().Format("2 January 2006")
}

// Repeat is the light text across the page: the word, the number, and who holds the copy.
func (m Mark) Repeat() string {
	parts := []string{m.Word(), m.CopyNumber}
	if m.Person != "" {
		parts = append(parts, m.Person)
	}
	return strings.Join(parts, "  ")
}

const Separator = " \u00b7 "

// Wrap breaks facts into lines that measure finds no wider than width. It breaks between facts where a fact fits a
// line, else between words, else anywhere. It always gets somewhere: a line holds at least one rune.
func Wrap(facts []string, width float64, measure func(string) float64) []string {
	var lines []string
	line := ""
	for _, f := range facts {
		if line != "" && measure(line+Separator+f) <= width {
			line += Separator + f
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		rest := BreakWords(f, width, measure)
		lines = append(lines, rest[:len(rest)-1]...)
		line = rest[len(rest)-1]
	}
	return append(lines, line)
}

func BreakWords(s string, width float64, measure func(string) float64) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		next := w
		if line != "" {
			next = line + " " + w
		}
		if measure(next) <= width {
			line = next
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for measure(w) > width && len([]rune(w)) > 1 {
			n := fitting(w, width, measure)
			lines = append(lines, w[:n])
			w = w[n:]
		}
		line = w
	}
	return append(lines, line)
}

// fitting is how many bytes of w fit, at least one rune.
func fitting(w string, width float64, measure func(string) float64) int {
	last := 0
	for i := range w {
		if i > 0 && last > 0 && measure(w[:i]) > width {
			return last
		}
		last = i
	}
	return max(last, len(string([]rune(w)[:1])))
}
