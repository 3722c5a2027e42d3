package exchange_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// outage is one way to lose a part of the gateway, and to get it back.
type outage struct {
	name   string
	lose   func()
	regain func(t *testing.T)
	code   article4.Code
}

// Whatever is lost, nothing leaves and the answer says what; when it is back, all goes on by itself.
func TestWithoutLogOrStoreNoByteLeavesAndAllRecoversByItself(t *testing.T) {
	h := newDetachedFixture(t)
	g := h.gateway()
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(strings.Repeat(secret, 200_000)))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	outages := []outage{
		{"PostgreSQL is killed", h.db.Kill, func(t *testing.T) { must(t, h.db.Restart(context.Background())) },
			"gateway/log-unavailable"},
		{"PostgreSQL is stopped", func() { _ = h.db.Stop() },
			func(t *testing.T) { must(t, h.db.Restart(context.Background())) }, "gateway/log-unavailable"},
		{"the store is killed", h.store.Kill, func(t *testing.T) { must(t, h.store.Restart(context.Background())) },
			"gateway/storage-unavailable"},
		{"the store is stopped", func() { _ = h.store.Stop() },
			func(t *testing.T) { must(t, h.store.Restart(context.Background())) }, "gateway/storage-unavailable"},
	}
	for _, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			running := startDownload(t, g, reader, doc.ID)
			d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
			must(t, err)
			o.lose()
			start := time.Now()
			_, err = g.Content(t.Context(), reader, d.ID, nil)
			refusedFor(t, err, o.code)
			_, err = g.Deposit(t.Context(), staff, metadata(), content(secret))
			refusedFor(t, err, o.code)
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("the refusals took %s", took)
			}
			// what cannot be confirmed is cut; a lost store fails the next read
			if o.code == "gateway/log-unavailable" {
				select {
				case <-running.Cut():
				case <-time.After(5 * time.Second):
					t.Error("the running download was not cut within 5 s")
				}
			}
			if n, err := io.Copy(io.Discard, running); err == nil {
				t.Errorf("the running download ended cleanly after %d of %d bytes", n, running.Length)
			}
			_ = running.Finish(t.Context(), 1)
			o.regain(t)
			start = time.Now()
			recovers(t, g, reader, doc.ID)
			t.Logf("recovered %s after the part was back", time.Since(start))
		})
	}
}

// startDownload reads a little and leaves the rest in flight.
func startDownload(t *testing.T, g *exchange.Gateway, a exchange.Actor, id article4.DocumentID) *exchange.Transfer {
	t.Helper()
	d, err := g.Disclose(t.Context(), a, id, reading())
	must(t, err)
	transfer, err := g.Content(t.Context(), a, d.ID, nil)
	must(t, err)
	_, err = io.ReadFull(transfer, make([]byte, 64<<10))
	must(t, err)
	return transfer
}

func recovers(t *testing.T, g *exchange.Gateway, a exchange.Actor, id article4.DocumentID) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		d, err := g.Disclose(t.Context(), a, id, reading())
		if err == nil {
			var transfer *exchange.Transfer
			if transfer, err = g.Content(t.Context(), a, d.ID, nil); err == nil {
				n, err := io.Copy(io.Discard, transfer)
				must(t, err)
				must(t, transfer.Finish(t.Context(), n))
				return
			}
		}
		var refusal *exchange.Refusal
		if !errors.As(err, &refusal) {
			t.Fatalf("while recovering: %v; want a refusal that says what is missing", err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("no recovery within 20 s: %v", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// A replica that dies leaves its transfers and uploads to the others.
func TestAnotherReplicaClosesTheTransfersOfOneThatDied(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	d, err := g.Disclose(t.Context(), staff, doc.ID, exchange.Reading{Form: article4.Original})
	must(t, err)
	_, err = g.Content(t.Context(), staff, d.ID, nil)
	must(t, err)
	h.superuser(`ALTER TABLE transfer DISABLE TRIGGER USER; UPDATE transfer SET id = 'trf_ofadeadreplica'`)
	deadline := time.Now().Add(10 * time.Second)
	for h.count(`SELECT count(*) FROM transfer WHERE ended = 'unknown'`) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("nobody closed the transfer")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'completion'`); n != 1 {
		t.Errorf("%d completion entries; want 1", n)
	}
}

// A gateway that is killed again and again never comes to its first tick; it closes at its start what the one before
// left.
func TestWhatAKilledGatewayLeftIsClosedAtTheNextStart(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(patient)
	staff := h.staff(g, "staff.wco")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	d, err := g.Disclose(t.Context(), staff, doc.ID, exchange.Reading{Form: article4.Original})
	must(t, err)
	_, err = g.Content(t.Context(), staff, d.ID, nil)
	must(t, err)
	h.superuser(`ALTER TABLE transfer DISABLE TRIGGER USER; UPDATE transfer SET heartbeat_at = heartbeat_at - ` +
		`interval '2 hours'`)
	h.gateway(patient)
	for deadline := time.Now().Add(10 * time.Second); h.count(`SELECT count(*) FROM transfer WHERE ended = `+
		`'unknown'`) == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody closed the transfer")
		}
	}
}

// The one act that should never be unavailable: /readyz goes on sending people to a gateway whose store is away.
func TestAWithdrawalIsTakenAndCutsWhileTheStoreIsAway(t *testing.T) {
	h := newDetachedFixture(t)
	g := h.gateway()
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(strings.Repeat("kestrel", 200_000)))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	running := startDownload(t, g, reader, doc.ID)
	h.store.Kill()
	away := g.Ready(t.Context())
	if away["store"] == nil || !exchange.Spared("store", nil) || exchange.Spared("database", nil) {
		t.Errorf("%v", away)
	}
	must(t, second(g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"})))
	select {
	case <-running.Cut():
	case <-time.After(5 * time.Second):
		t.Error("the running download was not cut within 5 s")
	}
	must(t, running.Finish(t.Context(), 64<<10))
}
