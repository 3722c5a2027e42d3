package exchange

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/vault"
)

// entryView is an entry as the auditor's Party may see it, without what it rests on and what it says in the open.
func (v *visit) entryView(s sequencer.Stored) (LogEntry, error) {
	body, err := ledger.Decode(s.Body)
	if err != nil {
		return LogEntry{}, fmt.Errorf("entry %s: %w: %w", s.ID, sequencer.ErrInconsistent, err)
	}
	leaf, err := ledger.DecodeLeaf(s.Leaf)
	if err != nil {
		return LogEntry{}, fmt.Errorf("entry %s: %w: %w", s.ID, sequencer.ErrInconsistent, err)
	}
	e := LogEntry{
		ID:           body.ID,
		Index:        s.Index,
		Kind:         string(body.Kind),
		At:           body.At,
		Actor:        article4.PersonID(body.Actor),
		Organisation: article4.OrganisationID(body.Organisation),
		Document:     article4.DocumentID(body.Document),
		Request:      article4.RequestID(body.Request),
		Outcome:      string(body.Outcome),
		Step:         stepOf(body),
		Body:         s.Body,
		BodySHA256:   ledger.BodyHash(s.Body).String(),
		Nonce:        s.Nonce,
		Leaf:         s.Leaf,
	}
	for _, p := range leaf.Parties {
		e.Parties = append(e.Parties, article4.OrganisationID(p.Party))
		if p.Party == v.party() {
			e.Number = p.N
		}
	}
	for _, code := range body.Reasons {
		e.Reasons = append(e.Reasons, article4.Code(code))
	}
	shown, err := v.openDetails(v.party(), body, s)
	if err != nil {
		return LogEntry{}, err
	}
	for _, field := range slices.Sorted(maps.Keys(body.Private)) {
		d := LogDetail{Field: field, Commitment: body.Private[field]}
		if at := slices.IndexFunc(shown, func(s ledger.Detail) bool { return s.Field == field }); at >= 0 {
			d.Salt, d.Value = shown[at].Salt, shown[at].Value
		}
		e.Details = append(e.Details, d)
	}
	return e, nil
}

// wholeView is entryView with the rest, for one entry alone.
func (v *visit) wholeView(ctx context.Context, s sequencer.Stored) (LogEntry, error) {
	e, err := v.entryView(s)
	if err != nil {
		return LogEntry{}, err
	}
	body, err := ledger.Decode(s.Body)
	if err != nil {
		return LogEntry{}, fmt.Errorf("entry %s: %w: %w", s.ID, sequencer.ErrInconsistent, err)
	}
	e.Said = saidIn(body)
	e.RestsOn, err = v.namedIn(ctx, body)
	return e, err
}

