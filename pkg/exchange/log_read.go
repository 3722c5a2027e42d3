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
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

// readLog is the door to the log: for an auditor of a Party, and no one else. The reading is itself an entry, that
// Party's own; what says in words what was asked for stands in it as the subject.
func readLog[T any](ctx context.Context, g *Gateway, a Actor, subject string,
	see func(ctx context.Context, v *visit, entry written) (T, error),
	replay func(ctx context.Context, made string) (T, error)) (T, error) {
	var absent error
	out, err := perform(ctx, g, a, act[T]{
		operation: operation{act: article4.ActReadLog, what: "entry", target: subject},
		do: func(ctx context.Context, v *visit) (T, error) {
			var none T
			absent = nil
			body := v.body(ledger.KindReading, ledger.Permitted)
			body.Terms = &ledger.Terms{Subject: subject}
			entry, err := v.record(ctx, body, v.ownParties(), nil)
			if err != nil {
				return none, err
			}
			v.result = entry.id
			out, err := see(ctx, v, entry)
			if errors.Is(err, errAbsent) { // the entry of the reading stands, and says what was asked for
				absent = &NotFound{What: "entry", Entry: entry.id}
				return none, nil
			}
			return out, err
		},
		replay: replay,
	})
	return out, errors.Join(err, absent)
}

// LogEntries lists what the auditor's own Party may open, the newest first.
func (g *Gateway) LogEntries(ctx context.Context, a Actor, q LogQuery) (Page[LogEntry], error) {
	limit, before, err := q.bounds()
	if err != nil {
		return Page[LogEntry]{}, err
	}
	return readLog(ctx, g, a, "entries", func(ctx context.Context, v *visit, _ written) (Page[LogEntry], error) {
		var out Page[LogEntry]
		found, err := g.sequencer.List(ctx, v.tx,
			sequencer.Query{Party: v.party(), Before: before, Limit: limit + 1, Filter: q.filter()})
		if err != nil {
			return out, err
		}
		if len(found) > limit {
			found = found[:limit]
			out.Next = strconv.FormatInt(found[limit-1].Index, 36)
		}
		for _, s := range found {
			e, err := v.entryView(s)
			if err != nil {
				return out, err
			}
			out.Items = append(out.Items, e.line())
		}
		return out, v.referred(ctx, out.Items)
	}, nil)
}

func (q LogQuery) bounds() (limit int, before int64, err error) {
	if limit, err = q.limit(); err != nil {
		return 0, 0, err
	}
	var c checks
	c.line("organisation", "", string(q.Organisation), maxName)
	c.line("document", "", string(q.Document), maxName)
	c.line("person", "", string(q.Person), maxName)
	c.line("request", "", string(q.Request), maxName)
	c.line("beneficiary", "", string(q.Beneficiary), maxName)
	c.line("paragraph", "", q.Paragraph, maxName)
	for field, kinds := range map[string]string{"kind": q.Kind, "without": q.Without} {
		unknown := func(k string) bool { return !slices.Contains(entryKinds(), ledger.Kind(k)) }
		if slices.ContainsFunc(ledger.Listed(kinds), unknown) {
			c.Add(invalid.NotAKindOfEntry, field, "", texts(entryKinds()))
		}
	}
	if _, known := article4.Lookup(q.Reason); q.Reason != "" && !known && !strings.HasPrefix(string(q.Reason),
		"request/") {
		c.Add(invalid.NotAReason, "reason", "")
	}
	if q.Paragraph != "" && !slices.Contains(paragraphs(), q.Paragraph) {
		c.Add(invalid.NotAParagraph, "paragraph", "", paragraphs())
	}
	if q.Outcome != "" && q.Outcome != string(ledger.Permitted) && q.Outcome != string(ledger.Refused) {
		c.Add(invalid.NotAnOutcome, "outcome", "")
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		c.Add(invalid.NotAfterSince, "until", "")
	}
	if err := c.Err(); err != nil || q.After == "" {
		return limit, 0, err
	}
	before, err = strconv.ParseInt(q.After, 36, 64)
	if err != nil || before < 1 {
		return 0, 0, invalid.One(invalid.BadCursor, "after", "")
	}
	return limit, before, nil
}

// entryKinds are those that an entry may be of: those of the acts, and what the gateway writes.
func entryKinds() []ledger.Kind {
	out := []ledger.Kind{ledger.KindReading, ledger.KindCompletion, ledger.KindCopy, ledger.KindLapse,
		ledger.KindExpiry, ledger.KindConfiguration, ledger.KindTooMany, ledger.KindMandateEnded, ledger.KindLeakTold,
		ledger.KindOperatorEndedSessions, ledger.KindWebhookEnded}
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
	return ledger.Filter{
		Since:        q.Since.UTC(),
		Until:        q.Until.UTC(),
		Organisation: string(q.Organisation),
		Document:     string(q.Document),
		Kind:         q.Kind,
		Without:      q.Without,
		Outcome:      q.Outcome,
		Paragraph:    q.Paragraph,
		Reason:       string(q.Reason),
		Actor:        string(q.Person),
		Request:      string(q.Request),
		Marking:      string(q.Marking),
		Beneficiary:  string(q.Beneficiary),
	}
}

