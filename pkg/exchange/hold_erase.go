package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
)

// personField is what an erasure names in the place of a private field when it takes away who a person is.
const personField = "person"

// erasureSaid is what both signatories say.
type erasureSaid struct {
	Entry      string            `json:"entry,omitempty"`
	Field      string            `json:"field"`
	Person     article4.PersonID `json:"person,omitempty"`
	LegalBasis string            `json:"legal_basis"`
}

// subject is what the entry of the erasure names, target what waits for a second person.
func (s erasureSaid) subject() string { return s.Entry + string(s.Person) }
func (s erasureSaid) target() string  { return s.subject() + "|" + s.Field }

// Erase takes away what stands behind one private field of an entry, salt and value: its commitment stays, and so does
// the tree. Or it takes away who a person is, so that nobody behind that identifier is known any more. Two signatories
// of the Party under whose keyset it is sealed say the same, with a legal basis; the first waits, Pending set. Never
// under Hold, and never the name of an official who decided.
func (g *Gateway) Erase(ctx context.Context, a Actor, in Erasure) (Erasure, error) {
	said := erasureSaid{Entry: in.Entry, Field: in.Field, Person: in.Person, LegalBasis: in.LegalBasis}
	if err := said.check(); err != nil {
		return Erasure{}, err
	}
	if said.Person != "" {
		said.Field = personField
	}
	document, err := g.documentOfErased(ctx, a, said)
	if errors.Is(err, errAbsent) {
		return Erasure{}, g.notFound(ctx, a, article4.ActErase, "entry", said.subject())
	}
	if err != nil {
		return Erasure{}, err
	}
	return perform(ctx, g, a, act[Erasure]{
		operation: operation{
			act:      article4.ActErase,
			document: document,
			what:     "entry",
			target:   said.subject(),
			lock:     register.ForUpdate,
			facts:    func(ctx context.Context, v *visit) error { return v.erasureFacts(ctx, said) },
		},
		do: func(ctx context.Context, v *visit) (Erasure, error) {
			out := in
			var err error
			out.Pending, out.LogEntry, err = v.erase(ctx, said)
			return out, err
		},
		replay: func(ctx context.Context, made string) (Erasure, error) {
			out := in
			out.LogEntry = made // the second's; the first is told what waits
			var err error
			out.Pending, err = g.begun(ctx, a, made, nil)
			return out, err
		},
		conflicts: map[string]string{"one_first_person_waits": "this erasure waits for a second signatory already"},
	})
}

func (s erasureSaid) check() error {
	var c checks
	c.required("legal_basis", "4(3)", s.LegalBasis, maxStatement)
	if (s.Entry == "") == (s.Person == "") {
		c.Add(invalid.NothingToErase, "entry", "")
	}
	c.line("entry", "", s.Entry, maxName)
	c.line("person", "", string(s.Person), maxName)
	c.line("field", "", s.Field, maxName)
	if s.Entry != "" && s.Field == "" {
		c.Add(invalid.MissingPrivateField, "field", "")
	}
	return c.Err()
}

// documentOfErased finds the document to lock; empty where the entry is about none.
func (g *Gateway) documentOfErased(ctx context.Context, a Actor, said erasureSaid) (article4.DocumentID, error) {
	if said.Entry == "" {
		return "", nil
	}
	var document article4.DocumentID
	err := g.find(ctx, func(tx *postgres.Tx) error {
		body, _, err := g.entryToErase(ctx, tx, a, said.Entry)
		document = article4.DocumentID(body.Document)
		return err
	})
	return document, err
}

// entryToErase is absent for whoever's Party may not open it, and for those who do not answer for that Party.
func (g *Gateway) entryToErase(ctx context.Context, tx *postgres.Tx, a Actor, id string) (ledger.Body, sequencer.Stored,
	error) {
	if !answers(a) {
		return ledger.Body{}, sequencer.Stored{}, errAbsent
	}
	s, err := g.findEntry(ctx, tx, a, id)
	if err != nil {
		return ledger.Body{}, s, err
	}
	body, err := ledger.Decode(s.Body)
	if err != nil {
		err = fmt.Errorf("entry %s: %w: %w", id, sequencer.ErrInconsistent, err)
	}
	return body, s, err
}

func (v *visit) erasureFacts(ctx context.Context, said erasureSaid) error {
	c := &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(said.LegalBasis) != ""}
	v.facts.Change = c
	var err error
	if said.Person != "" {
		err = v.personErasureFacts(ctx, said.Person)
	} else {
		err = v.fieldErasureFacts(ctx, said)
	}
	if err != nil {
		return err
	}
	c.Second, err = v.second(ctx, said.target(), said)
	return err
}

