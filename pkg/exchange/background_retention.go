package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// tellRetentionOver tells the Discloser, once, of each document whose personal data is to be kept no longer (Article
// 4(3)), and proposes that it be destroyed; and asks everybody who holds copies to destroy theirs. Nothing is destroyed
// by itself: that takes two people, and a Hold may stand in the way.
func (g *Gateway) tellRetentionOver(ctx context.Context) error {
	for {
		var due []article4.DocumentID
		err := g.bySystem(ctx, operation{}, func(ctx context.Context, v *visit) error {
			var err error
			due, err = g.register.RetentionOver(ctx, v.tx, dayOf(v.at), closeAtATime)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range due {
			err := g.bySystem(ctx, operation{document: id, lock: register.ForShare},
				func(ctx context.Context, v *visit) error { return v.tellRetention(ctx) })
			if err != nil {
				return err
			}
		}
		if len(due) < closeAtATime {
			return nil
		}
	}
}

func (v *visit) tellRetention(ctx context.Context) error {
	d := v.document
	once := register.RetentionTold(d.ID, d.RetainUntil)
	holders, err := v.register.Holders(ctx, v.tx, d.ID, "")
	if err != nil {
		return err
	}
	for _, h := range holders {
		if h.Organisation == d.Discloser {
			continue
		}
		err := v.tell(ctx, register.Notice{
			Kind:        noticeRecall,
			To:          h.Organisation,
			Person:      h.Person,
			CopyNumbers: h.CopyNumbers,
			Facts:       facts{"how": "retention", "until": day(d.RetainUntil)},
			Entry:       d.Entry,
			Once:        fmt.Sprintf("%s|%s", once, h.Person),
		})
		if err != nil {
			return err
		}
	}
	return v.tell(ctx, register.Notice{Kind: noticeRetention, To: d.Discloser,
		Facts: facts{"until": day(d.RetainUntil)}, Entry: d.Entry, Once: once})
}
