package ledger

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// What became of it? Each transfer of a disclosure ends with an entry, within a day; it began while its permit ran, and
// before whatever withdrew its authority (Article 4(6), reading 0006). A disclosure that nobody fetched says so
// (docs/decisions/0041).
type transfersChecker struct {
	*past
	opened map[Hash]*transfer
	newest time.Time
	began  int64             // completions that do not say when their transfer began
	to     map[string]string // organisations that disclosures were to: each text once
	rests  map[string][]Hash // what disclosures rest on: each list once, for many rest on the same
}

// transfer is a disclosure on its way. There may be a million of them, so it is kept small.
type transfer struct {
	id, entry                string // of one text
	index                    int64
	at, expires              int64 // microseconds since 1970
	to                       string
	rests                    []Hash
	own                      bool // open to one Party
	view                     bool // to be read page by page: no file leaves by it
	closed, complete, unused bool
}

func newTransfersChecker(p *past) *transfersChecker {
	return &transfersChecker{past: p, opened: map[Hash]*transfer{}, to: map[string]string{},
		rests: map[string][]Hash{}}
}

// once is a text that is kept already, or a copy of its own: the texts of a body share its bytes, and what is kept of a
// million disclosures does not keep them all.
func (c *transfersChecker) once(text string) string {
	kept, found := c.to[text]
	if !found {
		kept = strings.Clone(text)
		c.to[kept] = kept
	}
	return kept
}

// restsOn is what a disclosure names as its authority.
func (c *transfersChecker) restsOn(d *Disclosure) []Hash {
	names := append(decisionsOf(d), d.Grant)
	key := strings.Join(names, " ")
	kept, found := c.rests[key]
	if !found {
		for _, name := range names {
			if h, err := ParseHash(name); err == nil {
				kept = append(kept, h)
			}
		}
		c.rests[key] = kept
	}
	return kept
}

// begin notes a disclosure, with what it rests on.
func (c *transfersChecker) begin(e *seen) {
	d := e.body.Disclosure
	both := d.ID + e.body.ID // a text of its own
	c.opened[e.name] = &transfer{
		id:      both[:len(d.ID)],
		entry:   both[len(d.ID):],
		index:   e.index,
		at:      e.body.At.UnixMicro(),
		expires: d.Expires.UnixMicro(),
		to:      c.once(d.To),
		rests:   c.restsOn(d),
		own:     len(e.opens) == 1,
		view:    d.Form == "view",
	}
}

func (c *transfersChecker) see(e *seen) {
	if e.body.At.After(c.newest) {
		c.newest = e.body.At
	}
	switch {
	case e.body.Outcome != Permitted:
	case e.is(KindCopy):
		c.copied(e)
	case e.is(KindCompletion):
		c.completed(e)
	}
}

// copied wants the disclosure of a marked copy to stand earlier, and to be of the same reader.
func (c *transfersChecker) copied(e *seen) {
	for _, name := range e.body.Terms.Relies {
		h, _ := ParseHash(name)
		if d := c.opened[h]; d != nil && d.id == e.body.Terms.Subject {
			c.like(e, d)
			return
		}
	}
	c.wrong(CheckCompletions, e, "it is of a disclosure that stands nowhere earlier")
}

// like wants an entry to open to whom its disclosure opens, and to be written by whom that is for, or by the gateway.
func (c *transfersChecker) like(e *seen, d *transfer) {
	if d.own != (len(e.opens) == 1) {
		c.wrong(CheckEntitled, e, "it opens to other Parties than the disclosure at index %d", d.index)
	}
	if o := e.body.Organisation; o != "" && o != d.to {
		c.wrong(CheckCompletions, e, "it is by %s; the disclosure at index %d was to %s", shorten(o), d.index, d.to)
	}
}

