package exchange

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/sequencer"
)

// readLog is the door to the log: for an auditor of a Party, and no one else. The reading is itself an entry, that
// Party's own; what says in words what was asked for stands in it as the subject.
func (g *Gateway) readLog(ctx context.Context, a Actor, subject string, see func(ctx context.Context, v *visit, entry written) error) error {
	var absent error
	err := g.enter(ctx, a, errand{act: article4.ActReadLog, what: "entry", target: subject, once: true,
		then: func(ctx context.Context, v *visit) error {
			absent = nil
			body := v.body(ledger.KindReading, ledger.Permitted)
			body.Terms = &ledger.Terms{Subject: subject}
			entry, err := v.record(ctx, body, v.ownParties(), nil)
			if err != nil {
				return err
			}
			v.result = entry.id
			err = see(ctx, v, entry)
			if errors.Is(err, errAbsent) { // the entry of the reading stands, and says what was asked for
				absent = &NotFound{What: "entry", Entry: entry.id}
				return nil
			}
			return err
		}})
	return errors.Join(err, absent)
}

// LogEntries lists what the auditor's own Party may open, the newest first.
func (g *Gateway) LogEntries(ctx context.Context, a Actor, q LogQuery) (Page[LogEntry], error) {
	limit, before, err := q.bounds()
	if err != nil {
		return Page[LogEntry]{}, err
	}
	var out Page[LogEntry]
	err = g.readLog(ctx, a, "entries", func(ctx context.Context, v *visit, _ written) error {
		found, err := g.Sequencer.List(ctx, v.tx, sequencer.Query{Party: v.party(), Before: before, Limit: limit + 1, Filter: q.filter()})
		if err != nil {
			return err
		}
		out = Page[LogEntry]{}
		if len(found) > limit {
			found = found[:limit]
			out.Next = strconv.FormatInt(found[limit-1].Index, 36)
		}
		for _, s := range found {
			e, err := v.entryView(s)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, e.line())
		}
		return nil
	})
	return out, err
}

func (q LogQuery) bounds() (limit int, before int64, err error) {
	if limit, err = q.limit(); err != nil {
		return 0, 0, err
	}
	var c checks
	c.line("organisation", "", string(q.Organisation), maxName)
	c.line("document", "", string(q.Document), maxName)
	c.line("kind", "", q.Kind, maxName)
	c.line("paragraph", "", q.Paragraph, maxName)
	if q.Kind != "" && !slices.Contains(entryKinds(), ledger.Kind(q.Kind)) {
		c.add("unknown-value", "kind", "", "is no kind of entry; those are %s", strings.Join(texts(entryKinds()), ", "))
	}
	if q.Paragraph != "" && !slices.Contains(paragraphs(), q.Paragraph) {
		c.add("unknown-value", "paragraph", "", "is the paragraph of no reason; those are %s", strings.Join(paragraphs(), ", "))
	}
	if q.Outcome != "" && q.Outcome != string(ledger.Permitted) && q.Outcome != string(ledger.Refused) {
		c.add("unknown-value", "outcome", "", "is not permit or refuse")
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		c.add("out-of-range", "until", "", "is not after since")
	}
	if err := c.err(); err != nil || q.After == "" {
		return limit, 0, err
	}
	before, err = strconv.ParseInt(q.After, 36, 64)
	if err != nil || before < 1 {
		return 0, 0, invalid("bad-cursor", "after", "is not the next of a page that this gateway gave")
	}
	return limit, before, nil
}

// entryKinds are those that an entry may be of: those of the acts, and what the gateway writes.
func entryKinds() []ledger.Kind {
	out := []ledger.Kind{ledger.KindReading, ledger.KindCompletion, ledger.KindCopy, ledger.KindLapse, ledger.KindExpiry, ledger.KindConfiguration, ledger.KindTooMany}
	out = slices.AppendSeq(out, maps.Values(kinds))
	slices.Sort(out)
	return slices.Compact(out)
}

// paragraphs are those that a reason may stand under.
func paragraphs() []string {
	var out []string
	for _, code := range article4.Codes() {
		if entry, known := article4.Lookup(code); known && !slices.Contains(out, entry.Paragraph) {
			out = append(out, entry.Paragraph)
		}
	}
	return out
}

func (q LogQuery) filter() ledger.Filter {
	return ledger.Filter{Since: q.Since.UTC(), Until: q.Until.UTC(), Organisation: string(q.Organisation), Document: string(q.Document),
		Kind: q.Kind, Outcome: q.Outcome, Paragraph: q.Paragraph}
}

// party is that of the auditor, by the name that it has in leaf data.
func (v *visit) party() string { return string(v.actor.organisation.ID) }

// LogEntry is one entry with what opens it. What its Party's auditors may not open is not found.
func (g *Gateway) LogEntry(ctx context.Context, a Actor, id string) (LogEntry, error) {
	var out LogEntry
	err := g.readLog(ctx, a, id, func(ctx context.Context, v *visit, _ written) error {
		s, err := v.findEntry(ctx, id)
		if err != nil {
			return err
		}
		out, err = v.entryView(s)
		return err
	})
	return out, err
}