// namedIn finds what the entry names by hash. What is no entry (the digest of an instrument of paper) is left out; of
// an entry that the auditor's Party may not open the hash alone is told, which stands in the body anyway.
func (v *visit) namedIn(ctx context.Context, body ledger.Body) ([]LogReference, error) {
	named := namedBy(body)
	var hashes []ledger.Hash
	for _, n := range named {
		if h, err := ledger.ParseHash(n.BodySHA256); err == nil {
			hashes = append(hashes, h)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	stored, err := v.sequencer.Named(ctx, v.tx, hashes)
	if err != nil {
		return nil, err
	}
	found := map[string]sequencer.Stored{}
	for _, one := range stored {
		found[ledger.BodyHash(one.Body).String()] = one
	}
	var out []LogReference
	for _, n := range named {
		one, is := found[n.BodySHA256]
		if !is {
			continue
		}
		if slices.Contains(one.Parties, v.party()) {
			e, err := v.entryView(one)
			if err != nil {
				return nil, err
			}
			n.ID, n.Number, n.Kind, n.At = e.ID, e.Number, e.Kind, e.At
			n.Actor, n.Organisation = e.Actor, e.Organisation
		}
		out = append(out, n)
	}
	return out, nil
}

// namedBy is every hash in a body under which another entry may be found, once, with what that is to it.
func namedBy(b ledger.Body) []LogReference {
	var out []LogReference
	add := func(as string, hashes ...string) {
		for _, h := range hashes {
			if h != "" && !slices.ContainsFunc(out, func(r LogReference) bool { return r.BodySHA256 == h }) {
				out = append(out, LogReference{As: as, BodySHA256: h})
			}
		}
	}
	if d := b.Disclosure; d != nil {
		add("request", d.Grant)
		add("authorization", d.Authorizations...)
		add("consent", d.Consent)
		add("source-consent", d.SourceConsents...)
		add("signature", d.Agreement)
		add("delegation", d.Delegation)
	}
	if c := b.Completion; c != nil {
		add("disclosure", c.Closes)
	}
	if t := b.Terms; t != nil {
		add("delegation", t.Delegation)
		add("withdrawn", t.Withdraws...)
		add("relied", t.Relies...)
	}
	return out
}

// line is the entry as it stands in a list.
func (e LogEntry) line() LogEntry {
	e.Body, e.Nonce, e.Leaf, e.Details, e.BodySHA256, e.RestsOn = nil, nil, nil, nil, "", nil
	return e
}

// referred adds what people call the documents that entries are about, and how each is marked, which both Parties see
// of each.
func (v *visit) referred(ctx context.Context, all []LogEntry) error {
	var ids []article4.DocumentID
	for _, e := range all {
		if e.Document != "" && !slices.Contains(ids, e.Document) {
			ids = append(ids, e.Document)
		}
	}
	found, err := v.register.References(ctx, v.tx, ids)
	for i := range all {
		document := found[all[i].Document]
		all[i].Reference, all[i].Marking = document.Reference, document.Marking
	}
	return err
}

// forBoth are the private fields that the other Party's auditors see too: what was said on a request, and the evidence
// of a consent, which is there to convince them, on what an erasure rests, and what the rules were asked, which names
// nobody. Titles, names, handling and entities are
// for the auditors of the Party under whose keyset they are sealed, and so is the text of a decision, which names the
// entities.
var forBoth = []string{"statement", "conditions", "id-token", "evidence-key", "legal-basis", factsField}

// openDetails unseals what the auditor's Party is entitled to. A detail that was erased is simply not there.
func (g *Gateway) openDetails(party string, b ledger.Body, s sequencer.Stored) ([]ledger.Detail, error) {
	var out []ledger.Detail
	for _, d := range s.Details {
		shown, owner, err := g.unseal(b, s.Parties, d)
		if err != nil {
			return nil, err
		}
		if owner == party || slices.Contains(forBoth, d.Field) {
			out = append(out, shown)
		}
	}
	return out, nil
}

// A detail is sealed as its salt followed by its value, under a context of its own. In rows of before, the salt stands
// beside the value that is sealed alone.
const (
	saltedDetail = "log_detail.salted."
	bareDetail   = "log_detail."
)

// unseal finds the Party under whose keyset a detail is sealed: it is one of those entitled to the entry.
func (g *Gateway) unseal(b ledger.Body, parties []string, d sequencer.Detail) (shown ledger.Detail, owner string,
	err error) {
	context := saltedDetail
	if d.Salt != nil {
		context = bareDetail
	}
	for _, party := range parties {
		opened, err := g.keysets.Open(party, d.Sealed, context+d.Field+"|"+b.ID)
		switch {
		case err == nil && d.Salt != nil:
			return ledger.Detail{Field: d.Field, Salt: d.Salt, Value: string(opened)}, party, nil
		case err == nil && len(opened) >= ledger.SaltSize:
			return ledger.Detail{Field: d.Field, Salt: opened[:ledger.SaltSize:ledger.SaltSize],
				Value: string(opened[ledger.SaltSize:])}, party, nil
		case err != nil && !errors.Is(err, vault.ErrTampered):
			return ledger.Detail{}, "", fmt.Errorf("entry %s: %w: %w", b.ID, register.ErrKeys, err)
		}
	}
	return ledger.Detail{}, "", fmt.Errorf("entry %s: field %s opens with no keyset of its Parties: %w", b.ID, d.Field,
		sequencer.ErrInconsistent)
}
