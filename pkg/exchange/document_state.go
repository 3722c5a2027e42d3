package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
)

// documentState is what stands over the document of this visit now. Whoever has standing is told that it was recalled
// or stopped, that the time for which its personal data is kept is over, and that notice of termination was given;
// whose stop it is, and its entry, the Parties' people; Holds, those of them who decide or audit; that a review is due,
// the Discloser's people who see the whole.
func (v *visit) documentState(ctx context.Context, whole bool) ([]DocumentState, error) {
	marks, err := v.register.Marks(ctx, v.tx, v.document.ID)
	if err != nil {
		return nil, err
	}
	var out []DocumentState
	for _, m := range marks {
		one := DocumentState{What: m.What, Since: m.Since, By: m.By, Entry: m.Entry}
		switch {
		case m.What == "held" && !(v.ofParty() && answers(v.actor)):
			continue
		case !v.ofParty():
			one.By, one.Entry = "", ""
		}
		out = append(out, one)
	}
	d := v.document
	if over := endOf(d.RetainUntil); d.PersonalData && !v.at.Before(over) {
		one := DocumentState{What: "retention-over"}
		if whole {
			one.Since = over
		}
		out = append(out, one)
	}
	due := !d.ReviewBy.IsZero() && !v.at.Before(d.ReviewBy)
	if due && whole && v.actor.organisation.ID == d.Discloser {
		out = append(out, DocumentState{What: "review-due", Since: d.ReviewBy})
	}
	if life := v.facts.Arrangement; life.Phase == article4.NoticeGiven || life.Phase == article4.Ended {
		out = append(out, DocumentState{What: "notice-given", Since: v.arrangement.NoticeGivenOn, Until: life.EndsAt})
	}
	return out, nil
}
