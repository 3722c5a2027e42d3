package exchange

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/stamp"
)

const (
	precheckFile   = 16 << 20 // the largest file that is tried at deposit, in bytes
	precheckBudget = 64 << 20 // what all prechecks together may hold in memory, in bytes
)

// precheck looks at a file on its way in for what only the whole file tells: whether a marked copy can be made of it,
// what its own headers say of its marking, whether it is an earlier copy; and it lets the malware scanner look. The
// bytes are held in memory only, within a budget; a file that does not fit is not tried, and what stands in its way is
// told at the first reading instead.
type precheck struct {
	budget *atomic.Int64 // bytes held by all prechecks
	chunks [][]byte
	size   int64
	told   bool        // whether files of this type are marked in place is known
	marked func() bool // whether they are, by what has come so far
	given  bool        // up: another type, too large, or the budget is spent
	scan   *inspect.Scan
}

// typeTold is how much of a file tells its type, in bytes.
const typeTold = 64 << 10

func (g *Gateway) beginPrecheck(ctx context.Context, watch *inspect.Inspection, declared int64) *precheck {
	t := g.holdForPrecheck(watch, declared)
	t.scan = g.malware.Begin(ctx)
	return t
}

// holdForPrecheck is a precheck without the scanner.
func (g *Gateway) holdForPrecheck(watch *inspect.Inspection, declared int64) *precheck {
	return &precheck{given: declared > precheckFile, budget: &g.prechecks,
		marked: func() bool { return g.stamper.Can(watch.Findings().MediaType) }}
}

// Write takes all bytes, whatever becomes of the precheck.
func (t *precheck) Write(p []byte) (int, error) {
	if t.scan != nil {
		_, _ = t.scan.Write(p)
	}
	if t.given {
		return len(p), nil
	}
	if t.size+int64(len(p)) > precheckFile || t.budget.Add(int64(len(p))) > precheckBudget {
		if t.size+int64(len(p)) <= precheckFile {
			t.budget.Add(-int64(len(p)))
		}
		t.giveUp()
		return len(p), nil
	}
	t.size += int64(len(p))
	t.chunks = append(t.chunks, bytes.Clone(p))
	if !t.told && t.size >= typeTold {
		if t.told = true; !t.marked() {
			t.giveUp()
		}
	}
	return len(p), nil
}

// reader reads what is held.
func (t *precheck) reader() io.Reader {
	readers := make([]io.Reader, len(t.chunks))
	for i, c := range t.chunks {
		readers[i] = bytes.NewReader(c)
	}
	return io.MultiReader(readers...)
}

func (t *precheck) giveUp() {
	t.budget.Add(-t.size)
	t.given, t.chunks, t.size = true, nil, 0
}

// end gives everything back.
func (t *precheck) end() {
	t.giveUp()
	t.scan.Close()
}

// outcome is what a precheck showed.
type outcome struct {
	unmarkable string // why no marked copy can be made
	words      []string
	label      []byte
	malware    inspect.Verdict
	warnings   []stamp.Warning // what a marked copy would not keep
	text       string          // that a renderer sees; empty where none looked
}

// verdict ends a scan, counts what the scanner found, and tells the operator of malware and of what was not inspected.
func (g *Gateway) verdict(scan *inspect.Scan) inspect.Verdict {
	verdict, signature, err := scan.Verdict()
	g.figures.inspect(verdict)
	switch {
	case err != nil && !errors.Is(err, inspect.ErrNoScanner):
		g.logger.Error("file not inspected", "error", err)
	case verdict == inspect.Found:
		g.logger.Warn("malware found", "signature", signature)
	}
	return verdict
}

// try is called once all bytes have come. A stamper that is busy or broken means that the file was not tried.
func (g *Gateway) try(ctx context.Context, t *precheck, mediaType string) outcome {
	out := outcome{malware: g.verdict(t.scan)}
	if t.given || t.size == 0 || !g.stamper.Can(mediaType) {
		return out
	}
	found, err := g.stamper.Probe(ctx, stamp.Source{Reader: t.reader(), Size: t.size, MediaType: mediaType})
	if err != nil {
		g.logger.Warn("file not tried at deposit", "error", err)
		return out
	}
	if !found.Stampable() {
		out.unmarkable = string(found.Reason)
		if found.Detail != "" {
			out.unmarkable += ": " + found.Detail
		}
	}
	out.words, out.label, out.text, out.warnings = found.Words, found.Label, found.Text, found.Warnings
	return out
}

// contradicts reports whether a file's own headers show another marking than the one declared (Article 4(9)).
func contradicts(declared article4.Marking, words []string) bool {
	shown := map[article4.Marking]bool{}
	for _, word := range words {
		shown[markingOf(word)] = true
	}
	return len(shown) > 0 && !shown[declared]
}

// markingOf maps a word of a header to the marking that it means here; secret, a Party's own scheme, is protected.
func markingOf(word string) article4.Marking {
	if strings.HasPrefix(word, "RESTRICTED") || strings.HasPrefix(word, "RESTREINT") ||
		strings.HasPrefix(word, "DIFFUSION") {
		return article4.Restricted
	}
	return article4.Confidential
}
