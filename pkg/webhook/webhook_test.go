package webhook_test

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/webhook"
)

func (w *world) keys() (out []string) {
	w.t.Helper()
	w.in(func(tx *postgres.Tx, now time.Time) error {
		keys, err := w.register.WebhookKeys(w.t.Context(), tx, now)
		for _, k := range keys {
			out = append(out, webhook.PublicKey(k.Public))
		}
		return err
	})
	return out
}

// What is sent is signed, and holds the number, the kind and the time of a notice: no title, no name, no statement; and
// nothing of the one Party to the other.
func TestWhatIsSentIsSignedAndHoldsIdentifiersAlone(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, nil)
	hook, other := w.keeps(wco, r.URL+"/hook?of=wco"), w.keeps(unoct, r.URL+"/other")
	id := w.tell(wco)
	worker := w.worker(r.roots())
	must(t, worker.Once(t.Context()))
	must(t, worker.Once(t.Context()))
	got := r.all()
	if len(got) != 1 || len(w.deliveries(other)) != 0 {
		t.Fatalf("%d requests, and %d to the other Party; want one", len(got), len(w.deliveries(other)))
	}
	if told, good := got[0].verify(t, w.keys()[0]); !good || told != id {
		t.Errorf("notice %s, signed %v; want %s", told, good, id)
	}
	if m := got[0].message(t); m.Type != "chancery.asked" || m.Data.ID != id || m.Timestamp.IsZero() {
		t.Errorf("%+v", m)
	}
	var all strings.Builder
	_ = got[0].header.Write(&all)
	all.Write(got[0].body)
	all.WriteString(w.said.String())
	if strings.Contains(all.String(), canary) || strings.Contains(w.said.String(), r.URL) {
		t.Errorf("a canary or the address stands in\n%s", all.String())
	}
	forged := got[0]
	forged.body = append(slices.Clone(forged.body), ' ')
	if _, good := forged.verify(t, w.keys()[0]); good {
		t.Error("another body fits the signature")
	}
	if d := w.deliveries(hook); d[0].State != register.DeliveryDone || d[0].Status != 200 || d[0].Attempts != 1 {
		t.Errorf("%+v", d)
	}
}

// A key that was replaced signs beside the newest, so that whoever knows either can check.
func TestAKeyThatWasReplacedSignsBesideTheNewest(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, nil)
	w.keeps(wco, r.URL)
	worker := w.worker(r.roots())
	w.tell(wco)
	must(t, worker.Once(t.Context()))
	old := w.keys()[0]
	must(t, worker.Rotate(t.Context()))
	w.tell(wco)
	must(t, worker.Once(t.Context()))
	keys := w.keys()
	if len(keys) != 2 || keys[1] != old || keys[0] == old {
		t.Fatalf("the keys are %v, the old one %s", keys, old)
	}
	for _, key := range keys {
		if _, good := r.all()[1].verify(t, key); !good {
			t.Errorf("not signed by %s", key)
		}
	}
}

// Who was told to send and was killed in the middle, before or after the receiver had it, has sent once or more, never
// not: another replica takes it.
func TestWhatWasBeingSentIsSentByAnother(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, nil)
	hook := w.keeps(wco, r.URL)
	var told []string
	for range 30 {
		told = append(told, w.tell(wco))
	}
	w.in(func(tx *postgres.Tx, now time.Time) error { // a replica takes some, and is not heard of again
		taken, err := w.register.ClaimDeliveries(t.Context(), tx, now, now.Add(-time.Second), 10)
		if len(taken) != 10 {
			t.Errorf("%d are taken", len(taken))
		}
		return err
	})
	must(t, w.worker(r.roots()).Once(t.Context()))
	var got []string
	for _, one := range r.all() {
		got = append(got, one.header.Get("Webhook-Id"))
	}
	slices.Sort(got)
	slices.Sort(told)
	if !slices.Equal(slices.Compact(got), told) || len(w.deliveries(hook)) != 30 {
		t.Errorf("%d of %d arrived", len(slices.Compact(got)), len(told))
	}
}

