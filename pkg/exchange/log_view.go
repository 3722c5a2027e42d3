package exchange

import (
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

// entryView is an entry as the auditor's Party may see it.
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

// line is the entry as it stands in a list.
func (e LogEntry) line() LogEntry {
	e.Body, e.Nonce, e.Leaf, e.Details, e.BodySHA256 = nil, nil, nil, nil, ""
	return e
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
