package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// From these limits on something is unusual. None of it is a fault by itself: an auditor asks.
const (
	nightFrom, nightTo = 20, 6 // hours of the day
	burst              = 20    // disclosures to one person within an hour
	tries              = 3     // refusals before a success, of one document within a day
	manyThirdParties   = 3     // for which one person asked
	late               = time.Hour
	mostEntries        = 5 // that a line names
)

// Unusual is something that an auditor asks about.
type Unusual struct {
	Kind    string // "night", "burst", …: the word of the page says what it is
	Who     Person
	What    string // of a document, a setting
	Count   int
	Entries []Entry // the first few
}

// stands adds an entry to a line.
func (u *Unusual) stands(e Entry) {
	u.Count++
	if len(u.Entries) < mostEntries {
		u.Entries = append(u.Entries, e)
	}
}

// lines gathers what stands out of one kind, by whom or what.
type lines struct {
	kind  string
	order []*Unusual
	by    map[[3]string]*Unusual
}

func linesOf(kind string) *lines { return &lines{kind: kind, by: map[[3]string]*Unusual{}} }

func (l *lines) add(who Person, what string, e Entry) {
	key := [3]string{who.ID, who.Organisation, what}
	u := l.by[key]
	if u == nil {
		u = &Unusual{Kind: l.kind, Who: who, What: what}
		l.by[key] = u
		l.order = append(l.order, u)
	}
	u.stands(e)
}

func (l *lines) all() []Unusual {
	var out []Unusual
	for _, u := range l.order {
		out = append(out, *u)
	}
	slices.SortStableFunc(out, func(a, b Unusual) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// unusual looks at the whole log, in the order in which an auditor would ask.
func (c *collector) unusual(verdict ledger.Report) []Unusual {
	return slices.Concat(c.withoutCompletion(verdict), c.overdue(verdict), c.weakEvidence(), c.triedOften(),
		c.manyThird(), c.bursts(), c.nights(), c.tooMany(), c.weakening)
}

// withoutCompletion are disclosures of which nobody knows how they ended, a day later.
func (c *collector) withoutCompletion(verdict ledger.Report) []Unusual {
	out := linesOf("open")
	for _, d := range c.disclosures {
		if d.End == "" && verdict.Newest.Sub(d.At) > 24*time.Hour {
			out.add(d.To, "", d.Entry)
		}
	}
	return out.all()
}

// overdue are requests that were granted, whose term is over, and of which no entry says so.
func (c *collector) overdue(verdict ledger.Report) []Unusual {
	out := linesOf("overdue")
	for _, id := range slices.Sorted(maps.Keys(c.requests)) {
		q := c.requests[id]
		if q.granted && !q.ended && !q.until.IsZero() && verdict.Newest.Sub(q.until) > late {
			out.add(Person{q.by, q.organisation}, q.id, q.Entry)
		}
	}
	return out.all()
}

// weakEvidence are consents that no identity provider signed.
func (c *collector) weakEvidence() []Unusual {
	none, letter := linesOf("evidence-none"), linesOf("evidence-letter")
	for _, d := range c.decisions {
		switch {
		case d.Kind != ledger.KindConsent:
		case d.Evidence == "none":
			none.add(d.By, "", d.Entry)
		case d.Evidence == "letter":
			letter.add(d.By, "", d.Entry)
		}
	}
	return append(none.all(), letter.all()...)
}

// triedOften are people who were refused a document several times within a day, and then got it.
func (c *collector) triedOften() []Unusual {
	type target struct{ person, document string }
	refused := map[target][]Entry{}
	for _, r := range c.refusals {
		if r.Document.ID != "" {
			key := target{r.By.ID, r.Document.ID}
			refused[key] = append(refused[key], r.Entry)
		}
	}
	out := linesOf("tries")
	for _, d := range c.disclosures {
		n := 0
		for _, e := range refused[target{d.To.ID, d.Document.ID}] {
			if since := d.At.Sub(e.At); since >= 0 && since <= 24*time.Hour {
				n++
			}
		}
		if n >= tries {
			out.add(d.To, d.Document.ID, d.Entry)
		}
	}
	return out.all()
}

// manyThird are people who asked for several third parties.
func (c *collector) manyThird() []Unusual {
	out := linesOf("third-parties")
	asked := map[Person]map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(c.requests)) {
		q := c.requests[id]
		if c.parties[q.recipient] || q.recipient == q.organisation {
			continue
		}
		who := Person{q.by, q.organisation}
		if asked[who] == nil {
			asked[who] = map[string]bool{}
		}
		if !asked[who][q.recipient] {
			asked[who][q.recipient] = true
			out.add(who, "", q.Entry)
		}
	}
	return slices.DeleteFunc(out.all(), func(u Unusual) bool { return u.Count < manyThirdParties })
}

// bursts are people who were given many copies within an hour.
func (c *collector) bursts() []Unusual {
	recent := map[Person][]Entry{}
	out := linesOf("burst")
	for _, d := range c.disclosures {
		of := append(recent[d.To], d.Entry)
		for len(of) > 0 && d.At.Sub(of[0].At) > time.Hour {
			of = of[1:]
		}
		if len(of) == burst {
			for _, e := range of {
				out.add(d.To, "", e)
			}
			of = nil
		}
		recent[d.To] = of
	}
	return out.all()
}

// nights are copies given when offices are closed, to others than the Discloser's own people.
func (c *collector) nights() []Unusual {
	out := linesOf("night")
	for _, d := range c.disclosures {
		hour := d.At.In(c.options.Zone).Hour()
		if (hour >= nightFrom || hour < nightTo) && d.To.Organisation != d.From {
			out.add(d.To, "", d.Entry)
		}
	}
	return out.all()
}

// tooMany are people whose refusals came too fast for an entry each.
func (c *collector) tooMany() []Unusual {
	out := linesOf("too-many")
	for _, r := range c.refusals {
		if r.Act == ledger.KindTooMany {
			out.add(r.By, "", r.Entry)
		}
	}
	return out.all()
}