// A receiver that leads elsewhere, answers with an error, hangs, has another's certificate or stands on this machine:
// nothing but a word of ours is kept of it, no other place is asked, and what is given up can be sent again.
func TestAHostileReceiverIsGivenUpAndNothingOfItIsKept(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	elsewhere := newReceiver(t, nil)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		change func(*webhook.Config)
		at     func(url string) string
		status int
		fault  string
	}{
		"redirects": {answer: func(rw http.ResponseWriter, q *http.Request) {
			http.Redirect(rw, q, elsewhere.URL, http.StatusTemporaryRedirect)
		}, status: 307, fault: "it leads elsewhere, and is not followed"},
		"fails": {answer: func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, canary, http.StatusInternalServerError)
		}, status: 500, fault: "it answers with an error"},
		"hangs": {answer: func(_ http.ResponseWriter, q *http.Request) {
			select {
			case <-hang:
			case <-q.Context().Done():
			}
		}, change: func(c *webhook.Config) { c.Timeout = 200 * time.Millisecond }, fault: "no answer in time"},
		"floods its header": {answer: func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("X-Flood", strings.Repeat("x", 1<<20))
		}, fault: "no connection, or one that broke"},
		"another's certificate": {change: func(c *webhook.Config) { c.Roots = nil },
			fault: "its certificate is not in order"},
		"on this machine": {change: func(c *webhook.Config) { c.AdmitLoopback = false },
			fault: "not a public address"},
		"on this machine, by a name": {change: func(c *webhook.Config) { c.AdmitLoopback = false },
			at:    func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) },
			fault: "not a public address"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := newReceiver(t, c.answer)
			address := r.URL
			if c.at != nil {
				address = c.at(address)
			}
			hook := w.keeps(wco, address)
			w.tell(wco)
			worker := w.worker(r.roots(), func(cfg *webhook.Config) {
				if c.change != nil {
					c.change(cfg)
				}
			})
			for range 4 {
				must(t, worker.Once(t.Context()))
			}
			d := w.deliveries(hook)[0]
			if d.State != register.DeliveryDead || d.Attempts != 3 || d.Status != c.status || d.Fault != c.fault {
				t.Errorf("%+v; want it given up after three attempts, %q", d, c.fault)
			}
			if f, err := worker.Figures(t.Context()); err != nil || f.Dead != 1 {
				t.Errorf("the operator sees %+v, %v", f, err)
			}
			if strings.Contains(w.said.String(), canary) || strings.Contains(w.said.String(), r.URL) {
				t.Errorf("the operations log says %s", w.said.String())
			}
			w.in(func(tx *postgres.Tx, _ time.Time) error {
				n, err := w.register.Redeliver(t.Context(), tx, hook.ID, nil)
				if n != 1 {
					t.Errorf("%d are sent again", n)
				}
				return err
			})
			must(t, worker.Once(t.Context()))
			if again := w.deliveries(hook)[0]; again.Attempts != 1 && again.Attempts != 3 {
				t.Errorf("sent again: %+v", again)
			}
		})
	}
	if n := len(elsewhere.all()); n != 0 {
		t.Errorf("the other place was asked %d times", n)
	}
}

// A body without an end is not read: the memory of an attempt stays what it is.
func TestABodyWithoutAnEndIsNotRead(t *testing.T) {
	w := newWorld(t)
	block := make([]byte, 1<<20)
	r := newReceiver(t, func(rw http.ResponseWriter, q *http.Request) {
		for q.Context().Err() == nil {
			if _, err := rw.Write(block); err != nil {
				return
			}
		}
	})
	hook := w.keeps(wco, r.URL)
	w.tell(wco)
	worker := w.worker(r.roots())
	began := time.Now()
	must(t, worker.Once(t.Context()))
	if d := w.deliveries(hook)[0]; d.State != register.DeliveryDone || time.Since(began) > 8*time.Second {
		t.Errorf("%+v after %s", d, time.Since(began))
	}
}

