package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// measureParts runs what single packages measure of themselves.
func measureParts(ctx context.Context, _ *surroundings, p plan) error {
	for _, one := range []struct{ name, pkg, bench, figure, unit string }{
		{"decision, facts given, permitted, µs", "./pkg/article4", "^BenchmarkDecide$/^permitted$", "ns/op", "0.001"},
		{"decision, facts given, refused, µs", "./pkg/article4", "^BenchmarkDecide$/^refused$", "ns/op", "0.001"},
		{"checkpoint wait, 32 callers, p50, ms", "./pkg/sequencer", "^BenchmarkReceiptedEntries$", "p50-ms", "1"},
		{"checkpoint wait, 32 callers, p99, ms", "./pkg/sequencer", "^BenchmarkReceiptedEntries$", "p99-ms", "1"},
		{"receipted entries/s of the log alone, 32 callers", "./pkg/sequencer", "^BenchmarkReceiptedEntries$",
			"receipts/s", "1"},
	} {
		values, err := benchmark(ctx, one.pkg, one.bench, one.figure, p.rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		factor, err := strconv.ParseFloat(one.unit, 64)
		if err != nil {
			return err
		}
		for i := range values {
			values[i] *= factor
		}
		figure(one.name, "%.1f", values)
	}
	return nil
}

func benchmark(ctx context.Context, pkg, name, unit string, rounds int) (series, error) {
	c := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", name, "-benchtime", "3s", "-count",
		strconv.Itoa(rounds), pkg)
	said, err := c.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test: %w: %s", err, said)
	}
	var out series
	for _, found := range regexp.MustCompile(`([0-9.]+) `+regexp.QuoteMeta(unit)).FindAllSubmatch(said, -1) {
		value, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no %s in: %s", unit, said)
	}
	return out, nil
}

// sql runs statements as the superuser.
func (h *surroundings) sql(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, h.postgres.URL(database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