// completed holds the end of a transfer against its beginning.
func (c *transfersChecker) completed(e *seen) {
	s := e.body.Completion
	h, err := ParseHash(s.Closes)
	d := c.opened[h]
	switch {
	case err != nil || d == nil || d.id != s.Disclosure:
		c.wrong(CheckCompletions, e, "it closes a disclosure that stands nowhere earlier")
		return
	case !s.adds():
		c.wrong(CheckCompletions, e, "%s with %d of %d bytes", shorten(string(s.End)), s.Bytes, s.Length)
		return
	case d.unused || s.End == EndUnused && d.closed:
		c.wrong(CheckCompletions, e, "it was never fetched, says one of its completions, and another that it was")
		return
	}
	c.shown(e, d)
	d.closed, d.unused = true, s.End == EndUnused
	d.complete = d.complete || s.End == EndComplete
	c.like(e, d)
	if s.End != EndUnused {
		c.during(e, d)
	}
}

// shown wants pages named where pages were shown, and no file to leave by what was to be read page by page.
func (c *transfersChecker) shown(e *seen, d *transfer) {
	s := e.body.Completion
	if d.view && s.End != EndShown && s.End != EndUnused {
		c.wrong(CheckCompletions, e, "a file was handed out of what was to be read page by page, at index %d", d.index)
	}
	if (s.End == EndShown) != (s.Pages != "") {
		c.wrong(CheckCompletions, e, "%s with the pages %q", shorten(string(s.End)), shorten(s.Pages))
	}
}

// adds reports whether the bytes of a completion can be those of such an end.
func (s *Completion) adds() bool {
	switch {
	case s.Bytes < 0 || s.Bytes > s.Length || s.Offset < 0:
		return false
	case s.End == EndComplete:
		return s.Bytes == s.Length
	case s.End == EndUnused, s.End == EndShown:
		return s.Length == 0
	}
	return true
}

// during wants the transfer to have begun while its permit ran, and before its authority ended.
func (c *transfersChecker) during(e *seen, d *transfer) {
	began := e.body.Completion.Began
	if began.IsZero() {
		c.began++
		return
	}
	at, expires := time.UnixMicro(d.at).UTC(), time.UnixMicro(d.expires).UTC()
	if began.Add(stepSlack).Before(at) || !began.Before(expires.Add(stepSlack)) {
		c.wrong(CheckCompletions, e, "the transfer began on %s; the permit ran from %s until %s", second(began),
			second(at), second(expires))
	}
	if began.After(e.body.At.Add(stepSlack)) {
		c.wrong(CheckCompletions, e, "the transfer began on %s, after it ended", second(began))
	}
	for _, h := range d.rests {
		if w, gone := c.gone[h]; gone && began.After(w.at.Add(stepSlack)) {
			c.wrong(CheckCompletions, e, "the transfer began on %s, after the withdrawal at index %d", second(began),
				w.index)
		}
	}
	if doc := c.document[e.body.Document]; doc != nil && doc.recalled > d.index &&
		began.After(doc.recalledAt.Add(stepSlack)) && !d.own {
		c.wrong(CheckCompletions, e, "the transfer began on %s, after the recall at index %d", second(began),
			doc.recalled)
	}
}

func (c *transfersChecker) finish() {
	r := &c.report
	counts := &r.Disclosures
	for _, t := range slices.SortedFunc(maps.Values(c.opened),
		func(a, b *transfer) int { return cmp.Compare(a.index, b.index) }) {
		if t.complete {
			counts.Complete++
		}
		if t.unused {
			counts.Unused++
		}
		if !t.closed {
			c.open(t)
		}
	}
	c.say(CheckCompletions, "%s delivered whole, %d never fetched; %d open, none of them for more than a day",
		Several(counts.Complete, "disclosure"), counts.Unused, counts.Open)
	c.gap("transfers that do not say when they began: whether before a withdrawal", c.began)
}

// open lists a disclosure of which nothing says what became of it, for a day.
func (c *transfersChecker) open(t *transfer) {
	counts := &c.report.Disclosures
	counts.Open++
	at := time.UnixMicro(t.at).UTC()
	if c.newest.Sub(at) > 24*time.Hour { // the gateway closes what nobody fetched within the hour
		counts.OpenOver24h++
		c.fault(CheckCompletions, t.index, t.entry,
			"disclosure %s was authorised more than a day before the newest entry, and nothing says what became of it",
			t.id)
	}
	if len(c.report.Open) < maxFindings {
		c.report.Open = append(c.report.Open, OpenDisclosure{ID: t.id, Index: t.index, At: at})
	}
}