// What was taken away is sent nothing, nor what waits; and one that fails for too long is ended once.
func TestWhatWasTakenAwayIsSentNothing(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, nil)
	gone := w.keeps(wco, r.URL+"/gone")
	w.tell(wco)
	w.in(func(tx *postgres.Tx, now time.Time) error {
		return w.register.EndWebhook(t.Context(), tx, gone.ID, now, "ent_end")
	})
	w.tell(wco)
	must(t, w.worker(r.roots()).Once(t.Context()))
	if n := len(r.all()); n != 0 {
		t.Errorf("%d requests to an address that was taken away", n)
	}
	failing := w.keeps(wco, "https://127.0.0.1:1/")
	w.tell(wco)
	must(t, w.worker(nil).Once(t.Context()))
	for want := 1; want >= 0; want-- {
		w.in(func(tx *postgres.Tx, now time.Time) error {
			ended, err := w.register.DisableWebhooks(t.Context(), tx, now.Add(time.Second), now.Add(-time.Hour), now)
			if len(ended) != want || want == 1 && ended[0].ID != failing.ID {
				t.Errorf("ended %+v; want %d", ended, want)
			}
			return err
		})
	}
	w.tell(wco)
	if n := len(w.deliveries(failing)); n != 1 {
		t.Errorf("%d deliveries; want none since it was ended", n)
	}
}

// An attempt that ended since the gateway is being stopped is none: the receiver did not fail.
func TestAnAttemptThatTheGatewaysEndInterruptsIsNoFailure(t *testing.T) {
	w := newWorld(t)
	bad := newReceiver(t, hangs(t))
	hook := w.keeps(wco, bad.URL)
	w.tell(wco)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	worker := w.worker(bad.roots(), func(c *webhook.Config) { c.Timeout, c.Lease = time.Hour, 2*time.Hour })
	running.Go(func() { _ = worker.Run(ctx) })
	for end := time.Now().Add(time.Minute); len(bad.all()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no attempt is made")
		}
	}
	stop()
	running.Wait()
	if d := w.deliveries(hook)[0]; d.State != register.DeliveryWaits || d.Attempts != 0 || d.Fault != "" {
		t.Errorf("%+v; want it to wait, untried", d)
	}
	if f, err := w.worker(nil).Figures(t.Context()); err != nil || f.Failing != 0 {
		t.Errorf("the operator sees %+v, %v", f, err)
	}
	w.in(func(tx *postgres.Tx, now time.Time) error { // another replica takes it at once
		taken, err := w.register.ClaimDeliveries(t.Context(), tx, now, now.Add(time.Minute), 4)
		if len(taken) != 1 || taken[0].Attempts != 1 {
			t.Errorf("another takes %+v", taken)
		}
		return err
	})
}

