package exchange

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// scope is what a transaction is for. It says which fields of its visit are set.
type scope int

const (
	// deciding: an act of a recognised caller. The locks, the facts, a decision, and an entry whatever was decided.
	// Begun without reading anything, since a repetition is looked for first: pass and permits do the rest.
	deciding scope = iota
	// readOnly shows a recognised caller what they could find one by one, or asks whether something is permitted still.
	// The facts; no lock, no entry, and no decision that anything is done upon.
	readOnly
	// system is what the gateway does by itself, and when it recognises somebody. Nobody acts. The locks and the facts
	// of what it is about; no decision, but it may write an entry.
	system
	// followUp writes an entry that follows a decision taken before: the clock and the configuration. No facts: what
	// counts was read when it was decided, and is not read again.
	followUp
	// finding reads a record by which an act finds its way to the door, or the log behind a decision taken before.
	// Nothing but the transaction: it decides and shows nothing, and writes nothing but the places of notices.
	finding
	// startUp applies the Arrangement file, before which there may be no Arrangement. Its row is held alone, and the
	// records are read by whoever changed them.
	startUp
)

// visit is what is known inside one transaction, its unit of work. begin alone makes one. Its fields are set in these
// scopes:
type visit struct {
	*Gateway
	tx    *postgres.Tx // all
	scope scope        // all
	actor Actor        // deciding, readOnly, followUp: who acts. system, finding, startUp: the zero value, nobody does
	act   article4.Act // deciding, readOnly, followUp: of the operation; elsewhere empty

	at          time.Time            // all but finding: the rules' clock, read behind the locks
	arrangement register.Arrangement // all but finding. startUp: as it was before; the zero value at the first start
	records     *register.Records    // deciding, readOnly, system. startUp: once they are changed
	parties     []article4.OrganisationID
	dates       article4.LifeDates // with parties and facts.Arrangement: where the records are

	situation situation      // deciding, readOnly, system: what was read; the zero value where that was absent
	facts     article4.Facts // deciding, readOnly, system: made of the situation, with what the act brings
	// Of the operation: deciding, readOnly, system, where it names a document or a request. A deposit and a request set
	// what they make.
	document   *register.Document
	request    *register.Request
	version    *register.Version    // likewise, that the act is about; nil while no act needs it
	grants     []register.Request   // behind facts.Access.Grants; where access was read
	delegation *register.Delegation // deciding: in force for this act, if any

	// What comes of it, all of it deciding alone but recorded and tells:
	ruling  article4.Ruling
	asked   article4.Asked    // what the rules were asked for it
	pending *register.Pending // the first half of this act, if it takes two people
	// supersedes is what waits and ends with the first half that takes its place
	supersedes string
	onLowering []register.LoweringDecision // what the entities concerned said of what waits, if it is a lowering
	filed      FiledAuthorization          // what ActFile brings
	made       string                      // entry of the marked copy that ActDisclose hands out
	result     string                      // what a repetition of this act is answered with
	recorded   bool                        // an entry was appended; in every scope that writes one
	tells      *bool                       // somebody was told something; shared by every view of this transaction
	met        *[]article4.DocumentID      // of which something was altered, and passed over; likewise shared
}

// step is something done inside a transaction; doing is one that makes something.
type (
	step         = func(ctx context.Context, v *visit) error
	doing[T any] = func(ctx context.Context, v *visit) (T, error)
)

// begin is the threshold: whatever stands inside a transaction is made here, for a named scope. A test refuses any
// other.
func (g *Gateway) begin(ctx context.Context, tx *postgres.Tx, s scope, a Actor, o operation) (*visit, error) {
	v := &visit{Gateway: g, tx: tx, scope: s, actor: a, act: o.act}
	v.tells, v.met = new(bool), new([]article4.DocumentID)
	switch s {
	case readOnly:
		return v, v.load(ctx, o)
	case system:
		return v, v.read(ctx, o)
	case followUp:
		found, err := g.register.Dossier(ctx, tx, register.Wanted{})
		if err != nil {
			return v, err
		}
		v.arrangement = found.Arrangement
		return v, v.dated(found.At)
	case startUp:
		return v, v.beforeArrangement(ctx)
	}
	return v, nil
}

