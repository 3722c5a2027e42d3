package exchange

import "context"

// HiddenFrom is the one question who may be told of an entity concerned.
var HiddenFrom = hiddenFrom

// CloseDue lets the gateway write down what lapsed and what expired, when a test asks for it.
func (g *Gateway) CloseDue(ctx context.Context) error { return g.closeDue(ctx) }
