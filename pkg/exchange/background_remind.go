package exchange

import (
	"context"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// What the gateway tells by itself. No entry is written for it: a notice names the one that it is about.

// remind puts before the Discloser, once, that the day has come by which a document was to be reviewed. "Kept up to
// date" stands under "will endeavour" (Article 4(9), reading 0003): it is a reminder, and bars nobody.
func (g *Gateway) remind(ctx context.Context) error {
	return each(ctx, g, chore[article4.DocumentID]{
		find: func(ctx context.Context, v *visit, after article4.DocumentID) ([]article4.DocumentID, error) {
			return g.register.Reviews(ctx, v.tx, dayOf(v.at), after, closeAtATime)
		},
		about: func(id article4.DocumentID) operation { return operation{document: id, lock: register.ForUpdate} },
		do:    func(ctx context.Context, v *visit, _ article4.DocumentID) error { return v.tellReview(ctx) },
	})
}

// tellReview is told while the document is held alone: another replica may be about to say the same, and somebody may
// have moved the day meanwhile. Of each day that was set there is one reminder.
func (v *visit) tellReview(ctx context.Context) error {
	d := v.document
	if d.ReviewBy.IsZero() || d.ReviewBy.After(dayOf(v.at)) {
		return nil
	}
	done, err := v.register.Reminded(ctx, v.tx, *d)
	if err != nil || done {
		return err
	}
	return v.tell(ctx, register.Notice{
		Kind:   noticeReview,
		To:     d.Discloser,
		Person: d.Depositor,
		Facts:  facts{"until": day(d.ReviewBy)},
		Entry:  d.Entry,
		Once:   register.ReviewTold(d.ID, d.ReviewBy),
	})
}

// tellConfiguration puts a new configuration before the focal points of both Parties, so that neither learns of a
// weakening by accident.
func (v *visit) tellConfiguration(ctx context.Context, said *ledger.Configured, entry string) error {
	facts := facts{
		"since":       v.at.Format(time.RFC3339),
		"arrangement": said.Arrangement,
		"rules":       v.RulesDigest(),
		"build":       v.build,
		"custody":     said.Custody,
		"weakening":   strings.Join(said.Weakening, ", "),
	}
	for _, party := range v.parties {
		err := v.tell(ctx, register.Notice{Kind: noticeConfiguration, Owner: party, To: party, Facts: facts,
			Entry: entry})
		if err != nil {
			return err
		}
	}
	return nil
}
