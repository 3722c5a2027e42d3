package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// OrganisationIDOf is the identifier of an organisation of the Arrangement file. Keysets bear the same name.
func OrganisationIDOf(short string) article4.OrganisationID {
	return article4.OrganisationID("org_" + short)
}

// ApplyInstrument records the Arrangement file: the Parties, their focal points and first Delegations, third parties
// and purposes. What the Parties changed through the gateway since stands over the file: third parties that both
// recognised, focal points, Delegations that were ended, and notice.
//
// When what the configuration says differs from the last start, it writes an entry of kind configuration, so that
// neither Party learns of a weakening by accident. weakening names the settings that make the gateway accept less
// proof.
//
// Whatever was in force is replaced; see Adopt.
func (g *Gateway) ApplyInstrument(ctx context.Context, in instrument.Instrument, weakening []string,
	claims article4.Digest) error {
	return g.apply(ctx, in, weakening, claims, func(context.Context, *visit) error { return nil })
}

// apply asks first, in the same transaction, whether it may.
func (g *Gateway) apply(ctx context.Context, in instrument.Instrument, weakening []string, claims article4.Digest,
	may step) error {
	err := g.within(ctx, startUp, g.system(), operation{}, func(ctx context.Context, v *visit) error {
		if err := may(ctx, v); err != nil {
			return err
		}
		if err := g.applyOrganisations(ctx, v.tx, in); err != nil {
			return err
		}
		if err := g.applyPurposes(ctx, v.tx, in); err != nil {
			return err
		}
		return v.configure(ctx, in, weakening, claims)
	})
	g.sequencer.Wake()
	return err
}

func (g *Gateway) applyOrganisations(ctx context.Context, tx *postgres.Tx, in instrument.Instrument) error {
	var all []register.Organisation
	for _, p := range in.Parties {
		all = append(all, register.Organisation{Short: p.Short, Name: p.Name, Kind: article4.Party, Issuer: p.Issuer,
			SignedOn: p.SignedOn})
	}
	for _, t := range in.ThirdParties {
		all = append(all, register.Organisation{
			Short:       t.Short,
			Name:        t.Name,
			Kind:        article4.ThirdParty,
			Type:        t.Type,
			Country:     t.Country,
			Issuer:      t.Issuer,
			ProposedBy:  OrganisationIDOf(t.ProposedBy),
			ConfirmedBy: OrganisationIDOf(t.ConfirmedBy),
		})
	}
	all = append(all, register.Organisation{Short: in.Operator.Short, Name: in.Operator.Name, Kind: article4.Operator,
		Issuer: in.Operator.Issuer})
	for _, o := range all {
		o.ID = OrganisationIDOf(o.Short)
		o.Record = recordOf(o)
		if err := g.register.PutOrganisation(ctx, tx, o); err != nil {
			return err
		}
	}
	for _, p := range in.Parties {
		if err := g.applyOfficials(ctx, tx, p); err != nil {
			return err
		}
	}
	return g.applyMandates(ctx, tx, in)
}

