package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// farAway is an index that the log's own tree does not reach: entries that are filled in stand from there on.
const farAway = 1_000_000_000

// measurePeople looks at what pages are built of: lists, boxes, what waits, who has a document, what happened to it,
// and the log by its filters. The documents, requests and decisions that are shown were made through the gateway; so
// were the entries that the others are copies of. The rest stands beside them as rows: of documents, a tenth of what is
// asked for, whose sealed columns do not open; of entries, as many as asked for, under identifiers of their own, of two
// thousand people and a hundred thousand documents. The copies stand in no tree: nobody could prove them.
//
// With -beside another build looks at the same, by turns: both see the same rows, under the same load of the machine.
func measurePeople(ctx context.Context, h *surroundings, p plan) (failed error) {
	var replicas []*child
	for _, program := range []string{h.program, p.beside} {
		if program == "" {
			continue
		}
		c, err := h.serveAs(ctx, program)
		if err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, c.stop()) }()
		replicas = append(replicas, c)
	}
	document := h.filled()
	if document == "" {
		var err error
		if document, err = h.lived(ctx, replicas[0], p); err != nil {
			return err
		}
	}
	const month = "&since=2026-01-01T00:00:00Z"
	for _, one := range []struct{ what, who, path string }{
		{"documents, first page", "staff.unoct", "/documents?limit=50"},
		{"documents, filtered", "staff.wco", "/documents?limit=50&marking=confidential&sort=-deposited"},
		{"requests that wait for a decision", "focal.wco", "/requests?box=inbox&limit=50"},
		{"requests of one's own", "staff.unoct", "/requests?box=mine&limit=50"},
		{"what was decided", "focal.wco", "/requests?box=asked-of-us&state=in-force&sort=until&limit=50"},
		{"what waits", "focal.wco", "/waiting"},
		{"notices without an answer", "focal.wco", "/notices?state=unanswered&limit=50"},
		{"who has a document", "staff.wco", "/documents/" + document + "/circle"},
		{"what happened to a document", "staff.wco", "/documents/" + document + "/timeline?limit=50"},
		{"the log", "auditor.wco", "/log/entries?limit=50&without=reading"},
		{"the log, by reason", "auditor.wco", "/log/entries?limit=50&reason=art4.4/authorization-missing"},
		{"the log, by marking", "auditor.wco", "/log/entries?limit=50&marking=confidential"},
		{"the log, by beneficiary", "auditor.wco", "/log/entries?limit=50&beneficiary=org_unoct"},
		{"accounting of an organisation", "auditor.wco", "/log/accounting?limit=50&organisation=org_unoct" + month},
	} {
		if err := h.look(ctx, replicas, one.what, p.rounds, func(c *child) error {
			return h.people.do(ctx, c, one.who, http.MethodGet, one.path, nil, &object{})
		}); err != nil {
			return err
		}
	}
	return nil
}

// looks of a round.
const looks = 40

// look prints how long so many rounds of looks took, at each replica by turns, and what each look cost the
// processors of whom.
func (h *surroundings) look(ctx context.Context, replicas []*child, what string, rounds int,
	once func(*child) error) error {
	took, each := make([]series, len(replicas)), make([]shares, len(replicas))
	for round := range rounds + 1 {
		for i, c := range replicas {
			seconds, cost, err := h.looked(c, once)
			if err != nil {
				return err
			}
			if round > 0 { // the first ones find nothing in any cache
				took[i] = append(took[i], seconds...)
				each[i].add(cost[0], cost[1], looks)
			}
		}
	}
	for i, as := range []string{", ms", ", the other build, ms"}[:len(replicas)] {
		row(what+as, fmt.Sprintf("p50 %.1f, p99 %.1f", took[i].at(0.5), took[i].at(0.99)),
			took[i].extent("%.1f")+fmt.Sprintf(", %d samples", len(took[i])),
			"processor time of gateway, PostgreSQL, clients, ms", fmt.Sprintf("%.1f, %.1f, %.1f",
				each[i].gateway.median(), each[i].database.median(), each[i].clients.median()), "")
	}
	return h.lookedInto(ctx, replicas[0], what, func() error { return once(replicas[0]) })
}

// looked is one round at a replica: what each look took, in milliseconds, and what was spent before and after.
func (h *surroundings) looked(c *child, once func(*child) error) (took series, cost [2]spent, err error) {
	if cost[0], err = h.processors(c); err != nil {
		return nil, cost, err
	}
	for range looks {
		seconds, err := timed(func() error { return once(c) })
		if err != nil {
			return nil, cost, err
		}
		took = append(took, seconds*1000)
	}
	cost[1], err = h.processors(c)
	return took, cost, err
}

