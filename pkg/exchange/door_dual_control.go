package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// secondWithin is how long the first of two people waits for the second.
const secondWithin = 7 * 24 * time.Hour

// pendingPrefix begins the identifier of what waits for a second person.
const pendingPrefix = "pen_"

// asSeen is the document as the first of two people saw it: the second confirms an act on that, and on nothing else.
// When one of these fields changes, the act has to be begun again.
type asSeen struct {
	Version     article4.VersionID        `json:"version"`
	Marking     article4.Marking          `json:"marking"`
	Proprietary bool                      `json:"proprietary"`
	Entities    []article4.OrganisationID `json:"entities,omitempty"`
}

// seen is the document of the act as it is now.
func (v *visit) seen() asSeen {
	d := v.document
	return asSeen{Version: d.Version, Marking: d.Marking, Proprietary: d.Proprietary,
		Entities: slices.Sorted(slices.Values(d.Entities))}
}

// statedOn is part of every payload that names what was seen. One that was written without it was seen by nobody.
type statedOn struct {
	Seen asSeen `json:"seen"`
}

// outdated reports whether the document has changed since the first person spoke: nobody can confirm it any more.
func (s statedOn) outdated(waiting register.Pending) (bool, error) {
	var said struct {
		Seen *asSeen `json:"seen"`
	}
	if err := json.Unmarshal([]byte(waiting.Payload), &said); err != nil || said.Seen == nil {
		return true, nil //nolint:nilerr // a payload of another form names nothing that was seen
	}
	then, _, err := payloadOf(*said.Seen)
	if err != nil {
		return false, err
	}
	now, _, err := payloadOf(s.Seen)
	return then != now, err
}

// second finds the first half of an act that takes two people. nil: this person is the first. It is nil as well where
// the first half is to be replaced, because whoever began it now says something else, or because the document changed
// since; what waits is removed only when the new first half is recorded, never by an act that is refused. Where whoever
// began it repeats it unchanged it is returned, and the rules refuse: one person cannot be both.
func (v *visit) second(ctx context.Context, target string, payload any) (*article4.SecondFacts, error) {
	waiting, err := v.register.PendingOn(ctx, v.tx, v.act, target, v.at)
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
	anew := !same && waiting.By == v.actor.person
	if of, names := payload.(interface {
		outdated(register.Pending) (bool, error)
	}); names && !same && !anew {
		if anew, err = of.outdated(waiting); err != nil {
			return nil, err
		}
	}
	if anew && v.actor.confirms == "" {
		v.supersedes = waiting.ID
		return nil, nil
	}
	v.pending = &waiting
	return v.firstFacts(ctx, waiting, same)
}

// firstFacts is who came first, and, where a Delegation is given, whether they hold one that names it.
func (v *visit) firstFacts(ctx context.Context, waiting register.Pending, same bool) (*article4.SecondFacts, error) {
	first := &article4.SecondFacts{First: waiting.By, Organisation: waiting.Organisation, Same: same, At: waiting.At}
	if waiting.Act != article4.ActDelegate {
		return first, nil
	}
	held, err := v.heldBy(ctx, waiting.By)
	first.Delegated = slices.ContainsFunc(held,
		func(d register.Delegation) bool { return d.Covers(article4.ActDelegate, v.at) })
	return first, err
}

// confirming loads the first half by its identifier: the second person confirms it as it stands.
func (v *visit) confirming(ctx context.Context, id string, act article4.Act, payload any) (*article4.SecondFacts,
	error) {
	waiting, err := v.register.Pending(ctx, v.tx, id, v.at)
	if err != nil {
		return nil, err
	}
	if waiting.Act != act {
		return nil, errAbsent
	}
	if err := json.Unmarshal([]byte(waiting.Payload), payload); err != nil {
		return nil, fmt.Errorf("pending %s: %w", id, err)
	}
	v.pending = &waiting
	return v.firstFacts(ctx, waiting, true)
}