func (g *Gateway) applyMandates(ctx context.Context, tx *postgres.Tx, in instrument.Instrument) error {
	for _, t := range in.ThirdParties {
		for _, clause := range t.Mandates {
			m, err := mandateOfFile(t, clause)
			if err != nil {
				return err
			}
			err = g.register.PutDelegation(ctx, tx, m)
			if errors.Is(err, register.ErrKeys) {
				g.logger.Warn("nobody speaks for a third party whose keyset is away", "organisation", m.Organisation)
				continue
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Gateway) applyOfficials(ctx context.Context, tx *postgres.Tx, p instrument.Party) error {
	o := OrganisationIDOf(p.Short)
	if f := p.FocalPoint; f != nil {
		err := g.register.PutFocalPoint(ctx, tx,
			register.FocalPoint{Organisation: o, Subject: f.Subject, Name: f.Name, DesignatedOn: f.DesignatedOn})
		if err != nil {
			return err
		}
	}
	for _, d := range p.Delegations {
		digest, err := clauseDigestOf(p, d)
		if err != nil {
			return err
		}
		err = g.register.PutDelegation(ctx, tx, register.Delegation{
			ID:           article4.DelegationID(register.NewID("del_")),
			Organisation: o,
			Subject:      d.Subject,
			Name:         d.Name,
			Acts:         actsOf(d),
			From:         d.From,
			Until:        d.Ends(),
			Instrument:   article4.Digest(d.Instrument),
			Digest:       digest,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// actsOf are the acts that a Delegation of the file names.
func actsOf(d instrument.Delegation) []article4.Act {
	acts := make([]article4.Act, len(d.Acts))
	for i, act := range d.Acts {
		acts[i] = article4.Act(act)
	}
	return acts
}

// clauseDigestOf names a Delegation of the file: it is of the whole clause.
func clauseDigestOf(p instrument.Party, d instrument.Delegation) (article4.Digest, error) {
	clause, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("delegation of %s: %w", p.Short, err)
	}
	return digestOf(string(OrganisationIDOf(p.Short)) + "\x00" + p.Issuer + "\x00" + string(clause)), nil
}

func (v *visit) configure(ctx context.Context, in instrument.Instrument, weakening []string,
	claims article4.Digest) error {
	said, digest, err := v.configuredBy(in, weakening, claims)
	if err != nil {
		return err
	}
	if v.arrangement.Configured == digest {
		return nil
	}
	if err := v.afterChange(ctx); err != nil {
		return err
	}
	if err := v.register.KeepRules(ctx, v.tx, v.RulesDigest(), v.rules.Text(), v.at); err != nil {
		return err
	}
	body := v.body(ledger.KindConfiguration, ledger.Permitted)
	body.Configured = said
	entry, err := v.record(ctx, body, v.parties, nil)
	if err != nil {
		return err
	}
	if err := v.tellConfiguration(ctx, said, entry.id); err != nil {
		return err
	}
	if err := v.announceRevocation(ctx, everything); err != nil {
		return err
	}
	return v.register.PutArrangement(ctx, v.tx,
		register.Arrangement{Title: in.Title, Instrument: article4.Digest(in.Digest), Configuration: entry.id,
			Configured: digest})
}

// configuredBy is what the configuration entry of these files would say, and the digest by which this build knows them.
func (g *Gateway) configuredBy(in instrument.Instrument, weakening []string, claims article4.Digest) (
	*ledger.Configured, article4.Digest, error) {
	said := &ledger.Configured{Arrangement: in.Digest, Claims: string(claims), Bindings: string(bindingsOf(in)),
		Custody: g.keysets.Custody(), Weakening: weakening}
	if err := tellInstrument(in, said); err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(said)
	if err != nil {
		return nil, "", fmt.Errorf("configuration: %w", err)
	}
	return said, digestOf(string(text) + g.RulesDigest() + g.build), nil
}

// tellInstrument says what an auditor holds disclosures against: when the Arrangement took effect, which purposes
// outlive it, and who may decide for the Parties.
func tellInstrument(in instrument.Instrument, said *ledger.Configured) error {
	for _, p := range in.Parties {
		o := string(OrganisationIDOf(p.Short))
		said.Signed = append(said.Signed, ledger.Signed{Party: o, On: p.SignedOn})
		for _, d := range p.Delegations {
			digest, err := clauseDigestOf(p, d)
			if err != nil {
				return err
			}
			said.Delegations = append(said.Delegations, ledger.Delegation{
				Digest:       string(digest),
				Organisation: o,
				Acts:         d.Acts,
				From:         d.From,
				Until:        d.Ends(),
				Holder:       ledger.HolderOf(string(digest), p.Issuer, d.Subject),
			})
		}
		said.Organisations = append(said.Organisations, bindingOf(in, p.Short, p.Issuer))
	}
	for _, t := range in.ThirdParties {
		for _, clause := range t.Mandates {
			m, err := mandateOfFile(t, clause)
			if err != nil {
				return err
			}
			said.Delegations = append(said.Delegations, ledger.Delegation{
				Digest:       string(m.Digest),
				Organisation: string(m.Organisation),
				Acts:         texts(m.Acts),
				From:         m.From,
				Until:        m.Until,
				Holder:       ledger.HolderOf(string(m.Digest), t.Issuer, m.Subject),
			})
		}
		said.Organisations = append(said.Organisations, bindingOf(in, t.Short, t.Issuer))
	}
	for _, s := range in.SpecificArrangements {
		one := ledger.Specific{Signed: s.SignedOn}
		if s.EndsOn != nil {
			one.Ends = *s.EndsOn
		}
		for _, p := range s.Purposes {
			one.Purposes = append(one.Purposes, p.Code)
		}
		said.Specific = append(said.Specific, one)
	}
	return nil
}

func bindingOf(in instrument.Instrument, short, issuer string) ledger.Binding {
	read := in.SignIn[issuer]
	return ledger.Binding{
		Organisation: string(OrganisationIDOf(short)),
		Issuer:       issuer,
		Clients:      read.Clients,
		ACR:          read.ACR,
		ACRClaim:     read.ACRClaim,
		RoleClaim:    read.RoleClaim,
		Roles:        read.Roles,
	}
}

func bindingsOf(in instrument.Instrument) article4.Digest {
	var b strings.Builder
	for _, p := range in.Parties {
		fmt.Fprintf(&b, "%s %s\n", p.Short, p.Issuer)
	}
	for _, t := range in.ThirdParties {
		fmt.Fprintf(&b, "%s %s\n", t.Short, t.Issuer)
	}
	fmt.Fprintf(&b, "%s %s\n", in.Operator.Short, in.Operator.Issuer)
	return digestOf(b.String())
}
