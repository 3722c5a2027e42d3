package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

var errLate = errors.New("the log is behind")

// OrganisationIDOf is the identifier of an organisation of the Arrangement file. Keysets bear the same name.
func OrganisationIDOf(short string) article4.OrganisationID {
	return article4.OrganisationID("org_" + short)
}

// Adopt records the Arrangement file: the Parties, their focal points and first Delegations, third parties and purposes.
// What the Parties changed through the gateway since stands over the file: third parties that both recognised, focal points,
// Delegations that were ended, and notice.
//
// When what the configuration says differs from the last start, it writes an entry of kind configuration, so that neither
// Party learns of a weakening by accident. weakening names the settings that make the gateway accept less proof.
func (g *Gateway) ApplyInstrument(ctx context.Context, in Instrument, weakening []string, claims article4.Digest) error {
	err := g.DB.InTx(ctx, func(tx *postgres.Tx) error {
		// The Arrangement's row first, as at the door; at the first start there is none.
		before, err := g.Register.Arrangement(ctx, tx, register.ForUpdate)
		if err != nil && !missingRecord(err) {
			return err
		}
		if err := g.applyOrganisations(ctx, tx, in); err != nil {
			return err
		}
		if err := g.applyPurposes(ctx, tx, in); err != nil {
			return err
		}
		return g.configure(ctx, tx, before, in, weakening, claims)
	})
	g.Sequencer.Wake()
	return err
}

func (g *Gateway) applyOrganisations(ctx context.Context, tx *postgres.Tx, in Instrument) error {
	var all []register.Organisation
	for _, p := range in.Parties {
		all = append(all, register.Organisation{Short: p.Short, Name: p.Name, Kind: article4.Party, Issuer: p.Issuer, SignedOn: p.SignedOn})
	}
	for _, t := range in.ThirdParties {
		all = append(all, register.Organisation{Short: t.Short, Name: t.Name, Kind: article4.ThirdParty, Type: t.Type, Country: t.Country,
			Issuer: t.Issuer, ProposedBy: OrganisationIDOf(t.ProposedBy), ConfirmedBy: OrganisationIDOf(t.ConfirmedBy)})
	}
	all = append(all, register.Organisation{Short: in.Operator.Short, Name: in.Operator.Name, Kind: article4.Operator, Issuer: in.Operator.Issuer})
	for _, o := range all {
		o.ID = OrganisationIDOf(o.Short)
		o.Record = recordOf(o)
		if err := g.Register.PutOrganisation(ctx, tx, o); err != nil {
			return err
		}
	}
	for _, p := range in.Parties {
		if err := g.applyOfficials(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gateway) applyOfficials(ctx context.Context, tx *postgres.Tx, p PartyClause) error {
	o := OrganisationIDOf(p.Short)
	if f := p.FocalPoint; f != nil {
		err := g.Register.PutFocalPoint(ctx, tx, register.FocalPoint{Organisation: o, Subject: f.Subject, Name: f.Name, DesignatedOn: f.DesignatedOn})
		if err != nil {
			return err
		}
	}
	for _, d := range p.Delegations {
		digest, err := p.digestOf(d)
		if err != nil {
			return err
		}
		err = g.Register.PutDelegation(ctx, tx, register.Delegation{
			ID: article4.DelegationID(register.NewID("del_")), Organisation: o, Subject: d.Subject, Name: d.Name, Acts: d.Acts, From: d.From, Until: d.ends(),
			Instrument: d.Instrument, Digest: digest,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// digestOf names a Delegation of the file: it is of the whole clause.
func (p PartyClause) digestOf(d DelegationClause) (article4.Digest, error) {
	clause, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("delegation of %s: %w", p.Short, err)
	}
	return digestOf(string(OrganisationIDOf(p.Short)) + "\x00" + p.Issuer + "\x00" + string(clause)), nil
}

func (g *Gateway) configure(ctx context.Context, tx *postgres.Tx, before register.Arrangement, in Instrument, weakening []string, claims article4.Digest) error {
	said := &ledger.Configured{Arrangement: string(in.Digest), Claims: string(claims), Bindings: string(bindingsOf(in)),
		Custody: g.Keysets.Custody(), Weakening: weakening}
	if err := in.tell(said); err != nil {
		return err
	}
	text, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	digest := digestOf(string(text) + g.RulesDigest() + g.Build)
	if before.Configured == digest {
		return nil
	}
	v := &visit{Gateway: g, tx: tx, actor: g.system(), arrangement: before}
	if v.at, err = g.now(ctx, tx); err != nil {
		return err
	}
	if v.records, err = g.Register.ReadRecords(ctx, tx); err != nil {
		return err
	}
	v.arrangementFacts()
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
	return g.Register.PutArrangement(ctx, tx, register.Arrangement{Title: in.Title, Instrument: in.Digest, Configuration: entry.id, Configured: digest})
}

// tell says what an auditor holds disclosures against: when the Arrangement took effect, which purposes outlive it, and who
// may decide for the Parties.
func (in Instrument) tell(said *ledger.Configured) error {
	for _, p := range in.Parties {
		o := string(OrganisationIDOf(p.Short))
		said.Signed = append(said.Signed, ledger.Signed{Party: o, On: p.SignedOn})
		for _, d := range p.Delegations {
			digest, err := p.digestOf(d)
			if err != nil {
				return err
			}
			said.Delegations = append(said.Delegations, ledger.Delegation{Digest: string(digest), Organisation: o, Acts: texts(d.Acts), From: d.From, Until: d.ends(),
				Holder: ledger.HolderOf(string(digest), p.Issuer, d.Subject)})
		}
		said.Organisations = append(said.Organisations, ledger.Binding{Organisation: o, Issuer: p.Issuer, Clients: in.SignIn[p.Issuer]})
	}
	for _, t := range in.ThirdParties {
		said.Organisations = append(said.Organisations, ledger.Binding{Organisation: string(OrganisationIDOf(t.Short)), Issuer: t.Issuer, Clients: in.SignIn[t.Issuer]})
	}
	for _, s := range in.SpecificArrangements {
		one := ledger.Specific{Signed: s.SignedOn}
		if s.EndsOn != nil {
			one.Ends = *s.EndsOn
		}
		for _, p := range s.Purposes {
			one.Purposes = append(one.Purposes, string(p.Code))
		}
		said.Specific = append(said.Specific, one)
	}
	return nil
}

func bindingsOf(in Instrument) article4.Digest {
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
