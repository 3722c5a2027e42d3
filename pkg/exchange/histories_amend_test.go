package exchange_test

import (
	"fmt"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// beside are the purposes of one list that are not in another.
func beside(all, some []code) []code {
	return slices.DeleteFunc(slices.Clone(all), func(c code) bool { return slices.Contains(some, c) })
}

// restingOn are the decisions in force or over by time that were given for these purposes, and the Releases for them.
func (w *world) restingOn(d *document, purposes []code) (decisions []*decision, releases []*release) {
	for _, q := range w.requests {
		for _, x := range q.decisions {
			if q.document == d && x.given && !x.over() && slices.Contains(purposes, q.purpose) {
				decisions = append(decisions, x)
			}
		}
	}
	for _, r := range d.releases {
		if !r.ended && slices.Contains(purposes, r.purpose) {
			releases = append(releases, r)
		}
	}
	return decisions, releases
}

// mayAmend: what a document may be used for is changed by whoever may deposit a version of it; what ends with a purpose
// that is taken off takes a signatory (decision 0320).
func (w *world) mayAmend(p does, d *document, purposes []code) answer {
	a, ok := w.ofDiscloser(p, d)
	if !ok {
		return a
	}
	w.changes(&a, p, d, "art4.9", false)
	decisions, releases := w.restingOn(d, beside(d.purposes, purposes))
	a.because("art4.7/no-authority", len(decisions)+len(releases) > 0 &&
		(p.org != d.discloser || !w.signs(p.person, article4.ActWithdraw)))
	closed := slices.ContainsFunc(beside(purposes, d.purposes), func(c code) bool { return !w.open(c) })
	a.because("art4.7/purpose-closed", closed && d.protected() && !w.ended())
	a.because("art4.2/purpose-closed", closed && !d.protected() && !w.ended())
	a.because("art11.4/ended", closed && w.ended())
	a.conflict = len(a.codes) == 0 && len(beside(purposes, d.purposes))+len(beside(d.purposes, purposes)) == 0
	return a
}

func (l *life) amend() *step {
	purposes := one(l, "purposes", []code{"art2.e"}, []code{"art2.e", "sa1.a"}, []code{"art2.e", "art2.f"},
		[]code{"art2.f"})
	d := l.document(func(d *document, p does) answer { return l.w.mayAmend(p, d, purposes) })
	if d == nil {
		return nil
	}
	p := l.who(func(p does) answer { return l.w.mayAmend(p, d, purposes) })
	in := exchange.Amendment{Purposes: &purposes, Reason: "It serves these"}
	return &step{
		verb: "amend",
		who:  p,
		what: fmt.Sprint(d.id, purposes),
		want: l.w.mayAmend(p, d, purposes),
		prepare: func() {
			if seen, err := l.g.Describe(l.ctx, l.unstopped(d.discloser).actor, d.id); err == nil {
				in.IfMatch = seen.ETag
			}
		},
		do: func() error { return second(l.g.Amend(l.ctx, p.actorNow(), d.id, in)) },
		learn: func() {
			decisions, releases := l.w.restingOn(d, beside(d.purposes, purposes))
			for _, x := range decisions {
				x.withdrawn = true
			}
			for _, r := range releases {
				r.ended = true
			}
			d.purposes = purposes
		},
	}
}