// findEntry is the entry, if the auditor's Party may open it.
func (v *visit) findEntry(ctx context.Context, id string) (sequencer.Stored, error) {
	s, err := v.Sequencer.Find(ctx, v.tx, id)
	switch {
	case errors.Is(err, sequencer.ErrNotFound) || err == nil && !slices.Contains(s.Parties, v.party()):
		return sequencer.Stored{}, errAbsent
	case err != nil:
		return sequencer.Stored{}, err
	}
	return s, nil
}

// LogProof is the inclusion proof of an entry with its checkpoint (C2SP tlog-proof).
func (g *Gateway) LogProof(ctx context.Context, a Actor, id string) ([]byte, error) {
	err := g.readLog(ctx, a, id, func(ctx context.Context, v *visit, _ written) error {
		_, err := v.findEntry(ctx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	receipt, err := g.Sequencer.Receipt(ctx, id)
	if err != nil {
		return nil, g.fault(article4.ActReadLog, err)
	}
	return receipt.Proof().Bytes(), nil
}

// LogCheckpoint is the newest signed one (C2SP tlog-checkpoint).
func (g *Gateway) LogCheckpoint(ctx context.Context, a Actor) ([]byte, error) {
	err := g.readLog(ctx, a, "checkpoint", func(context.Context, *visit, written) error { return nil })
	if err != nil {
		return nil, err
	}
	signed, err := g.Sequencer.Checkpoint(ctx)
	return signed, g.fault(article4.ActReadLog, err)
}

// LogTile is a tile by its path of C2SP tlog-tiles: "tile/<L>/<N>[.p/<W>]" of hashes, "tile/entries/<N>[.p/<W>]" of leaf
// data. Any auditor of a Party may have all of them: leaf data tells nothing of what it closes over.
func (g *Gateway) LogTile(ctx context.Context, a Actor, path string) ([]byte, error) {
	level, index, width, err := sequencer.ParseTilePath(path)
	if err != nil {
		return nil, invalid("not-a-tile", "path", "is no path of a tile, such as tile/0/x001/067.p/8 or tile/entries/000")
	}
	var out []byte
	err = g.readLog(ctx, a, path, func(ctx context.Context, v *visit, _ written) error {
		var err error
		if level == sequencer.EntriesLevel {
			out, err = g.Sequencer.EntryTile(ctx, v.tx, index, width)
		} else {
			out, err = g.Sequencer.TreeTile(ctx, v.tx, level, index, width)
		}
		if errors.Is(err, sequencer.ErrNotFound) {
			return errAbsent
		}
		return err
	})
	return out, err
}

// LogConsistency proves that the tree of to entries extends that of from: the hashes of RFC 6962 2.1.2, one in base64 on
// each line, behind the line "consistency <from> <to>".
func (g *Gateway) LogConsistency(ctx context.Context, a Actor, from, to int64) ([]byte, error) {
	if from < 1 || to < from {
		return nil, invalid("out-of-range", "first", "is not between 1 and second")
	}
	var proof tlog.TreeProof
	err := g.readLog(ctx, a, fmt.Sprintf("consistency %d %d", from, to), func(ctx context.Context, v *visit, _ written) error {
		var err error
		proof, err = g.Sequencer.Extension(ctx, v.tx, from, to)
		if errors.Is(err, sequencer.ErrNotFound) {
			return errAbsent
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "consistency %d %d\n", from, to)
	for _, h := range proof {
		out.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	return []byte(out.String()), nil
}

// LogKeys are the log's public keys, the oldest first, the last one in use. Whoever verifies gets them by another way.
func (g *Gateway) LogKeys(ctx context.Context, a Actor) ([]string, error) {
	var keys []string
	err := g.readLog(ctx, a, "keys", func(ctx context.Context, v *visit, _ written) error {
		var err error
		keys, err = g.Sequencer.Keys(ctx, v.tx)
		return err
	})
	return keys, err
}

// Receipt is the file that proves, to the reader and to the Discloser, that one disclosure stands in the log: for the
// person who got it, and for focal points, signatories and auditors of the Parties that may open its entry. `chancery
// verify --receipts` checks it, or ledger.ReadReceipt, with the log's key and nothing else.
func (g *Gateway) Receipt(ctx context.Context, a Actor, id article4.DisclosureID) ([]byte, error) {
	var entry string
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		found, err := g.Register.Disclosure(ctx, v.tx, id)
		if missingRecord(err) {
			return errAbsent
		}
		if err != nil {
			return err
		}
		d, err := g.Register.Document(ctx, v.tx, found.Document)
		if err != nil {
			return err
		}
		if found.Person != a.person && !(answers(a) && slices.Contains(entitledTo(d, found.Organisation), a.organisation.ID)) {
			return errAbsent
		}
		entry = found.Entry
		return nil
	})
	if errors.Is(err, errAbsent) {
		return nil, g.notFound(ctx, a, article4.ActDisclose, "disclosure", string(id))
	}
	if err != nil {
		return nil, err
	}
	receipt, err := g.Sequencer.Receipt(ctx, entry)
	if err != nil {
		return nil, g.fault(article4.ActDisclose, err)
	}
	return receipt.File()
}

// answers reports whether somebody acts for the whole organisation.
func answers(a Actor) bool {
	return slices.ContainsFunc(a.claims.Roles, func(r article4.Role) bool {
		return r == article4.RoleAuditor || r == article4.RoleFocalPoint || r == article4.RoleSignatory
	})
}
