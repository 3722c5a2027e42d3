package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/sequencer"
)

// exportPage is how many entries of the log are read at a time.
const exportPage = 1000

// earlierRules is how many earlier texts of rules a bundle carries; they are small, and change with a release.
const earlierRules = 64

// LogExport makes a bundle: the whole log up to a checkpoint that includes the entry of this export, opened as far as
// the auditor's Party is entitled. The filter adds a view and leaves nothing out; its Paging is not used. The bundle is
// written when the function that comes back is called, as a stream; an error in its midst leaves a bundle that does not
// verify.
func (g *Gateway) LogExport(ctx context.Context, a Actor, q LogQuery) (func(w io.Writer) error, error) {
	q.Paging = Paging{}
	if _, _, err := q.bounds(); err != nil {
		return nil, err
	}
	begin := func(ctx context.Context, v *visit, entry written) (*export, error) {
		e := &export{
			gateway:       g,
			actor:         a,
			filter:        q.filter(),
			parties:       v.parties,
			entry:         entry.id,
			at:            v.at,
			people:        map[article4.PersonID]bool{},
			organisations: map[article4.OrganisationID]bool{},
		}
		var err error
		e.rotations, err = g.sequencer.Rotations(ctx, v.tx)
		return e, err
	}
	// A repetition is decided again, and made again up to a checkpoint that includes the entry of the first time.
	replay := func(ctx context.Context, made string) (*export, error) {
		return perform(ctx, g, a, act[*export]{operation: operation{act: article4.ActReadLog, what: "entry"},
			do: func(ctx context.Context, v *visit) (*export, error) { return begin(ctx, v, written{id: made}) }})
	}
	e, err := readLog(ctx, g, a, "export", begin, replay)
	if err != nil {
		return nil, err
	}
	if e.receipt, err = g.sequencer.Receipt(ctx, e.entry); err != nil {
		return nil, g.fault(article4.ActReadLog, err)
	}
	return func(w io.Writer) error { return e.write(ctx, w) }, nil
}

// export is one bundle under way.
type export struct {
	gateway   *Gateway
	actor     Actor
	parties   []article4.OrganisationID
	filter    ledger.Filter
	entry     string
	at        time.Time
	receipt   ledger.Receipt // of the export's own entry: its checkpoint is the bundle's
	rotations [][]byte
	// those whom the opened entries name
	people        map[article4.PersonID]bool
	organisations map[article4.OrganisationID]bool
}

