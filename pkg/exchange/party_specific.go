package exchange

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// applyPurposes records the purposes of the Arrangement, then those of each specific arrangement.
func (g *Gateway) applyPurposes(ctx context.Context, tx *postgres.Tx, in instrument.Instrument) error {
	if err := g.putPurposes(ctx, tx, in.Purposes, "", 0); err != nil {
		return err
	}
	position := len(in.Purposes)
	for _, s := range in.SpecificArrangements {
		record := register.SpecificArrangement{ID: "spa_" + s.Prefix(), Title: s.Title, SignedOn: s.SignedOn,
			Instrument: article4.Digest(s.Instrument)}
		if s.EndsOn != nil {
			record.EndsOn = *s.EndsOn
		}
		if err := g.register.PutSpecificArrangement(ctx, tx, record); err != nil {
			return err
		}
		if err := g.putPurposes(ctx, tx, s.Purposes, record.ID, position); err != nil {
			return err
		}
		position += len(s.Purposes)
	}
	return nil
}

func (g *Gateway) putPurposes(ctx context.Context, tx *postgres.Tx, all []instrument.Purpose, specific string,
	position int) error {
	for i, p := range all {
		err := g.register.PutPurpose(ctx, tx,
			register.Purpose{
				Code:      article4.PurposeCode(p.Code),
				Label:     p.Label,
				LabelFR:   p.LabelFR,
				Paragraph: p.Paragraph,
				Position:  position + i,
				Specific:  specific,
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// openPurposes are those not closed: of the Arrangement until its end, of a specific arrangement while that is in
// force, whatever became of the Arrangement (Article 11(4), reading 0009). One signed after the end opens nothing: it
// was not concluded under Article 6(3).
func openPurposes(all []register.Purpose, phase article4.Phase, ends, at time.Time) []article4.PurposeCode {
	var open []article4.PurposeCode
	for _, p := range all {
		if (p.ClosedOn.IsZero() || at.Before(p.ClosedOn)) && standsOn(p, phase, ends, at) {
			open = append(open, p.Code)
		}
	}
	return open
}

// endedPurposes are those of the Arrangement that nothing but its end closed.
func endedPurposes(all []register.Purpose, phase article4.Phase, at time.Time) []article4.PurposeCode {
	var ended []article4.PurposeCode
	for _, p := range all {
		if phase == article4.Ended && p.Specific == "" && (p.ClosedOn.IsZero() || at.Before(p.ClosedOn)) {
			ended = append(ended, p.Code)
		}
	}
	return ended
}

// codesOf are all codes that there are, closed ones included.
func codesOf(all []register.Purpose) []article4.PurposeCode {
	codes := make([]article4.PurposeCode, len(all))
	for i, p := range all {
		codes[i] = p.Code
	}
	return codes
}

func standsOn(p register.Purpose, phase article4.Phase, ends, at time.Time) bool {
	if p.Specific == "" {
		return phase != article4.Ended
	}
	return p.Of.InForce(at) && (ends.IsZero() || p.Of.SignedOn.Before(ends))
}

// specificArrangements lists them as they stand now.
func (v *visit) specificArrangements(ctx context.Context) ([]SpecificArrangement, error) {
	found, err := v.register.SpecificArrangements(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	purposes, err := v.register.Purposes(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	var out []SpecificArrangement
	for _, s := range found {
		one := SpecificArrangement{ID: s.ID, Title: s.Title, SignedOn: s.SignedOn, InstrumentSHA256: s.Instrument,
			InForce: s.InForce(v.at)}
		if !s.EndsOn.IsZero() {
			one.EndsOn = &s.EndsOn
		}
		for _, p := range purposes {
			if p.Specific == s.ID {
				one.Purposes = append(one.Purposes, v.purpose(p))
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// survives reports whether a purpose is of a specific arrangement in force: termination does not touch it.
func (v *visit) survives(code article4.PurposeCode) bool {
	return slices.Contains(v.facts.Arrangement.Surviving, code)
}
