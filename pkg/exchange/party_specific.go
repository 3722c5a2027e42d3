package exchange

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// specificForm are the codes of purposes of specific arrangements: the part before the dot names the arrangement.
var specificForm = regexp.MustCompile(`^(sa[1-9][0-9]{0,2})\.[a-z0-9]{1,8}$`)

// specific checks a separate arrangement under Article 6(3). Its purposes only narrow: each stands on a paragraph that the
// Arrangement's own purposes name.
func (c *instrumentCheck) specific(s SpecificClause, paragraphs []string, path string) {
	c.words(s.Title, 300, path+".title", "6(3)")
	c.day(s.SignedOn, path+".signed_on", "6(3)")
	if s.EndsOn != nil {
		c.wholeDay(*s.EndsOn, path+".ends_on", "6(3)")
		if !s.EndsOn.IsZero() && s.EndsOn.Before(s.SignedOn) {
			c.add(path+".ends_on", "6(3)", "must not be before signed_on")
		}
	}
	if s.Instrument != "" && !digestForm.MatchString(string(s.Instrument)) {
		c.add(path+".instrument_sha256", "6(3)", "the SHA-256 of the written instrument is wanted: 64 characters of 0-9 and a-f")
	}
	if len(s.Purposes) == 0 {
		c.add(path+".purposes", "6(3)", "missing: a specific arrangement has purposes of its own")
	}
	for i, p := range s.Purposes {
		c.specificPurpose(p, s.prefix(), paragraphs, fmt.Sprintf("%s.purposes[%d]", path, i))
	}
	c.once("specific arrangement", s.prefix(), path+".purposes", "6(3)")
}

func (c *instrumentCheck) specificPurpose(p PurposeClause, prefix string, paragraphs []string, path string) {
	switch {
	case !specificForm.MatchString(string(p.Code)):
		c.add(path+".code", "6(3)", `a code such as "sa1.a" is wanted`)
	case !strings.HasPrefix(string(p.Code), prefix+"."):
		c.add(path+".code", "6(3)", fmt.Sprintf("the purposes of one specific arrangement begin alike, here with %q", prefix+"."))
	}
	c.once("code", string(p.Code), path+".code", "6(3)")
	c.words(p.Label, 200, path+".label", "6(3)")
	if !slices.Contains(paragraphs, p.Paragraph) {
		c.add(path+".paragraph", "6(3)", "the paragraph of one of the Arrangement's own purposes is wanted: a specific arrangement narrows it")
	}
}

// prefix names the arrangement among codes: "sa1". Empty while its first code has another form.
func (s SpecificClause) prefix() string {
	if len(s.Purposes) == 0 {
		return ""
	}
	if m := specificForm.FindStringSubmatch(string(s.Purposes[0].Code)); m != nil {
		return m[1]
	}
	return ""
}

// applyPurposes records the purposes of the Arrangement, then those of each specific arrangement.
func (g *Gateway) applyPurposes(ctx context.Context, tx *postgres.Tx, in Instrument) error {
	if err := g.putPurposes(ctx, tx, in.Purposes, "", 0); err != nil {
		return err
	}
	position := len(in.Purposes)
	for _, s := range in.SpecificArrangements {
		record := register.SpecificArrangement{ID: "spa_" + s.prefix(), Title: s.Title, SignedOn: s.SignedOn, Instrument: s.Instrument}
		if s.EndsOn != nil {
			record.EndsOn = *s.EndsOn
		}
		if err := g.Register.PutSpecificArrangement(ctx, tx, record); err != nil {
			return err
		}
		if err := g.putPurposes(ctx, tx, s.Purposes, record.ID, position); err != nil {
			return err
		}
		position += len(s.Purposes)
	}
	return nil
}

func (g *Gateway) putPurposes(ctx context.Context, tx *postgres.Tx, all []PurposeClause, specific string, position int) error {
	for i, p := range all {
		err := g.Register.PutPurpose(ctx, tx, register.Purpose{Code: p.Code, Label: p.Label, Paragraph: p.Paragraph, Position: position + i, Specific: specific})
		if err != nil {
			return err
		}
	}
	return nil
}

// openPurposes are those not closed: of the Arrangement until its end, of a specific arrangement while that is in force,
// whatever became of the Arrangement (Article 11(4), reading 0009). One signed after the end opens nothing: it was not
// concluded under Article 6(3).
func openPurposes(all []register.Purpose, phase article4.Phase, ends, at time.Time) []article4.PurposeCode {
	var open []article4.PurposeCode
	for _, p := range all {
		if (p.ClosedOn.IsZero() || at.Before(p.ClosedOn)) && standsOn(p, phase, ends, at) {
			open = append(open, p.Code)
		}
	}
	return open
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
	found, err := v.Register.SpecificArrangements(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	purposes, err := v.Register.Purposes(ctx, v.tx)
	if err != nil {
		return nil, err
	}
	var out []SpecificArrangement
	for _, s := range found {
		one := SpecificArrangement{ID: s.ID, Title: s.Title, SignedOn: s.SignedOn, InstrumentSHA256: s.Instrument, InForce: s.InForce(v.at)}
		if !s.EndsOn.IsZero() {
			one.EndsOn = &s.EndsOn
		}
		for _, p := range purposes {
			if p.Specific == s.ID {
				one.Purposes = append(one.Purposes, Purpose{Code: p.Code, Label: p.Label, Paragraph: p.Paragraph, Open: v.isOpen(p.Code)})
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