// lookedInto has a profile written while somebody looks for some seconds, if profiles are asked for.
func (h *surroundings) lookedInto(ctx context.Context, c *child, what string, once func() error) error {
	if h.profile == "" {
		return nil
	}
	const seconds = 6
	return h.profiled(c, "people-"+strings.NewReplacer(",", "", " ", "-", "'", "").Replace(what), seconds,
		func() error {
			for began := time.Now(); time.Since(began) < (seconds+1)*time.Second && ctx.Err() == nil; {
				if err := once(); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
}

// lived makes what people look at, and answers a document on which much was asked.
func (h *surroundings) lived(ctx context.Context, c *child, p plan) (document string, err error) {
	began := time.Now()
	if err := h.fillDocuments(ctx, c, p.documents/10); err != nil {
		return "", err
	}
	made, err := h.people.deposit(ctx, c, "Asked for often", bytesOf(1<<10), 1<<10)
	if err != nil {
		return "", err
	}
	document = made.text("id")
	if _, err := h.people.disclose(ctx, c, document); err == nil { // a refusal, of which there are many copies
		return "", errors.New("a document was disclosed that nobody authorized")
	}
	for range cluster {
		if _, err := h.people.grant(ctx, c, document); err != nil {
			return "", err
		}
	}
	if _, err := h.people.disclose(ctx, c, document); err != nil {
		return "", err
	}
	if err := h.fillEntries(ctx, p.documents); err != nil {
		return "", err
	}
	row(fmt.Sprintf("filling in %d documents and %d entries, s", p.documents/10, p.documents),
		fmt.Sprintf("%.0f", time.Since(began).Seconds()), "", "", "", "")
	if err := h.sql(ctx, `VACUUM ANALYZE`); err != nil {
		return "", err
	}
	return document, os.WriteFile(h.filledBefore(), []byte(document), 0o600)
}

// filled is the document on which much was asked, of what an earlier run with -keep filled in; "" where none did.
func (h *surroundings) filled() string {
	text, _ := os.ReadFile(h.filledBefore())
	return string(text)
}

func (h *surroundings) filledBefore() string { return filepath.Join(h.dir, "filled") }

func (h *surroundings) fillDocuments(ctx context.Context, c *child, count int) error {
	if err := h.depositCluster(ctx, c, "common"); err != nil {
		return err
	}
	if err := h.fill(ctx, count, "'-1 day'"); err != nil {
		return err
	}
	return h.depositCluster(ctx, c, "common")
}

// fillEntries copies the entries of the gateway's acts, one after the other, until there are so many.
func (h *surroundings) fillEntries(ctx context.Context, count int) error {
	return h.sql(ctx,
		`SET session_replication_role = replica`, // nothing of it is to be sequenced
		`CREATE TEMP TABLE acts AS SELECT e.*, s.leaf, row_number() OVER (ORDER BY s.index) - 1 AS nth
			FROM log_entry e JOIN log_seq s ON s.entry = e.id`,
		fmt.Sprintf(`CREATE TEMP TABLE copies AS SELECT g, nth, 'ent_' || md5('copy ' || g) AS fresh
			FROM generate_series(1, %d) g, LATERAL (SELECT g %% (SELECT count(*) FROM acts) AS nth) m`, count),
		`INSERT INTO log_entry SELECT copy.* FROM copies c JOIN acts a USING (nth),
			LATERAL (SELECT CASE a.document WHEN '' THEN '' ELSE 'doc_' || md5((c.g % 100000)::text) END
				AS document) d,
			LATERAL (SELECT convert_to(regexp_replace(regexp_replace(
				replace(convert_from(a.body, 'UTF8'), a.id, c.fresh),
				'"actor":"per_[^"]*"', '"actor":"per_' || md5((c.g % 2000)::text) || '"'),
				'"document":"doc_[^"]*"', '"document":"' || d.document || '"'), 'UTF8') AS body) b,
			LATERAL jsonb_populate_record(NULL::log_entry, to_jsonb(a) || jsonb_build_object('id', c.fresh,
				'document', d.document, 'body', '\x' || encode(b.body, 'hex'),
				'body_hash', '\x' || encode(sha256(b.body), 'hex'),
				'at', a.at - interval '400 days' + c.g * interval '30 seconds')) copy`,
		fmt.Sprintf(`INSERT INTO log_seq SELECT %d + c.g, c.fresh, a.leaf FROM copies c JOIN acts a USING (nth)`,
			farAway),
	)
}
