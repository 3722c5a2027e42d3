package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

// cluster is how many documents are deposited in earnest at each place of the list that is looked at: more than a page.
const cluster = 60

// measureLists looks at a long list: its first page, one deep inside of it, and searches for a word that every title
// has and for one that few have. Only what is looked at was deposited through the gateway. The rest stands between as
// rows of the same size under the same indexes, whose sealed columns are copies that do not open: no page shows them,
// and a search that would have to look at them fails.
func measureLists(ctx context.Context, h *surroundings, p plan) (failed error) {
	c, err := h.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, c.stop()) }()
	began := time.Now()
	behind, err := h.seed(ctx, c, p.documents)
	if err != nil {
		return err
	}
	row(fmt.Sprintf("seeding %d documents, s", p.documents), fmt.Sprintf("%.0f", time.Since(began).Seconds()), "", "",
		"", "")
	var took [4]series
	for round := range p.rounds*4 + 1 {
		for i, query := range []string{"limit=50", "limit=50&after=" + url.QueryEscape(behind), "limit=50&q=selective",
			"limit=50&q=common"} {
			var got object
			seconds, err := timed(func() error {
				return h.people.do(ctx, c, "staff.unoct", http.MethodGet, "/documents?"+query, nil, &got)
			})
			if err != nil {
				return err
			}
			items, _ := got["items"].([]any)
			if len(items) == 0 {
				return fmt.Errorf("%s: nothing found", query)
			}
			if round > 0 {
				took[i] = append(took[i], seconds*1000)
			}
		}
	}
	figure("first page of 50, ms", "%.1f", took[0])
	compared("page of 50 behind nine tenths of the list, ms", "%.1f", took[1], "first page", took[0])
	figure(fmt.Sprintf("search for a word in %d titles, ms", cluster), "%.1f", took[2])
	compared("search for a word in all titles, ms", "%.1f", took[3], "selective search", took[2])
	return nil
}

// seed puts clusters at nine tenths of the list's depth and one at its beginning, with rows before and behind.
// It answers the cursor of the first document of the deep cluster.
func (h *surroundings) seed(ctx context.Context, c *child, total int) (behind string, err error) {
	for _, words := range []string{"common", "common selective"} {
		if err := h.depositCluster(ctx, c, words); err != nil {
			return "", err
		}
	}
	var page object
	if err := h.people.do(ctx, c, "staff.unoct", http.MethodGet, "/documents?limit=1", nil, &page); err != nil {
		return "", err
	}
	behind = page.text("next")
	old, between := total/10, total-total/10
	if err := h.fill(ctx, old, "'-1 day'"); err != nil {
		return "", err
	}
	if err := h.fill(ctx, between, "'0'"); err != nil {
		return "", err
	}
	if err := h.depositCluster(ctx, c, "common"); err != nil {
		return "", err
	}
	return behind, h.sql(ctx, `ANALYZE`)
}

func (h *surroundings) depositCluster(ctx context.Context, c *child, words string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i := range cluster {
		group.Go(func() error {
			_, err := h.people.deposit(ctx, c, fmt.Sprintf("%s %d", words, i), bytesOf(1<<10), 1<<10)
			return err
		})
	}
	return group.Wait()
}

// fill copies the newest document so many times, a microsecond after another, from shift after it on; each copy has its
// purposes, and of its words those that all share, beside three out of a vocabulary of twenty thousand.
func (h *surroundings) fill(ctx context.Context, count int, shift string) error {
	id := fmt.Sprintf(`'doc_' || md5(%s || g)`, shift)
	return h.sql(ctx,
		`SET session_replication_role = replica`, // no foreign keys are looked up for each of millions of rows
		`CREATE TEMP TABLE model AS SELECT * FROM document ORDER BY deposited_at DESC, id DESC LIMIT 1`,
		fmt.Sprintf(`INSERT INTO document SELECT copy.* FROM model m, generate_series(1, %[4]d) g, LATERAL
			jsonb_populate_record(m, jsonb_build_object(
			'id', %[1]s, 'reference', md5(%[2]s || 'r' || g), 'deposited_at', m.deposited_at + interval %[3]s + g *
			interval '1 microsecond')) copy`, id, shift, shift, count),
		fmt.Sprintf(`INSERT INTO document_purpose SELECT %s, 'art2.e' FROM generate_series(1, %d) g`, id, count),
		fmt.Sprintf(`INSERT INTO document_word SELECT w.word, %s FROM generate_series(1, %d) g,
			(SELECT word FROM document_word WHERE word IN (SELECT own.word FROM document_word own JOIN model m ON
				own.document = m.id)
				GROUP BY word ORDER BY count(*) DESC LIMIT 1) w`, id, count),
		fmt.Sprintf(`INSERT INTO document_word SELECT decode(md5(((g::bigint * 7919 + n * 104729) %% 20000)::text),
			'hex'), %s
			FROM generate_series(1, %d) g, generate_series(1, 3) n ON CONFLICT DO NOTHING`, id, count),
	)
}
