package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const clients = 32

// measureDisclosures has 32 clients get permits for protected documents, each inside a signed checkpoint before it is
// answered, in turns with pgbench committing one row in the same database.
func measureDisclosures(ctx context.Context, h *surroundings, p plan) (failed error) {
	c, err := h.serve(ctx)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, c.stop()) }()
	documents, err := h.prepare(ctx, c, p.prepared)
	if err != nil {
		return err
	}
	pgbench, err := h.pgbench(ctx)
	if err != nil {
		return err
	}
	const seconds = 6
	var rate, commits, waits series
	var each shares
	for range p.rounds {
		before, err := h.processors(c)
		if err != nil {
			return err
		}
		err = h.profiled(c, "disclosures", seconds-2, func() error {
			n, took, err := h.disclosures(ctx, c, documents, seconds*time.Second)
			rate, waits = append(rate, n), append(waits, took...)
			if err != nil {
				return err
			}
			after, err := h.processors(c)
			each.add(before, after, float64(len(took)))
			return err
		})
		if err != nil {
			return err
		}
		n, err := pgbench(ctx, seconds)
		if err != nil {
			return err
		}
		commits = append(commits, n)
	}
	compared(fmt.Sprintf("receipted disclosures/s, %d clients, %d documents", clients, len(documents)), "%.0f", rate,
		"pgbench, one row each commit", commits)
	spread("the same: time to the answer, ms", "%.1f", waits)
	each.print("the same: processor time for each, ms,")
	return nil
}

// prepare deposits documents and gets them granted.
func (h *surroundings) prepare(ctx context.Context, c *child, count int) ([]string, error) {
	documents := make([]string, count)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range documents {
		group.Go(func() error {
			d, err := h.people.deposit(ctx, c, fmt.Sprintf("Measured document %d", i), bytesOf(1<<10), 1<<10)
			if err != nil {
				return err
			}
			documents[i] = d.text("id")
			_, err = h.people.grant(ctx, c, documents[i])
			return err
		})
	}
	return documents, group.Wait()
}

// disclosures answers how many permits a second there were, and how long each took in milliseconds.
func (h *surroundings) disclosures(ctx context.Context, c *child, documents []string, during time.Duration) (float64,
	series, error) {
	var next atomic.Int64
	var mu sync.Mutex
	var waits series
	began := time.Now()
	err := together(clients, func(int) error {
		var own series
		for time.Since(began) < during {
			from := time.Now()
			if _, err := h.people.disclose(ctx, c, documents[next.Add(1)%int64(len(documents))]); err != nil {
				return err
			}
			own = append(own, milliseconds(time.Since(from)))
		}
		mu.Lock()
		defer mu.Unlock()
		waits = append(waits, own...)
		return nil
	})
	return float64(len(waits)) / time.Since(began).Seconds(), waits, err
}

var transactions = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench finds the program that came with PostgreSQL and has it commit one row at a time.
func (h *surroundings) pgbench(ctx context.Context) (func(context.Context, int) (float64, error), error) {
	program, err := exec.LookPath("pgbench")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
		if len(found) == 0 {
			return nil, errors.New("no pgbench: it comes with PostgreSQL's server")
		}
		slices.Sort(found)
		program = found[len(found)-1]
	}
	script := filepath.Join(h.dir, "one-row.sql")
	if err := os.WriteFile(script, []byte("INSERT INTO one_row (n) VALUES (1);\n"), 0o600); err != nil {
		return nil, err
	}
	if err := h.sql(ctx, `CREATE TABLE IF NOT EXISTS one_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n `+
		`integer)`); err != nil {
		return nil, err
	}
	return func(ctx context.Context, seconds int) (float64, error) {
		c := exec.CommandContext(ctx, program, "-n", "-c", strconv.Itoa(clients), "-j", "2", "-M", "prepared", "-T",
			strconv.Itoa(seconds), "-f", script, h.postgres.URL(database))
		said, err := c.CombinedOutput()
		found := transactions.FindSubmatch(said)
		if err != nil || found == nil {
			return 0, fmt.Errorf("pgbench: %w: %s", err, said)
		}
		return strconv.ParseFloat(string(found[1]), 64)
	}, nil
}
