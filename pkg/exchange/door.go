package exchange

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// errAbsent makes what does not exist and what the caller has no standing for the same.
var errAbsent = errors.New("absent")

// errand is one entrant through the door.
type errand struct {
	act      article4.Act
	document article4.DocumentID // to be locked and loaded; empty: none
	request  article4.RequestID  // likewise, with its document
	// what names the thing that answers "not found", target what was asked for when it is neither document nor request.
	what, target string
	lock         register.Lock
	// alone holds the Arrangement's row against every act that shares it: for acts on its own records.
	alone bool
	once  bool // the act that an Idempotency-Key is about; its then sets v.result
	// reading is what a reader of the document hands in: the version, and what the reader may rely on, are loaded with the rest.
	reading *Reading
	// together: the reader may pass in a batch.
	together bool
	// facts adds what the act brings; the arrangement, the actor, the document and the request are there already.
	facts func(ctx context.Context, v *visit) error
	// then does the permitted act and records it.
	then func(ctx context.Context, v *visit) error
}

// visit is what is known inside one transaction behind the door.
type visit struct {
	*Gateway
	tx          *postgres.Tx
	actor       Actor
	act         article4.Act
	at          time.Time
	arrangement register.Arrangement
	records     *register.Records
	document    *register.Document
	version     *register.Version // that the act is about; nil while no act needs it
	request     *register.Request
	delegation  *register.Delegation // in force for this act, if any
	parties     []article4.OrganisationID
	dates       article4.LifeDates
	grants      []register.Request // behind facts.Access.Grants
	facts       article4.Facts
	ruling      article4.Ruling
	waiting     *register.Pending  // the first half of this act, if it takes two people
	recorded    bool               // an entry was appended
	filed       FiledAuthorization // what ActFile brings
	made        string             // entry of the marked copy that ActDisclose hands out
	result      string             // what a repetition of this act is answered with
}

// enter is the one door: lock, facts, decide, entry. A refusal commits its entry and comes back as *Refusal or *NotFound.
func (g *Gateway) enter(ctx context.Context, a Actor, e errand) error {
	if a.person == "" {
		return ErrUnrecognised
	}
	if g.refusalLimiter.has(a.person) {
		if err := g.dryRun(ctx, a, e); err != nil {
			return err
		}
	}
	if e.together {
		if passed, err := g.batches.join(ctx, g, a, e); passed {
			return err
		}
	}
	return g.pass(ctx, a, e)
}

// pass is one entrant through the door, in one transaction.
func (g *Gateway) pass(ctx context.Context, a Actor, e errand) error {
	var refused error
	var v *visit
	err := g.inTx(ctx, func(tx *postgres.Tx) error {
		refused, v = nil, &visit{Gateway: g, tx: tx, actor: a, act: e.act}
		if e.once && a.attempt != nil {
			if err := v.before(ctx); err != nil {
				return err
			}
		}
		err := v.load(ctx, e)
		if errors.Is(err, errAbsent) || errors.Is(err, register.ErrNotFound) {
			refused, err = v.absent(ctx, e)
			return err
		}
		if err != nil {
			return err
		}
		v.ruling = g.rules.Decide(v.facts)
		if !v.ruling.Permit {
			refused, err = v.refuse(ctx)
			return err
		}
		return v.carryOut(ctx, e)
	})
	if err != nil {
		return g.outage(ctx, a, e, v.toldOfOutage(), err)
	}
	if v.recorded {
		g.sequencer.Wake()
	}
	var over *Refusal
	if errors.As(refused, &over) && over.RetryAfter > 0 {
		g.refusalLimiter.note(a.person, over.RetryAfter)
	}
	return refused
}

// carryOut does what was permitted.
func (v *visit) carryOut(ctx context.Context, e errand) error {
	if err := e.then(ctx, v); err != nil {
		return err
	}
	if e.once && v.actor.attempt != nil {
		v.after()
	}
	return v.tellOwnRefusals(ctx)
}

// inTx tries again what only lost a race against another transaction, or came twice at once under one key.
func (g *Gateway) inTx(ctx context.Context, f func(tx *postgres.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := g.db.InTx(ctx, f)
		lost := postgres.Conflict(err) || postgres.Constraint(err) == "one_result_of_a_repeated_act"
		if !lost || attempt == 3 {
			return err
		}
	}
}

// load reads the facts behind the locks, and answers errAbsent to whom the document is none.
func (v *visit) load(ctx context.Context, e errand) error {
	if err := v.read(ctx, e); err != nil {
		return err
	}
	return v.complete(ctx, e)
}

// complete adds the facts that the act brings, and answers errAbsent to whom the document is none.
func (v *visit) complete(ctx context.Context, e errand) error {
	if e.facts != nil {
		if err := e.facts(ctx, v); err != nil {
			return err
		}
	}
	if v.document != nil && !article4.StandingOf(v.facts) {
		return errAbsent
	}
	return nil
}

