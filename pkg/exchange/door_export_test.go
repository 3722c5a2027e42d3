package exchange

import "context"

// HiddenFrom is the one question who may be told of an entity concerned.
var HiddenFrom = hiddenFrom

// The background tasks, for tests that show what they do, or that they do nothing a second time: Run calls the same.

// CloseDue writes down what lapsed and what expired.
func (g *Gateway) CloseDue(ctx context.Context) error { return g.closeDue(ctx) }

// CloseUnfetched closes the disclosures that nobody fetched.
func (g *Gateway) CloseUnfetched(ctx context.Context) error { return g.closeUnfetched(ctx) }

// CountRefusals writes what was counted in minutes that are over.
func (g *Gateway) CountRefusals(ctx context.Context) error { return g.tellOver(ctx) }

// Remind tells of reviews that are due.
func (g *Gateway) Remind(ctx context.Context) error { return g.remind(ctx) }

// AtTheDoor is how many readers wait for a batch or are under way in one.
func (g *Gateway) AtTheDoor() int {
	g.batches.mu.Lock()
	defer g.batches.mu.Unlock()
	return len(g.batches.waiting) + g.batches.inside
}

// DecideAgain decides all running downloads again.
func (g *Gateway) DecideAgain(ctx context.Context) { g.decideAgain(ctx, everything) }
