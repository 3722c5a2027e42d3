package exchange_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/article4"
)

// authorized: no protected byte reaches the Recipient's people without the Discloser's authorization in force, for this
// version and purpose, or of the document's series (Article 4(4), reading 0111).
func (l *life) authorized(p *person, x *disclosure) {
	d := x.document
	stands := func(s *standing) bool {
		return s.series == d.series && s.by.org == d.discloser && s.by != d.depositor && !s.withdrawn &&
			s.purpose == x.reading.Purpose && slices.Contains(s.series.markings, d.marking) && l.w.now.Before(s.until)
	}
	if !slices.ContainsFunc(l.authorizations, func(c consentGiven) bool { return l.serves(c, p, x) }) &&
		!slices.ContainsFunc(l.w.standing, stands) {
		l.wrong("%s received %s without the Discloser's authorization", p.name, x.version.id)
	}
}

// serves: something that the Discloser wrote for a version, a recipient and a purpose is in force for a reader.
func (l *life) serves(c consentGiven, p *person, x *disclosure) bool {
	return c.version == x.version && c.to == p.org && c.purpose == x.reading.Purpose && !c.decision.withdrawn &&
		l.w.now.Before(c.decision.until)
}

// shownAndOver are the disclosures that were read page by page, whose time is over and whose completion is not yet
// written.
func (l *life) shownAndOver() []*disclosure {
	var out []*disclosure
	for _, x := range l.w.disclosures {
		if x.reading.Form == article4.View && !x.closed && !l.w.now.Before(x.over) {
			out = append(out, x)
		}
	}
	return out
}

// closeShown lets the gateway write their completions, each of which names the pages that were shown and no other.
func (l *life) closeShown(over []*disclosure) error {
	before := l.count().entries
	if err := l.g.CloseUnfetched(l.ctx); err != nil {
		return err
	}
	if got := l.count().entries - before; got != len(over) {
		l.wrong("the gateway wrote %d completions of what was shown; want %d", got, len(over))
	}
	l.expected += len(over)
	for _, x := range over {
		x.closed = true
		var pages string
		must(l.h.t, l.db.QueryRow(l.ctx, `SELECT convert_from(body, 'UTF8')::jsonb -> 'completion' ->> 'pages'
			FROM log_entry WHERE kind = 'completion'
			AND convert_from(body, 'UTF8')::jsonb -> 'completion' @> jsonb_build_object('disclosure', $1::text)`,
			string(x.id)).Scan(&pages))
		if want := slices.Compact(slices.Sorted(slices.Values(x.shown))); !slices.Equal(numbers(pages), want) {
			l.wrong("the completion of %s names the pages %s; shown were %v", x.id, pages, want)
		}
	}
	return nil
}

// numbers reads "1-3,7".
func numbers(list string) []int {
	var out []int
	for part := range strings.SplitSeq(list, ",") {
		from, to, several := strings.Cut(part, "-")
		if !several {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for n := first; n <= last; n++ {
			out = append(out, n)
		}
	}
	return out
}

// seriesStayBetweenTheParties: whatever anybody tried, nothing that stands for a series was ever put in a request for a
// third party, or in the place of a consent.
func (l *life) seriesStayBetweenTheParties() {
	var strays []string
	must(l.h.t, l.db.QueryRow(l.ctx, `SELECT coalesce(array_agg(l.id), '{}') FROM decision l
		JOIN access_request q ON q.id = l.request JOIN document d ON d.id = q.document
		WHERE l.standing IS NOT NULL AND (l.kind <> 'authorization' OR q.beneficiary <> d.recipient)`).Scan(&strays))
	if len(strays) > 0 {
		l.wrong("what stands for a series serves somebody else: %v", fmt.Sprint(strays))
	}
}