func (e *export) write(ctx context.Context, w io.Writer) error {
	parts, err := e.parts(ctx)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	bundle, err := ledger.NewBundleWriter(w, parts)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for from := int64(0); from < e.receipt.Size(); from += exportPage {
		page, err := e.page(ctx, from, min(from+exportPage, e.receipt.Size()))
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		for _, r := range page {
			if err := bundle.Add(r); err != nil {
				return fmt.Errorf("export: %w", err)
			}
		}
	}
	names, err := e.names(ctx)
	if err == nil && len(names) > 0 {
		err = bundle.Names(names)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return bundle.Close(ledger.Manifest{
		Exporter: string(e.actor.person),
		Of:       partyOf(e.actor),
		At:       e.at,
		Build:    e.gateway.build,
		Entry:    e.entry,
		Index:    e.receipt.Index(),
	}, e.gateway.sequencer.SignManifest)
}

func (e *export) parts(ctx context.Context) (ledger.BundleParts, error) {
	c := e.receipt.Checkpoint()
	p := ledger.BundleParts{Checkpoint: c.Signed(), Rotations: e.rotations, Rules: e.gateway.rules.Text(),
		Head: ledger.BundleHead{Origin: c.Origin(), Party: partyOf(e.actor), Filter: e.filter}}
	for _, o := range e.parties {
		p.Head.Parties = append(p.Head.Parties, string(o))
	}
	err := e.gateway.lookUp(ctx, func(tx *postgres.Tx) error {
		var err error
		if p.Checkpoints, err = e.gateway.sequencer.Checkpoints(ctx, tx, c.Size()); err != nil {
			return err
		}
		p.EarlierRules, err = e.gateway.register.OtherRules(ctx, tx, e.gateway.RulesDigest(), earlierRules)
		return err
	})
	return p, err
}

// page reads a part of the log in a transaction of its own: a slow auditor holds none open.
func (e *export) page(ctx context.Context, from, to int64) ([]ledger.Record, error) {
	var found []sequencer.Stored
	err := e.gateway.lookUp(ctx, func(tx *postgres.Tx) error {
		var err error
		found, err = e.gateway.sequencer.Range(ctx, tx, partyOf(e.actor), from, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]ledger.Record, len(found))
	for i, s := range found {
		if s.Index != from+int64(i) {
			return nil, fmt.Errorf("entry of index %d is missing: %w", from+int64(i), sequencer.ErrInconsistent)
		}
		if out[i], err = e.record(s); err != nil {
			return nil, err
		}
	}
	if int64(len(out)) != to-from {
		return nil, fmt.Errorf("entries behind index %d are missing: %w", from+int64(len(out)),
			sequencer.ErrInconsistent)
	}
	return out, nil
}

func (e *export) record(s sequencer.Stored) (ledger.Record, error) {
	r := ledger.Record{Leaf: s.Leaf}
	if len(s.Body) == 0 {
		return r, nil
	}
	r.Opened, r.Nonce, r.Body = true, s.Nonce, s.Body
	body, err := ledger.Decode(s.Body)
	if err != nil {
		return r, fmt.Errorf("index %d: %w", s.Index, err)
	}
	e.meet(body)
	r.Details, err = e.gateway.openDetails(partyOf(e.actor), body, s)
	return r, err
}

// meet remembers whom an entry names: a report tells them by name.
func (e *export) meet(b ledger.Body) {
	e.people[article4.PersonID(b.Actor)] = true
	e.organisations[article4.OrganisationID(b.Organisation)] = true
	if b.Disclosure != nil {
		e.organisations[article4.OrganisationID(b.Disclosure.To)] = true
	}
	if b.Terms == nil {
		return
	}
	e.organisations[article4.OrganisationID(b.Terms.Recipient)] = true
	for _, p := range b.Terms.People {
		e.people[article4.PersonID(p)] = true
	}
}

// names are what the auditor may be told of those whom the entries name (docs/decisions/0160), so many at a time.
func (e *export) names(ctx context.Context) ([]ledger.Named, error) {
	var out []ledger.Named
	err := e.gateway.look(ctx, e.actor, func(ctx context.Context, v *visit) error {
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(e.people)), maxPeople) {
			told, err := v.names(ctx, ids)
			if err != nil {
				return err
			}
			for _, p := range told {
				out = append(out, ledger.Named{ID: string(p.ID), Name: p.Name})
			}
		}
		for _, id := range slices.Sorted(maps.Keys(e.organisations)) {
			switch o, err := v.register.Organisation(ctx, v.tx, id); {
			case err == nil:
				out = append(out, ledger.Named{ID: string(id), Name: o.Name})
			case !errors.Is(err, register.ErrNotFound):
				return err
			}
		}
		return nil
	})
	return out, err
}

// Monitoring is the report of Article 5(4) over what happened at from or later, and before to. It is made of entries
// that both Parties may open, so it is the same for both, byte for byte (ledger.Monitoring.Bytes).
func (g *Gateway) Monitoring(ctx context.Context, a Actor, from, to time.Time) (MonitoringReport, error) {
	if from.IsZero() || !from.Before(to) {
		return MonitoringReport{}, invalid.One(invalid.NotAfterSince, "until", "")
	}
	count := ledger.NewMonitor(from, to)
	var before int64
	_, err := readLog(ctx, g, a, "monitoring",
		func(context.Context, *visit, written) (bool, error) { return true, nil }, nil)
	if err != nil {
		return MonitoringReport{}, err
	}
	for {
		var page []sequencer.Stored
		err := g.lookUp(ctx, func(tx *postgres.Tx) error {
			var err error
			page, err = g.sequencer.Range(ctx, tx, string(a.organisation.ID), before, before+exportPage)
			return err
		})
		if err != nil {
			return MonitoringReport{}, g.fault(article4.ActReadLog, err)
		}
		if len(page) == 0 {
			return count.Report(), nil
		}
		for _, s := range page {
			if len(s.Body) == 0 {
				continue
			}
			body, err := ledger.Decode(s.Body)
			if err != nil {
				return MonitoringReport{}, fmt.Errorf("monitoring: index %d: %w", s.Index, err)
			}
			count.Add(body, ledger.BodyHash(s.Body), s.Parties)
		}
		before += exportPage
	}
}