// read takes the locks in their one order (arrangement, document, request) and reads behind them, in one trip, the clock
// and what every decision looks at.
func (v *visit) read(ctx context.Context, e errand) error {
	read := v.register.Dossier
	if e.reading != nil {
		read = v.register.Reading
	}
	found, err := read(ctx, v.tx, e.wanted(v.actor))
	if err != nil {
		return err
	}
	return v.stand(ctx, e, found)
}

// stand puts before the rules what was read.
func (v *visit) stand(ctx context.Context, e errand, found register.Dossier) error {
	var err error
	v.arrangement, v.at = found.Arrangement, v.ruleTime(found.At)
	if v.records, err = v.register.Records(ctx, v.tx, v.arrangement.Revision); err != nil {
		return err
	}
	v.arrangementFacts()
	if err := v.stillWho(ctx); err != nil {
		return err
	}
	if e.document != "" && found.Document == nil || e.request != "" && found.Request == nil {
		return errAbsent
	}
	if err := v.commonFacts(ctx, found); err != nil || e.reading == nil {
		return err
	}
	return v.readingFacts(ctx, *e.reading, found)
}

func (e errand) wanted(a Actor) register.Wanted {
	w := register.Wanted{Person: a.person, Organisation: a.organisation.ID, Document: e.document, Request: e.request,
		HoldArrangement: arrangementLock(e), HoldDocument: e.lock}
	if e.lock != register.Unlocked {
		w.HoldRequest = true
	}
	if e.reading != nil {
		w.Version = e.reading.Version
	}
	return w
}

// arrangementLock: acts on one document only share the arrangement, whatever they do to the document.
func arrangementLock(e errand) register.Lock {
	switch {
	case e.alone:
		return register.ForUpdate
	case e.lock == register.Unlocked:
		return register.Unlocked
	}
	return register.ForShare
}

// refuse writes the refusal's entry.
func (v *visit) refuse(ctx context.Context) (error, error) {
	if over, err := v.tooMany(ctx, v.concerned()); over != nil || err != nil {
		return over, err
	}
	refusal := &Refusal{Act: v.act, Reasons: v.forCaller(v.ruling.Reasons), Rules: v.RulesDigest(), Request: v.shownNearest(v.ruling)}
	body := v.body(kindOf(v.act), ledger.Refused)
	for _, reason := range v.ruling.Reasons {
		body.Reasons = append(body.Reasons, string(reason.Code))
	}
	if v.document != nil {
		refusal.Document = v.document.ID
	}
	if v.request != nil {
		refusal.Request = v.request.ID
	}
	entry, err := v.record(ctx, body, v.concerned(), nil)
	refusal.Entry = entry.id
	return refusal, err
}

// shownNearest is the request that came nearest to permitting a disclosure, where the caller may see it.
func (v *visit) shownNearest(d article4.Ruling) article4.RequestID {
	for i := range v.grants {
		if v.grants[i].ID != d.Nearest {
			continue
		}
		facts := v.facts
		facts.Request, facts.Access = &article4.RequestFacts{Grant: v.facts.Access.Grants[i]}, nil
		if article4.StandingOf(facts) {
			return d.Nearest
		}
	}
	return ""
}

// absent writes the entry of a refusal whose target is not to be known: salted, the same for what does not exist.
func (v *visit) absent(ctx context.Context, e errand) (error, error) {
	if over, err := v.tooMany(ctx, v.ownParties()); over != nil || err != nil {
		return over, err
	}
	body := v.body(kindOf(v.act), ledger.Refused)
	body.Document, body.Request = "", ""
	body.Reasons = []string{"request/not-found"}
	salt := make([]byte, 16)
	rand.Read(salt)
	sum := sha256.Sum256(append(salt, string(e.document)+string(e.request)+e.target...))
	body.Target = hex.EncodeToString(sum[:])
	entry, err := v.record(ctx, body, v.ownParties(), nil)
	return &NotFound{What: e.what, Entry: entry.id}, err
}

// forCaller names entities concerned only to the Discloser's people; to others they are the Discloser (domain.md).
func (v *visit) forCaller(reasons []article4.Reason) []article4.Reason {
	if v.document == nil || v.actor.organisation.ID == v.document.Discloser {
		return reasons
	}
	out := make([]article4.Reason, 0, len(reasons))
	seen := map[article4.Reason]bool{}
	for _, reason := range reasons {
		reason.From = v.fromTold(v.document, reason.Code, reason.From)
		if !seen[reason] {
			seen[reason] = true
			out = append(out, reason)
		}
	}
	return out
}

// toldOfOutage are the Parties entitled to the entry of a refusal for an outage; none where that was not read yet.
func (v *visit) toldOfOutage() []article4.OrganisationID {
	if v == nil || len(v.parties) == 0 {
		return nil
	}
	return v.concerned()
}