// halves are both halves of an act of two people.
type halves struct {
	target  string // what waits meanwhile, one at a time
	payload any    // what both say
	body    ledger.Body
	within  time.Duration             // how long the first waits for the second; zero: secondWithin
	parties []article4.OrganisationID // entitled to the entry
	fields  []private
	paper   named               // that both name
	done    func(written) error // what the second person's half does
}

// twice does the first half (an entry, and a record that waits) or, for the second person, done with its entry's body
// naming the first. It returns what waits, or nil when the act is done.
func (v *visit) twice(ctx context.Context, h halves) (*Pending, error) {
	if h.body.Terms == nil {
		h.body.Terms = &ledger.Terms{}
	}
	if err := v.rest(ctx, h.paper, v.pending != nil); err != nil {
		return nil, err
	}
	if v.pending == nil {
		return v.firstHalf(ctx, h)
	}
	v.result = v.pending.ID
	h.body.Terms.Step = ledger.StepSecond
	h.body.Terms.Relies = append(h.body.Terms.Relies, v.pending.EntryHash)
	entry, err := v.record(ctx, h.body, h.parties, h.fields)
	if err != nil {
		return nil, err
	}
	if err := v.register.EndPending(ctx, v.tx, v.pending.ID, v.at); err != nil {
		return nil, err
	}
	return nil, h.done(entry)
}

func (v *visit) firstHalf(ctx context.Context, h halves) (*Pending, error) {
	digest, text, err := payloadOf(h.payload)
	if err != nil {
		return nil, err
	}
	h.body.Terms.Step = ledger.StepFirst
	entry, err := v.record(ctx, h.body, h.parties, h.fields)
	if err != nil {
		return nil, err
	}
	if v.supersedes != "" {
		if err := v.register.EndPending(ctx, v.tx, v.supersedes, v.at); err != nil {
			return nil, err
		}
	}
	p := register.Pending{
		ID:           register.NewID(pendingPrefix),
		Act:          v.act,
		Target:       h.target,
		Organisation: v.actor.organisation.ID,
		By:           v.actor.person,
		At:           v.at,
		ExpiresAt:    v.at.Add(cmp.Or(h.within, secondWithin)),
		Payload:      text,
		PayloadSHA:   digest,
		Entry:        entry.id,
		EntryHash:    entry.hash,
	}
	if err := v.register.AddPending(ctx, v.tx, p); err != nil {
		return nil, err
	}
	v.result = p.ID
	return pendingView(p), v.tellConfirmation(ctx, p)
}

func payloadOf(payload any) (article4.Digest, string, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return "", "", fmt.Errorf("payload of an act of two: %w", err)
	}
	return digestOf(string(text)), string(text), nil
}

// ownPendingNamed loads the first half of an act by its identifier, for the second official of the same Party. What
// waits for another organisation is absent.
func (v *visit) ownPendingNamed(ctx context.Context, id string, payload any) (*article4.SecondFacts, error) {
	second, err := v.confirming(ctx, id, v.act, payload)
	if err != nil {
		return nil, err
	}
	if !v.hasRole() || second.Organisation != v.actor.organisation.ID {
		v.pending = nil
		return nil, errAbsent
	}
	return second, nil
}

// ownPending are what the own Party's second official has yet to confirm, shown to that Party's people only.
func (v *visit) ownPending(ctx context.Context, act article4.Act) ([]register.Pending, error) {
	if !v.ofParty() || !v.sees() {
		return nil, nil
	}
	return v.register.Pendings(ctx, v.tx, act, v.actor.organisation.ID, v.at, maxList)
}

func pendingView(p register.Pending) *Pending {
	return &Pending{
		ID:        p.ID,
		Act:       p.Act,
		By:        p.By,
		At:        p.At,
		ExpiresAt: p.ExpiresAt,
		entry:     p.Entry,
	}
}

// Confirming gives the same caller, for one call that confirms what waits under this identifier: it begins nothing
// where nothing waits any more.
func (a Actor) Confirming(pending string) Actor {
	a.confirms = pending
	return a
}