func (v *visit) fieldErasureFacts(ctx context.Context, said erasureSaid) error {
	c := v.facts.Change
	body, s, err := v.entryToErase(ctx, v.tx, v.actor, said.Entry)
	if err != nil {
		return err
	}
	c.OwnSubject = true
	if at := slices.IndexFunc(s.Details, func(d sequencer.Detail) bool { return d.Field == said.Field }); at >= 0 {
		_, owner, err := v.unseal(body, s.Parties, s.Details[at])
		if err != nil {
			return err
		}
		c.OwnSubject, c.Erasable = owner == v.party(), erasable(body.Kind, said.Field)
	}
	if v.document != nil {
		c.Held, err = v.register.Held(ctx, v.tx, v.document.ID)
	}
	return err
}

// erasable: who decided stays, and so does what a decision, a disclosure or an erasure is held against.
func erasable(kind ledger.Kind, field string) bool {
	switch field {
	case "entities", "added", "removed", "entity", "required", "id-token", "evidence-key", "given-by", "function",
		"authority", "legal-basis", factsField:
		return false
	case "name", "subject":
		return kind != ledger.KindDesignation && kind != ledger.KindDelegation && kind != ledger.KindSignature &&
			kind != ledger.KindMandate
	case "text":
		return kind == ledger.KindMessage
	}
	return true
}

// personErasureFacts: a Party's own people, and those of third parties, who never decided anything.
func (v *visit) personErasureFacts(ctx context.Context, id article4.PersonID) error {
	c := v.facts.Change
	people, err := v.register.People(ctx, v.tx, []article4.PersonID{id})
	if err != nil {
		return err
	}
	if len(people) == 0 || !v.ofParty() || !v.hasRole() {
		return errAbsent
	}
	o, err := v.organisation(people[0].Organisation)
	if err != nil {
		return err
	}
	if o.ID != v.actor.organisation.ID && o.Kind != article4.ThirdParty {
		return errAbsent // the other Party's own affair
	}
	c.OwnSubject = true
	decided, err := v.register.Decided(ctx, v.tx, id)
	if err != nil {
		return err
	}
	c.Erasable = !decided && people[0].Name != register.Forgotten
	c.Held, err = v.register.PersonHeld(ctx, v.tx, id)
	return err
}

func (v *visit) erase(ctx context.Context, said erasureSaid) (waits *Pending, entry string, err error) {
	body := v.officialBody(said.subject(), "")
	body.Terms.Field = said.Field
	parties := v.twoParties()
	if said.Entry != "" {
		if parties, err = v.partiesOf(ctx, said.Entry); err != nil {
			return nil, "", err
		}
	}
	waits, err = v.twice(ctx, halves{
		target:  said.target(),
		payload: said,
		body:    body,
		parties: parties,
		fields:  []private{{"legal-basis", said.LegalBasis}},
		done: func(w written) error {
			entry = w.id
			return v.vanish(ctx, said, w)
		},
	})
	if waits != nil {
		return waits, body.ID, err
	}
	v.result = entry
	return nil, entry, err
}

// partiesOf are those entitled to an entry, the own Party first: whoever may open it is to know what was erased of it.
func (v *visit) partiesOf(ctx context.Context, entry string) ([]article4.OrganisationID, error) {
	s, err := v.findEntry(ctx, v.tx, v.actor, entry)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(v.twoParties(),
		func(p article4.OrganisationID) bool { return !slices.Contains(s.Parties, string(p)) }), nil
}

func (v *visit) vanish(ctx context.Context, said erasureSaid, erasure written) error {
	if said.Person == "" {
		return v.sequencer.Erase(ctx, v.tx, erasure.id)
	}
	people, err := v.register.People(ctx, v.tx, []article4.PersonID{said.Person})
	if err != nil || len(people) == 0 {
		return err
	}
	v.known.forgetAll() // other replicas notice by the revision
	return v.register.Forget(ctx, v.tx, people[0])
}

// Erasures lists the erasures of the own Party that wait for a second signatory, to those who decide for it.
func (g *Gateway) Erasures(ctx context.Context, a Actor) ([]Erasure, error) {
	var out []Erasure
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.viewer().SeesOwn {
			return nil
		}
		waiting, err := v.ownPending(ctx, article4.ActErase)
		if err != nil {
			return err
		}
		for _, p := range waiting {
			var said erasureSaid
			if err := json.Unmarshal([]byte(p.Payload), &said); err != nil {
				return fmt.Errorf("pending %s: %w", p.ID, err)
			}
			out = append(out, Erasure{
				Entry:      said.Entry,
				Field:      said.Field,
				Person:     said.Person,
				LegalBasis: said.LegalBasis,
				Pending:    pendingView(p),
				LogEntry:   p.Entry,
			})
		}
		return nil
	})
	return out, err
}
