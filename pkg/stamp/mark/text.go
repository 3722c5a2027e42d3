package mark

import (
	"fmt"
	"strings"
)

// Word is the marking as it stands on the page.
func (m Mark) Word() string { return strings.ToUpper(m.Marking) }

// Facts are the parts of the line below the marking word, in the order in which they are shown.
func (m Mark) Facts() []string {
	var out []string
	add := func(format, value string) {
		if value != "" {
			out = append(out, fmt.Sprintf(format, value))
		}
	}
	switch {
	case m.Discloser != "" && m.Recipient != "":
		out = append(out, fmt.Sprintf("Disclosed by %s to %s", m.Discloser, m.Recipient))
	default:
		add("Disclosed by %s", m.Discloser)
		add("Disclosed to %s", m.Recipient)
	}
	add("%s", m.Person)
	add("Copy %s", m.CopyNumber)
	if !m.Date.IsZero() {
		out = append(out, m.Day())
	}
	add("Reference %s", m.Reference)
	add("Purpose: %s", m.Purpose)
	add("%s", m.Notice)
	return out
}

// Day is the date in a form that nobody reads as another day.
func (m Mark) Day() string { return m.Date.UTC().Format("2 January 2006") }

// Repeat is the light text across the page: the word, the number, and who holds the copy.
func (m Mark) Repeat() string {
	parts := []string{m.Word(), m.CopyNumber}
	if m.Person != "" {
		parts = append(parts, m.Person)
	}
	return strings.Join(parts, "  ")
}

const Separator = " \u00b7 "

// Wrap breaks facts into lines that measure finds no wider than width. It breaks between facts where a fact fits a line,
// else between words, else anywhere. It always gets somewhere: a line holds at least one rune.
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