// within does f in a transaction of its own, and passes on what went wrong.
func (g *Gateway) within(ctx context.Context, s scope, a Actor, o operation, f step) error {
	told, met := new(bool), new([]article4.DocumentID)
	err := g.db.InTx(ctx, func(tx *postgres.Tx) error {
		v, err := g.begin(ctx, tx, s, a, o)
		if err != nil {
			return err
		}
		told, met = v.tells, v.met
		return f(ctx, v)
	})
	if err == nil && *told {
		g.placeTold(ctx)
	}
	for _, id := range *met {
		if err == nil {
			g.attempt(ctx, "tell of what was altered", func(ctx context.Context) error {
				return g.tellMet(ctx, operation{document: id})
			})
		}
	}
	return err
}

// meets remembers that something of these documents was altered: the act goes on, and the auditors are told behind it.
func (v *visit) meets(documents ...article4.DocumentID) {
	for _, id := range documents {
		if !slices.Contains(*v.met, id) {
			*v.met = append(*v.met, id)
		}
	}
}

// unreadable reports whether a record was altered, or does not open.
func unreadable(err error) bool {
	code := faultCode(err)
	return code == codeAltered || code == codeKeys
}

// decided is within for an act: it tries again what only lost a race against another transaction, or came twice at once
// under one key.
func (g *Gateway) decided(ctx context.Context, a Actor, o operation, f step) error {
	return again(func() error { return g.within(ctx, deciding, a, o, f) })
}

// again does f, three times at most, while it only loses races against other transactions.
func again(f func() error) error {
	for attempt := 1; ; attempt++ {
		err := f()
		lost := postgres.Conflict(err) || postgres.Constraint(err) == "one_result_of_a_repeated_act"
		if !lost || attempt == 3 {
			return err
		}
	}
}

// bySystem does what the gateway does by itself.
func (g *Gateway) bySystem(ctx context.Context, o operation, f step) error {
	return g.within(ctx, system, g.system(), o, f)
}

// system is the actor of what no person did.
func (g *Gateway) system() Actor { return Actor{} }

// find reads a record by which an act finds its way to the door; it decides and shows nothing.
func (g *Gateway) find(ctx context.Context, f func(tx *postgres.Tx) error) error {
	return g.fault(article4.ActDescribe, g.lookUp(ctx, f))
}

// lookUp is find for a record that follows a decision taken before; a fault is the caller's to name.
func (g *Gateway) lookUp(ctx context.Context, f func(tx *postgres.Tx) error) error {
	return g.within(ctx, finding, g.system(), operation{}, func(_ context.Context, v *visit) error { return f(v.tx) })
}

// look is the door for what shows only what the caller could find one by one: no entry, since nothing is disclosed.
func (g *Gateway) look(ctx context.Context, a Actor, see step) error {
	if a.person == "" {
		return ErrUnrecognised
	}
	o := operation{act: article4.ActDescribe}
	err := g.within(ctx, readOnly, a, o, see)
	if faultCode(err) == codeAltered {
		return g.outage(ctx, a, o, nil, err)
	}
	return g.fault(o.act, err)
}

// beforeArrangement takes the Arrangement's row first, as at the door; at the first start there is none.
func (v *visit) beforeArrangement(ctx context.Context) error {
	var err error
	v.arrangement, err = v.register.Arrangement(ctx, v.tx, register.ForUpdate)
	if err != nil && !missingRecord(err) {
		return err
	}
	at, err := v.tx.Now(ctx)
	if err != nil {
		return err
	}
	return v.dated(at)
}

// afterChange reads the records that this transaction has changed: startUp alone.
func (v *visit) afterChange(ctx context.Context) error {
	var err error
	if v.records, err = v.register.ReadRecords(ctx, v.tx); err != nil {
		return err
	}
	v.arrangementFacts()
	return nil
}

// of is the same visit, for another document of a list.
func (v *visit) of(d register.Document) *visit {
	one := *v
	one.document = &d
	facts := documentFacts(&d)
	one.facts.Document = &facts
	return &one
}

// about is the same visit, for another act, on a document that this transaction makes or would make.
func (v *visit) about(act article4.Act, d register.Document, version register.Version) *visit {
	one := *v
	facts := documentFacts(&d)
	versionFacts(&facts, &version)
	one.act, one.document, one.version, one.request = act, &d, &version, nil
	one.ruling, one.asked = article4.Ruling{}, article4.Asked{}
	one.facts = article4.Facts{Act: act, Now: v.facts.Now, Actor: v.facts.Actor, Arrangement: v.facts.Arrangement,
		Document: &facts}
	return &one
}

// as is the same visit, for a dry run of another act or by another actor.
func (v *visit) as(a Actor, act article4.Act) *visit {
	one := *v
	one.actor, one.act, one.facts.Act = a, act, act
	one.ruling, one.asked = article4.Ruling{}, article4.Asked{}
	return &one
}
