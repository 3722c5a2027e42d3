package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"chancery.example/gateway/pkg/notify"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// mailsOf are the mails to somebody: what became of each, and how often it was tried.
func (w *world) mailsOf(name string) (out []struct {
	State    string
	Attempts int
	Fault    string
}) {
	w.t.Helper()
	id := w.people[name]
	w.in(func(tx *postgres.Tx) error {
		return postgres.Gorm(tx).Raw(`SELECT state, attempts, fault FROM mail WHERE person = ? ORDER BY due_at, id`,
			id).Scan(&out).Error
	})
	return out
}

// first makes the mail to somebody the one that is due before all others.
func (w *world) first(name string) {
	w.t.Helper()
	w.in(func(tx *postgres.Tx) error {
		return postgres.Gorm(tx).Exec(`UPDATE mail SET due_at = now() - interval '1 day' WHERE person = ?
			AND state = 'waiting'`, w.people[name]).Error
	})
}

// What the server answers to one mail is that one's alone: whoever's mailbox is full for ever keeps no other mail from
// arriving at its first attempt.
func TestAMailboxThatTakesNothingForNowHoldsNoOtherMailUp(t *testing.T) {
	w := newWorld(t)
	w.mailServer(func(to string) error {
		if strings.HasPrefix(to, "full") {
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
		}
		return nil
	})
	worker := w.worker(serverOf(w.mail))
	full, here := w.person(wco, "full", "full@wco.example", false), w.person(wco, "here", "here@wco.example", false)
	w.tell(register.Notice{To: wco, Person: full})
	for round := 1; round <= 3; round++ {
		w.tell(register.Notice{To: wco, Person: here})
		w.once(worker) // makes the mail; the other one is due later
		w.first("full")
		w.tell(register.Notice{To: wco, Person: here})
		w.once(worker)
		if sent := w.sent(); len(sent) != 2*round || sent[0].To != "here@wco.example" {
			t.Fatalf("round %d: sent %+v", round, sent)
		}
	}
	for _, m := range w.mailsOf("here") {
		if m.State != string(register.MailSent) || m.Attempts != 1 {
			t.Errorf("behind the one that is not taken: %+v; want it sent at the first attempt", m)
		}
	}
	if m := w.mailsOf("full"); len(m) != 1 || m[0].Attempts != 4 || m[0].Fault != "the mail server answered 452 4.2.2" {
		t.Errorf("the one that is not taken: %+v", m)
	}
}

// A mail at which the session ends is tried again later; the rest goes over another session, and what is not tried
// after all counts no attempt.
func TestAMailAtWhichTheSessionEndsCostsTheOthersNoAttempt(t *testing.T) {
	w := newWorld(t)
	hang := make(chan struct{})
	w.mailServer(func(to string) error {
		if strings.HasPrefix(to, "hangs") {
			<-hang
		}
		return nil
	})
	t.Cleanup(func() { close(hang) })
	server := serverOf(w.mail)
	server.Timeout = 2 * time.Second
	hour := time.Now().UTC().Add(12 * time.Hour)
	worker := w.worker(server, func(c *notify.Config) {
		c.Waits, c.DailyAt = []time.Duration{time.Hour}, hour.Sub(hour.Truncate(24*time.Hour))
	})
	for _, name := range []string{"here", "hangs.first", "between", "hangs.second", "last"} {
		p := w.person(wco, name, name+"@wco.example", false)
		w.tell(register.Notice{To: wco, Person: p})
	}
	w.in(func(tx *postgres.Tx) error { // nothing is sent while the mails are made
		return postgres.Gorm(tx).Exec(`UPDATE contact SET daily = true`).Error
	})
	w.once(worker)
	w.in(func(tx *postgres.Tx) error {
		return postgres.Gorm(tx).Exec(`UPDATE mail SET due_at = now() - CASE person WHEN ? THEN interval '5 minutes'
			WHEN ? THEN interval '4 minutes' WHEN ? THEN interval '3 minutes' WHEN ? THEN interval '2 minutes'
			ELSE interval '1 minute' END`, w.people["here"], w.people["hangs.first"], w.people["between"],
			w.people["hangs.second"]).Error
	})
	w.once(worker)
	var to []string
	for _, m := range w.sent() {
		to = append([]string{m.To}, to...)
	}
	if got := strings.Join(to, " "); got != "here@wco.example between@wco.example" {
		t.Errorf("sent to %q", got)
	}
	for name, attempts := range map[string]int{"hangs.first": 1, "hangs.second": 1, "last": 0} {
		if m := w.mailsOf(name); len(m) != 1 || m[0].State != "waiting" || m[0].Attempts != attempts {
			t.Errorf("%s: %+v; want it to wait after %d attempts", name, m, attempts)
		}
	}
	w.once(worker)
	if m := w.mailsOf("last"); len(m) != 1 || m[0].State != string(register.MailSent) || m[0].Attempts != 1 {
		t.Errorf("the last: %+v; want it sent at its first attempt", m)
	}
}

// An address that does not open stops no mail to anybody else, and is given up in its time.
func TestAnAddressThatCannotBeReadHoldsNoOtherMailUp(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	worker := w.worker(serverOf(w.mail), func(c *notify.Config) { c.Waits = []time.Duration{time.Nanosecond} })
	bad, here := w.person(wco, "bad", "bad@wco.example", false), w.person(wco, "here", "here@wco.example", false)
	w.in(func(tx *postgres.Tx) error {
		return postgres.Gorm(tx).Exec(`UPDATE contact SET address_sealed = 'x' WHERE person = ?`, bad).Error
	})
	for range 2 {
		w.tell(register.Notice{To: wco, Person: bad})
		w.tell(register.Notice{To: wco, Person: here})
		w.once(worker)
	}
	if sent := w.sent(); len(sent) != 2 || sent[0].To != "here@wco.example" {
		t.Errorf("sent %+v", sent)
	}
	if m := w.mailsOf("bad"); len(m) == 0 || m[0].State != string(register.MailDead) ||
		m[0].Fault != "its address cannot be read" {
		t.Errorf("the one that cannot be read: %+v", m)
	}
}
