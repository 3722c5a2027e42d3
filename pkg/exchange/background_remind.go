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
	for {
		var due []article4.DocumentID
		err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
			var err error
			due, err = g.register.Reviews(ctx, v.tx, dayOf(v.at), closeAtATime)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range due {
			if err := g.remindOf(ctx, id); err != nil {
				return err
			}
		}
		if len(due) < closeAtATime {
			return nil
		}
	}
}

// remindOf holds the document alone: another replica may be about to say the same.
func (g *Gateway) remindOf(ctx context.Context, id article4.DocumentID) error {
	return g.bySystem(ctx, operation{document: id, lock: register.ForUpdate},
		func(ctx context.Context, v *visit) error {
			done, err := g.register.Reminded(ctx, v.tx, id)
			if err != nil || done {
				return err
			}
			d := v.document
			return v.tell(ctx, register.Notice{Kind: noticeReview, To: d.Discloser, Person: d.Depositor,
				Facts: facts{"until": day(d.ReviewBy)}, Entry: d.Entry})
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
