package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/register"
)

func mandateView(m register.Delegation) MandateRecord {
	out := MandateRecord{
		ID:           m.ID,
		Organisation: m.Organisation,
		Holder:       m.Holder,
		Name:         m.Name,
		Function:     m.Function,
		Authority:    m.Authority,
		From:         m.From,
		Until:        m.Until,
		Instrument:   m.Instrument,
		Entry:        m.Entry,
	}
	if !m.EndedAt.IsZero() {
		out.EndedAt = &m.EndedAt
	}
	return out
}

// Mandates lists those of a third party, what waits first: to people of the Parties and to its own. To everybody else
// the organisation is absent.
func (g *Gateway) Mandates(ctx context.Context, a Actor, of article4.OrganisationID) ([]MandateRecord, error) {
	var out []MandateRecord
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		out = nil
		o, err := v.thirdParty(ctx, of)
		if err != nil {
			return err
		}
		if !v.sees() || !v.ofParty() && o.ID != v.actor.organisation.ID {
			return errAbsent
		}
		if out, err = v.mandatesWaiting(ctx, of); err != nil {
			return err
		}
		found, err := v.register.MandatesOf(ctx, v.tx, of, mostMandates)
		for _, m := range found {
			out = append(out, mandateView(m))
		}
		return err
	})
	if errors.Is(err, errAbsent) {
		err = g.notFound(ctx, a, article4.ActDescribe, "organisation", string(of))
	}
	return out, err
}

func (v *visit) mandatesWaiting(ctx context.Context, of article4.OrganisationID) ([]MandateRecord, error) {
	waiting, err := v.register.Pendings(ctx, v.tx, article4.ActMandate, "", v.at, mostMandates)
	if err != nil {
		return nil, err
	}
	var out []MandateRecord
	for _, w := range waiting {
		if !strings.HasPrefix(w.Target, string(of)+"|") {
			continue
		}
		var said mandateSaid
		if err := json.Unmarshal([]byte(w.Payload), &said); err != nil {
			return nil, fmt.Errorf("pending %s: %w", w.ID, err)
		}
		out = append(out, said.proposed(pendingView(w), w.Organisation))
	}
	return out, nil
}

// mandateOfFile is one of the Arrangement file's.
func mandateOfFile(t instrument.ThirdParty, m instrument.Mandate) (register.Delegation, error) {
	digest, err := mandateDigestOf(t, m)
	return register.Delegation{
		ID:           article4.DelegationID(register.NewID("del_")),
		Organisation: OrganisationIDOf(t.Short),
		Subject:      m.Subject,
		Name:         m.Name,
		Function:     m.Function,
		Authority:    m.Authority,
		Keyset:       OrganisationIDOf(t.ProposedBy),
		Acts:         register.MandatedActs(),
		From:         m.From,
		Until:        m.Ends(),
		Instrument:   article4.Digest(m.Instrument),
		Digest:       digest,
	}, err
}

// mandateDigestOf names a Mandate of the file: it is of the whole clause.
func mandateDigestOf(t instrument.ThirdParty, m instrument.Mandate) (article4.Digest, error) {
	clause, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("mandate for %s: %w", t.Short, err)
	}
	return digestOf(string(OrganisationIDOf(t.Short)) + "\x00" + t.Issuer + "\x00" + string(clause)), nil
}
