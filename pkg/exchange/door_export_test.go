package exchange

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// ToldTo is the one question as whom somebody is told of an entity concerned.
var ToldTo = toldTo

// The background tasks, for tests that show what they do, or that they do nothing a second time: Run calls the same.

// CloseDue writes down what lapsed and what expired.
func (g *Gateway) CloseDue(ctx context.Context) error { return g.closeDue(ctx) }

// TellDelegations tells of Delegations that are not as the log says.
func (g *Gateway) TellDelegations(ctx context.Context) error { return g.tellDelegations(ctx) }

// CloseUnfetched closes the disclosures that nobody fetched.
func (g *Gateway) CloseUnfetched(ctx context.Context) error { return g.closeUnfetched(ctx) }

// KillViews ends the processes that show copies, without the gateway's knowing.
func (g *Gateway) KillViews() {
	for _, w := range g.views.all {
		w.view.Close()
	}
}

// CountRefusals writes what was counted in minutes that are over.
func (g *Gateway) CountRefusals(ctx context.Context) error { return g.tellOver(ctx) }

// TellDue tells of what is about to end, and of what was disclosed the day before.
func (g *Gateway) TellDue(ctx context.Context) error { return g.tellDue(ctx) }

// TellBounces tells of mail that came back.
func (g *Gateway) TellBounces(ctx context.Context) error { return g.tellBounces(ctx) }

// EndFailingWebhooks ends sending to webhooks that failed for too long.
func (g *Gateway) EndFailingWebhooks(ctx context.Context) error { return g.endFailingWebhooks(ctx) }

// PlaceNotices gives notices their places.
func (g *Gateway) PlaceNotices(ctx context.Context) error { return g.placeNotices(ctx) }

// CloseSilent closes the transfers of replicas that died.
func (g *Gateway) CloseSilent(ctx context.Context) error { return g.closeSilent(ctx) }

// Sweep removes what nobody can open any more.
func (g *Gateway) Sweep(ctx context.Context) error { return g.sweep(ctx) }

// Remind tells of reviews that are due.
func (g *Gateway) Remind(ctx context.Context) error { return g.remind(ctx) }

// CheckMetadata is what is wrong with the form of a deposit, before the rules are asked.
func CheckMetadata(m Metadata) error { return m.check() }

// Attempt does a background task as Run does.
func (g *Gateway) Attempt(ctx context.Context, what string, f func(context.Context) error) {
	g.attempt(ctx, what, f)
}

// NewTasks is a gateway without any part but its log, of which every decision panics.
func NewTasks(logger *slog.Logger) *Gateway {
	return &Gateway{logger: logger, running: newTransfers(), views: newViews(), events: newEventWaits()}
}

// Running adds a download that runs.
func (g *Gateway) Running() *Transfer {
	d := &Transfer{gateway: g, id: "trf_1", cut: make(chan struct{})}
	g.running.add(d)
	return d
}

// AtTheDoor is how many readers wait for a batch or are under way in one.
func (g *Gateway) AtTheDoor() int {
	g.batches.mu.Lock()
	defer g.batches.mu.Unlock()
	return len(g.batches.waiting) + g.batches.inside
}

// DecideAgain decides all running downloads again.
func (g *Gateway) DecideAgain(ctx context.Context) { g.decideAgain(ctx, everything) }

// DecisionTaken is one decision with all that it looked at: what was read, and what the act brought.
type DecisionTaken struct {
	Situation situation
	Facts     article4.Facts
	Ruling    article4.Ruling
}

// OnDecision has f told of each decision of this gateway, in its transaction. It is called before anybody comes.
func (g *Gateway) OnDecision(f func(DecisionTaken)) {
	g.onDecision = func(v *visit) { f(DecisionTaken{v.situation, v.facts, v.ruling}) }
}

// SkipRules has this gateway permit whatever its rules refuse. It is called before anybody comes.
func (g *Gateway) SkipRules() {
	g.onDecision = func(v *visit) { v.ruling = article4.Ruling{Permit: true} }
}

// Again makes the facts anew of what was read, adds what the act brought, and asks the rules.
func (d DecisionTaken) Again(rules *article4.Rules, evidence EvidenceVerifier) (article4.Facts, article4.Ruling,
	error) {
	set, err := factsOf(d.Situation, evidence)
	f, brought := set.facts, d.Facts
	f.Deposit, f.Ask, f.Release, f.Change, f.Agreement = brought.Deposit, brought.Ask, brought.Release, brought.Change,
		brought.Agreement
	f.Series = brought.Series
	f.Actor.SignIn = brought.Actor.SignIn // a draft is decided as if the sign-in were fresh
	if f.Access == nil {
		f.Access = brought.Access
	}
	if f.Request != nil {
		grant, asked := f.Request.Grant, *brought.Request
		asked.Grant = grant
		f.Request = &asked
	}
	if f.Document != nil && set.version == nil { // an act may be about a version of its own
		f.Document.Version, f.Document.Showable = brought.Document.Version, brought.Document.Showable
		f.Document.VersionDestroyed, f.Document.VersionClosed = brought.Document.VersionDestroyed,
			brought.Document.VersionClosed
	}
	return f, rules.Decide(f), err
}

// WriteDecisions writes decisions down, each on a line, behind a line with the records of each revision.
func WriteDecisions(w io.Writer, all []DecisionTaken) error {
	encoder := json.NewEncoder(w)
	records := map[string]*register.Records{}
	for _, d := range all {
		records[d.Situation.Dossier.Arrangement.Revision] = d.Situation.Records
	}
	if err := encoder.Encode(records); err != nil {
		return err
	}
	for _, d := range all {
		d.Situation.Records = nil
		if err := encoder.Encode(d); err != nil {
			return err
		}
	}
	return nil
}

// ReadDecisions reads what WriteDecisions wrote.
func ReadDecisions(r io.Reader) ([]DecisionTaken, error) {
	decoder := json.NewDecoder(r)
	var records map[string]*register.Records
	if err := decoder.Decode(&records); err != nil {
		return nil, err
	}
	var all []DecisionTaken
	for decoder.More() {
		var d DecisionTaken
		if err := decoder.Decode(&d); err != nil {
			return nil, err
		}
		d.Situation.Records = records[d.Situation.Dossier.Arrangement.Revision]
		all = append(all, d)
	}
	return all, nil
}

// PlacesIn are the names in braces of a text.
func PlacesIn(text string) []string { return placesIn(text) }