// party is that of the auditor, by the name that it has in leaf data.
func (v *visit) party() string { return partyOf(v.actor) }

func partyOf(a Actor) string { return string(a.organisation.ID) }

// LogEntry is one entry with what opens it. What its Party's auditors may not open is not found.
func (g *Gateway) LogEntry(ctx context.Context, a Actor, id string) (LogEntry, error) {
	return readLog(ctx, g, a, id, func(ctx context.Context, v *visit, _ written) (LogEntry, error) {
		s, err := v.findEntry(ctx, v.tx, v.actor, id)
		if err != nil {
			return LogEntry{}, err
		}
		e, err := v.wholeView(ctx, s)
		if err != nil {
			return LogEntry{}, err
		}
		one := []LogEntry{e}
		err = v.referred(ctx, one)
		return one[0], err
	}, nil)
}

// findEntry is the entry, if the auditor's Party may open it.
func (g *Gateway) findEntry(ctx context.Context, tx *postgres.Tx, a Actor, id string) (sequencer.Stored, error) {
	s, err := g.sequencer.Find(ctx, tx, id)
	switch {
	case errors.Is(err, sequencer.ErrNotFound) || err == nil && !slices.Contains(s.Parties, partyOf(a)):
		return sequencer.Stored{}, errAbsent
	case err != nil:
		return sequencer.Stored{}, err
	}
	return s, nil
}

// LogProof is the inclusion proof of an entry with its checkpoint (C2SP tlog-proof).
func (g *Gateway) LogProof(ctx context.Context, a Actor, id string) ([]byte, error) {
	_, err := readLog(ctx, g, a, id, func(ctx context.Context, v *visit, _ written) (sequencer.Stored, error) {
		return v.findEntry(ctx, v.tx, v.actor, id)
	}, nil)
	if err != nil {
		return nil, err
	}
	receipt, err := g.sequencer.Receipt(ctx, id)
	if err != nil {
		return nil, g.fault(article4.ActReadLog, err)
	}
	return receipt.Proof().Bytes(), nil
}

// LogCheckpoint is the newest signed one (C2SP tlog-checkpoint).
func (g *Gateway) LogCheckpoint(ctx context.Context, a Actor) ([]byte, error) {
	_, err := readLog(ctx, g, a, "checkpoint",
		func(context.Context, *visit, written) (bool, error) { return true, nil }, nil)
	if err != nil {
		return nil, err
	}
	signed, err := g.sequencer.Checkpoint(ctx)
	return signed, g.fault(article4.ActReadLog, err)
}

// LogTile is a tile by its path of C2SP tlog-tiles: "tile/<L>/<N>[.p/<W>]" of hashes, "tile/entries/<N>[.p/<W>]" of
// leaf data. Any auditor of a Party may have all of them: leaf data tells nothing of what it closes over.
func (g *Gateway) LogTile(ctx context.Context, a Actor, path string) ([]byte, error) {
	level, index, width, err := sequencer.ParseTilePath(path)
	if err != nil {
		return nil, invalid.One(invalid.NotATile, "path", "")
	}
	return readLog(ctx, g, a, path, func(ctx context.Context, v *visit, _ written) ([]byte, error) {
		return g.tile(ctx, v.tx, level, index, width)
	}, nil)
}

// LogConsistency proves that the tree of to entries extends that of from: the hashes of RFC 6962 2.1.2, one in base64
// on each line, behind the line "consistency <from> <to>".
func (g *Gateway) LogConsistency(ctx context.Context, a Actor, from, to int64) ([]byte, error) {
	if from < 1 || to < from {
		return nil, invalid.One(invalid.NotUpToSecond, "first", "")
	}
	proof, err := readLog(ctx, g, a, fmt.Sprintf("consistency %d %d", from, to),
		func(ctx context.Context, v *visit, _ written) (tlog.TreeProof, error) {
			proof, err := g.sequencer.Extension(ctx, v.tx, from, to)
			if errors.Is(err, sequencer.ErrNotFound) {
				return nil, errAbsent
			}
			return proof, err
		}, nil)
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
	return readLog(ctx, g, a, "keys",
		func(ctx context.Context, v *visit, _ written) ([]string, error) { return g.sequencer.Keys(ctx, v.tx) }, nil)
}