// Three days without a gateway are not three days of failures: a webhook that failed before them, and fails once after
// them, is asked for three days more. One that works again is sent to.
func TestAWebhookIsNotEndedForTheTimeInWhichNoGatewayRan(t *testing.T) {
	w := newWorld(t)
	hook := w.keeps(wco, "https://receiver.example/")
	w.tell(wco)
	d := w.deliveries(hook)[0]
	failing := func() (since *time.Time, disabled bool) {
		w.in(func(tx *postgres.Tx, _ time.Time) error {
			found, err := w.register.Webhook(t.Context(), tx, hook.ID)
			if !found.FailingSince.IsZero() {
				since = &found.FailingSince
			}
			disabled = !found.DisabledAt.IsZero()
			return err
		})
		return since, disabled
	}
	var now time.Time
	w.in(func(_ *postgres.Tx, at time.Time) error {
		now = at
		return nil
	})
	attempt := func(at time.Time, works bool) {
		t.Helper()
		w.in(func(tx *postgres.Tx, _ time.Time) error {
			if works {
				return w.register.EndDelivery(t.Context(), tx, d, 200, at)
			}
			return w.register.PutOffDelivery(t.Context(), tx, d, 502, "it answers with an error", at, at, 5*time.Minute)
		})
	}
	ends := func(at time.Time) int {
		n := 0
		w.in(func(tx *postgres.Tx, _ time.Time) error {
			ended, err := w.register.DisableWebhooks(t.Context(), tx, at.Add(-72*time.Hour), at.Add(-time.Hour), at)
			n = len(ended)
			return err
		})
		return n
	}
	attempt(now, false)
	back := now.Add(4 * 24 * time.Hour)
	if n := ends(back); n != 0 {
		t.Error("it is ended before anybody asked it again")
	}
	attempt(back, false)
	n := ends(back)
	if since, _ := failing(); n != 0 || since == nil || !since.Equal(back) {
		t.Errorf("after one more failure it fails since %v, and %d are ended; want since %s", since, n, back)
	}
	for at := back; at.Before(back.Add(73 * time.Hour)); at = at.Add(23 * time.Hour) {
		attempt(at, false)
	}
	end := back.Add(73 * time.Hour)
	attempt(end, false)
	if n := ends(end); n != 1 {
		t.Errorf("after three days of failures %d are ended", n)
	}
	attempt(end, true)
	if since, disabled := failing(); since != nil || disabled {
		t.Errorf("what was under way arrived: failing since %v, disabled %v", since, disabled)
	}
}

// An address that does not open stops nothing that is sent to others, and is given up in its time.
func TestAnAddressThatCannotBeReadHoldsNoOtherUp(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, nil)
	bad, good := w.keeps(wco, r.URL+"/bad"), w.keeps(unoct, r.URL+"/good")
	w.in(func(tx *postgres.Tx, _ time.Time) error {
		return postgres.Gorm(tx).Exec(`UPDATE webhook SET address_sealed = 'x' WHERE id = ?`, bad.ID).Error
	})
	w.tell(wco)
	w.tell(unoct)
	worker := w.worker(r.roots())
	for range 4 {
		must(t, worker.Once(t.Context()))
	}
	if d := w.deliveries(good); len(d) != 1 || d[0].State != register.DeliveryDone {
		t.Errorf("to the other: %+v", d)
	}
	if d := w.deliveries(bad); len(d) != 1 || d[0].State != register.DeliveryDead ||
		d[0].Fault != "its address cannot be read" {
		t.Errorf("to the one that cannot be read: %+v", d)
	}
	w.in(func(tx *postgres.Tx, now time.Time) error {
		ended, err := w.register.DisableWebhooks(t.Context(), tx, now.Add(time.Second), now.Add(-time.Hour), now)
		if len(ended) != 1 || ended[0].ID != bad.ID || ended[0].Organisation != wco {
			t.Errorf("ended: %+v", ended)
		}
		return err
	})
}

// Addresses of this machine, of networks of their own, and those that hold another address are none to send to.
func TestOnlyPublicAddressesAreSentTo(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
		"169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::",
		"fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
		"2002:7f00:1::", "2001:db8::1", "fe80::1%eth0", "192.0.2.1", "203.0.113.9"} {
		if webhook.Public(netip.MustParseAddr(address)) {
			t.Errorf("%s is taken for a public address", address)
		}
	}
	for _, address := range []string{"1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "193.5.93.1"} {
		if !webhook.Public(netip.MustParseAddr(address)) {
			t.Errorf("%s is not taken for a public address", address)
		}
	}
}

// hangs answers nothing until the test ends or whoever asks goes away.
func hangs(t *testing.T) http.HandlerFunc {
	t.Helper()
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	return func(_ http.ResponseWriter, q *http.Request) {
		select {
		case <-end:
		case <-q.Context().Done():
		}
	}
}

