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
	return each(ctx, g, chore[article4.DocumentID]{
		find: func(ctx context.Context, v *visit, after article4.DocumentID) ([]article4.DocumentID, error) {
			return g.register.RetentionOver(ctx, v.tx, dayOf(v.at), after, closeAtATime)
		},
		about: func(id article4.DocumentID) operation { return operation{document: id, lock: register.ForShare} },
		do:    func(ctx context.Context, v *visit, _ article4.DocumentID) error { return v.tellRetention(ctx) },
	})
}

func (v *visit) tellRetention(ctx context.Context) error {
	d := v.document
	if !d.PersonalData || !d.RetainUntil.Before(dayOf(v.at)) { // it was said otherwise meanwhile
		return nil
	}
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
