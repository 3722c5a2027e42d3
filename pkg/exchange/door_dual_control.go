package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// secondWithin is how long the first of two people waits for the second.
const secondWithin = 7 * 24 * time.Hour

// pendingPrefix begins the identifier of what waits for a second person.
const pendingPrefix = "pen_"

// second looks for the first half of an act that takes two people. nil: this person is the first. Somebody who comes
// again with something else begins again; the same person with the same is for the rules to refuse.
func (v *visit) second(ctx context.Context, target string, payload any) (*article4.SecondFacts, error) {
	waiting, err := v.Register.PendingOn(ctx, v.tx, v.act, target, v.at)
	if v.actor.confirms != "" && (missingRecord(err) || err == nil && waiting.ID != v.actor.confirms) {
		return nil, errAbsent // whoever confirms begins nothing
	}
	if missingRecord(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if waiting.Organisation != v.actor.organisation.ID {
		return nil, nil // what others began is not told by a refusal; whoever is not of them is refused for that
	}
	digest, _, err := payloadOf(payload)
	if err != nil {
		return nil, err
	}
	same := waiting.PayloadSHA == digest
	if waiting.By == v.actor.person && !same {
		return nil, v.Register.EndPending(ctx, v.tx, waiting.ID, v.at)
	}
	v.waiting = &waiting
	return &article4.SecondFacts{First: waiting.By, Organisation: waiting.Organisation, Same: same}, nil
}

// confirming loads the first half by its identifier: the second person confirms it as it stands.
func (v *visit) confirming(ctx context.Context, id string, act article4.Act, payload any) (*article4.SecondFacts, error) {
	waiting, err := v.Register.Pending(ctx, v.tx, id, v.at)
	if err != nil {
		return nil, err
	}
	if waiting.Act != act {
		return nil, errAbsent
	}
	if err := json.Unmarshal([]byte(waiting.Payload), payload); err != nil {
		return nil, fmt.Errorf("pending %s: %w", id, err)
	}
	v.waiting = &waiting
	return &article4.SecondFacts{First: waiting.By, Organisation: waiting.Organisation, Same: true}, nil
}

// twice does the first half (an entry, and a record that waits) or, for the second person, done with its entry's body
// naming the first. It returns what waits, or nil when the act is done.
func (v *visit) twice(ctx context.Context, target string, payload any, body ledger.Body, parties []article4.OrganisationID, fields []private,
	done func(written) error) (*Pending, error) {
	if body.Terms == nil {
		body.Terms = &ledger.Terms{}
	}
	if v.waiting == nil {
		return v.begin(ctx, target, payload, body, parties, fields)
	}
	v.result = v.waiting.ID
	body.Terms.Step = ledger.StepSecond
	body.Terms.Relies = append(body.Terms.Relies, v.waiting.EntryHash)
	entry, err := v.record(ctx, body, parties, fields)
	if err != nil {
		return nil, err
	}
	if err := v.Register.EndPending(ctx, v.tx, v.waiting.ID, v.at); err != nil {
		return nil, err
	}
	return nil, done(entry)
}

func (v *visit) begin(ctx context.Context, target string, payload any, body ledger.Body, parties []article4.OrganisationID, fields []private) (*Pending, error) {
	digest, text, err := payloadOf(payload)
	if err != nil {
		return nil, err
	}
	body.Terms.Step = ledger.StepFirst
	entry, err := v.record(ctx, body, parties, fields)
	if err != nil {
		return nil, err
	}
	p := register.Pending{ID: register.NewID(pendingPrefix), Act: v.act, Target: target, Organisation: v.actor.organisation.ID, By: v.actor.person,
		At: v.at, ExpiresAt: v.at.Add(secondWithin), Payload: text, PayloadSHA: digest, Entry: entry.id, EntryHash: entry.hash}
	if err := v.Register.AddPending(ctx, v.tx, p); err != nil {
		return nil, err
	}
	v.result = p.ID
	return pendingView(p), nil
}

func payloadOf(payload any) (article4.Digest, string, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return "", "", fmt.Errorf("payload of an act of two: %w", err)
	}
	return digestOf(string(text)), string(text), nil
}

// Confirming gives the same caller, for one call that confirms what waits under this identifier: it begins nothing where
// nothing waits any more.
func (a Actor) Confirming(pending string) Actor {
	a.confirms = pending
	return a
}