// A receiver of the one Party that hangs, with more waiting for it than may be under way, keeps no word from the other
// Party: no attempt at it ends while this test runs. What is under way there is bounded over all replicas.
func TestAReceiverThatHangsHoldsNoOtherUp(t *testing.T) {
	w := newWorld(t)
	arrived := make(chan struct{}, 50)
	good := newReceiver(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{} })
	bad := newReceiver(t, hangs(t))
	hanging, other := w.keeps(unoct, bad.URL), w.keeps(wco, good.URL)
	for range 60 {
		w.tell(unoct)
	}
	roots := good.roots()
	roots.AddCert(bad.Certificate())
	ctx, stop := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	for range 2 {
		worker := w.worker(roots, func(c *webhook.Config) {
			c.Timeout, c.Lease, c.Pause = time.Hour, 2*time.Hour, 10*time.Millisecond
		})
		workers.Go(func() { _ = worker.Run(ctx) })
	}
	for end := time.Now().Add(time.Minute); len(bad.all()) < 4; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d attempts at the receiver that hangs", len(bad.all()))
		}
	}
	for range 50 {
		w.tell(wco)
	}
	for range 50 {
		select {
		case <-arrived:
		case <-time.After(time.Minute):
			t.Fatalf("%d of 50 arrived at the receiver that answers", len(good.all()))
		}
	}
	if n := len(bad.all()); n != 4 {
		t.Errorf("%d attempts are under way at the receiver that hangs; want 4 of 60", n)
	}
	if n := len(w.deliveries(other)); n != 50 {
		t.Errorf("%d deliveries to the receiver that answers", n)
	}
	stop()
	workers.Wait()
	for _, d := range w.deliveries(hanging) {
		if d.State != register.DeliveryWaits || d.Attempts > 1 {
			t.Errorf("%+v; want it to wait", d)
		}
	}
}

// A receiver that fails is asked by one delivery at a time, and left alone for half as long as it has been failing; one
// that answers again gets all.
func TestAReceiverThatFailsIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, nil)
	hook := w.keeps(wco, r.URL)
	for range 10 {
		w.tell(wco)
	}
	claims := func(in time.Duration) (n int) {
		w.in(func(tx *postgres.Tx, now time.Time) error {
			now = now.Add(in) // what is taken is free again at once
			taken, err := w.register.ClaimDeliveries(t.Context(), tx, now, now.Add(-time.Hour), 4)
			n = len(taken)
			return err
		})
		return n
	}
	if n := claims(0); n != 4 {
		t.Errorf("%d are taken at once for a receiver in order", n)
	}
	w.in(func(tx *postgres.Tx, now time.Time) error {
		taken, err := w.register.ClaimDeliveries(t.Context(), tx, now, now.Add(-time.Hour), 1)
		if err != nil || len(taken) != 1 {
			t.Fatalf("%d are taken: %v", len(taken), err)
		}
		for _, at := range []time.Time{now.Add(-20 * time.Minute), now} {
			if err := w.register.PutOffDelivery(t.Context(), tx, taken[0], 502, "it answers with an error", at, now,
				5*time.Minute); err != nil {
				return err
			}
		}
		return nil
	})
	if n := claims(0); n != 0 {
		t.Errorf("%d are taken for a receiver that has been failing for twenty minutes and is left alone", n)
	}
	if n := claims(4 * time.Minute); n != 0 {
		t.Errorf("%d are taken four minutes later", n)
	}
	if n := claims(5*time.Minute + time.Second); n != 1 {
		t.Errorf("%d are taken five minutes later; want one to find out", n)
	}
	named := []string{w.deliveries(hook)[0].ID, w.deliveries(hook)[1].ID}
	w.in(func(tx *postgres.Tx, _ time.Time) error {
		n, err := w.register.Redeliver(t.Context(), tx, hook.ID, named)
		if n != 2 {
			t.Errorf("%d of two are sent again", n)
		}
		return err
	})
	if n := claims(0); n != 4 {
		t.Errorf("%d are taken once the Party wants it sent again", n)
	}
	must(t, w.worker(r.roots()).Once(t.Context()))
	if n := len(r.all()); n != 10 {
		t.Errorf("%d of 10 arrived", n)
	}
}
