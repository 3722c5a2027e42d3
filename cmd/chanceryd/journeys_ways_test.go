package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// way is how somebody uses the pages.
type way struct {
	language string
	scripts  bool
}

// ways are all of them: in both languages, with scripts and without.
var ways = []way{{"en", true}, {"en", false}, {"fr", true}, {"fr", false}}

// String is a word that stands in titles, addresses and names of pictures.
func (w way) String() string {
	if w.scripts {
		return w.language
	}
	return w.language + "-plain"
}

func (w way) say(english, french string) string { return either(w.language, english, french) }

// inEach makes a journey in each way.
func inEach(t *testing.T, journey func(t *testing.T, w way)) {
	t.Helper()
	for _, w := range ways {
		t.Run(w.String(), func(t *testing.T) { journey(t, w) })
	}
}

// goes opens a window of somebody's who uses the pages in that way, signs in and stands on the first page.
func (w way) goes(t *testing.T, browser context.Context, p *playing, organisation, who string) *sight {
	t.Helper()
	s := person(t, browser, p.BaseURL, w.scripts)
	s.signIn(organisation, who)
	s.who = who
	s.at("/?lang=" + w.language)
	return s
}

// What a journey asks of a person, apart from the machine. A machine that is busy changes none of it, so that a bound
// on it holds or fails everywhere alike.
const (
	// pressing is to decide, to point and to press: M, P and B of the keystroke-level model (Card, Moran, Newell 1983).
	pressing = 2650 * time.Millisecond
	// reading is a word that is read so that it can be answered for, at 200 a minute; seeking is one passed over in
	// search of a line, at 600 a minute (Carver 1992). French and English take about the same.
	reading = 300 * time.Millisecond
	seeking = 100 * time.Millisecond
	// coming is what a page may take to come and to be drawn, far beyond what
	// TestEveryPageOpensQuicklyHoweverLongItsList and TestAFirstVisitLoadsLittleAndNothingFromElsewhere hold it to.
	coming = 2 * time.Second
)

// pace counts what somebody does on a journey.
type pace struct{ pages, presses, read, sought int }

// takes is how long it takes them.
func (p pace) takes() time.Duration {
	return time.Duration(p.pages)*coming + time.Duration(p.presses)*pressing + time.Duration(p.read)*reading +
		time.Duration(p.sought)*seeking
}

// words counts those that stand in a part of the page.
func (s *sight) words(selector string) int {
	s.t.Helper()
	text, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](
		`[...document.querySelectorAll("`+selector+`")].map(e => e.innerText).join("\n")`))
	s.must("read "+selector, err)
	return len(strings.Fields(text))
}

// passes is a page on which somebody seeks one thing.
func (p *pace) passes(s *sight) {
	s.t.Helper()
	p.pages++
	p.sought += s.words("main")
}

// studies is a page of which somebody reads every word.
func (p *pace) studies(s *sight) {
	s.t.Helper()
	p.pages++
	p.read += s.words("main")
}
