package notify_test

import (
	"bufio"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/notify"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"

	"github.com/emersion/go-smtp"
)

// A mail says how much waits, the numbers and where to look, in both languages where nobody chose one; no title, no
// name and no statement, not in the operations log either.
func TestAMailSaysThatSomethingWaitsAndNothingOfIt(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	worker := w.worker(serverOf(w.mail))
	sofia := w.person(wco, "Sofia "+canary, "sofia@wco.example", false)
	number := w.tell(register.Notice{To: wco, Person: sofia})
	w.once(worker)
	w.once(worker)
	sent := w.sent()
	if len(sent) != 1 || sent[0].To != "sofia@wco.example" {
		t.Fatalf("sent %+v; want one mail to one person", sent)
	}
	for _, part := range []string{number, link, "Something waits for you at Chancery", "Quelque chose vous attend"} {
		if !strings.Contains(sent[0].Text, part) {
			t.Errorf("the mail lacks %q: %s", part, sent[0].Text)
		}
	}
	if strings.Contains(sent[0].Raw, canary) || strings.Contains(w.said.String(), canary) ||
		strings.Contains(w.said.String(), "sofia@") {
		t.Errorf("told outside: %s\n%s", sent[0].Raw, w.said)
	}
	if strings.Contains(sent[0].Text, "?") || strings.Count(sent[0].Text, "http") != 2 {
		t.Errorf("the link is not the same for all: %s", sent[0].Text)
	}
}

// Whoever answers for an organisation is sent what it is told; whose act it is, who is suspended, who only reads and
// the other organisation are not.
func TestWordGoesToWhoeverMaySeeTheNotice(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	worker := w.worker(serverOf(w.mail))
	w.person(wco, "focal", "focal@wco.example", true)
	actor := w.person(wco, "deputy", "deputy@wco.example", true)
	w.person(wco, "staff", "staff@wco.example", false)
	w.person(unoct, "focal", "focal@unoct.example", true)
	stopped := w.person(wco, "stopped", "stopped@wco.example", true)
	w.in(func(tx *postgres.Tx) error {
		return tx.Ask(t.Context(), postgres.Question{What: "suspension", Args: []any{stopped}, SQL: `INSERT INTO
			log_entry (id, at, kind, parties, body, body_hash, nonce, organisation, outcome)
			SELECT 'ent_stop', now(), 'suspension', '{org_wco}', b, sha256(b), sha256(b), 'org_wco', 'permit'
			FROM convert_to(jsonb_build_object('terms',
			jsonb_build_object('subject', 'sus_1', 'people', jsonb_build_array($1::text)))::text, 'UTF8') b`})
	})
	w.tell(register.Notice{To: wco, Besides: actor})
	w.once(worker)
	sent := w.sent()
	if len(sent) != 1 || sent[0].To != "focal@wco.example" {
		t.Errorf("sent %+v; want the other focal point alone", sent)
	}
}

// At once or once a day is for people to choose; what is urgent comes at once, and what asks nothing may be left out.
func TestPeopleSayHowOftenAndDutiesAreNeverOff(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	hour := time.Now().UTC().Add(12 * time.Hour) // the day's mails are half a day away, whenever this runs
	worker := w.worker(serverOf(w.mail), func(c *notify.Config) { c.DailyAt = hour.Sub(hour.Truncate(24 * time.Hour)) })
	daily := w.person(wco, "daily", "daily@wco.example", false)
	w.in(func(tx *postgres.Tx) error {
		return w.register.Prefer(t.Context(), tx, register.Contact{Person: daily, Daily: true, Language: "fr"})
	})
	w.tell(register.Notice{To: wco, Person: daily, Class: register.Courtesy})
	duty := w.tell(register.Notice{To: wco, Person: daily, Class: register.Duty})
	w.once(worker)
	if sent := w.sent(); len(sent) != 0 {
		t.Fatalf("sent at once: %+v", sent)
	}
	urgent := w.tell(register.Notice{To: wco, Person: daily, Class: register.Urgent})
	w.once(worker)
	sent := w.sent()
	if len(sent) != 1 || !strings.Contains(sent[0].Text, urgent) || strings.Contains(sent[0].Text, "Sign in") {
		t.Fatalf("sent %+v; want the urgent one, in French", sent)
	}
	w.in(func(tx *postgres.Tx) error { // the hour of the day's mails comes
		return postgres.Gorm(tx).Exec(`UPDATE mail SET due_at = now() WHERE state = 'waiting'`).Error
	})
	w.once(worker)
	if sent = w.sent(); len(sent) != 2 || !strings.Contains(sent[0].Text, duty) {
		t.Errorf("sent %+v; want the duty, and nothing else, with the day's mails", sent)
	}
}

// A mail that bounces ends: nothing more is sent there, what waits for others goes on, and the address stands in no
// log.
func TestAMailThatBouncesIsToldAndEndsNothingElse(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	worker := w.worker(serverOf(w.mail))
	gone := w.person(wco, "gone", "bounce.gone@wco.example", false)
	here := w.person(wco, "here", "here@wco.example", false)
	w.tell(register.Notice{To: wco, Person: gone})
	w.tell(register.Notice{To: wco, Person: here})
	w.once(worker)
	w.tell(register.Notice{To: wco, Person: gone})
	w.once(worker)
	if sent := w.sent(); len(sent) != 1 || sent[0].To != "here@wco.example" {
		t.Errorf("sent %+v", sent)
	}
	if f := w.figures(worker); f.Bounced != 1 || f.Waiting != 0 || f.Dead != 0 {
		t.Errorf("figures %+v; want one who bounced, and nothing that waits", f)
	}
	if strings.Contains(w.said.String(), "bounce.gone") || !strings.Contains(w.said.String(), "550 5.1.1") {
		t.Errorf("the log says %s", w.said)
	}
	w.in(func(tx *postgres.Tx) error {
		back, err := w.register.Bounced(t.Context(), tx, "", 10)
		if err == nil && (len(back) != 1 || back[0] != gone) {
			t.Errorf("to be told: %+v", back)
		}
		return err
	})
	w.person(wco, "gone", "gone.again@wco.example", false) // the provider tells another address
	w.tell(register.Notice{To: wco, Person: gone})
	w.once(worker)
	if sent := w.sent(); len(sent) != 2 || sent[0].To != "gone.again@wco.example" {
		t.Errorf("sent %+v; want the new address tried", sent)
	}
}

// An address breaks no header and adds no reader, whatever the provider told.
func TestAnAddressThatWouldBreakTheHeaderIsNotSentTo(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	worker := w.worker(serverOf(w.mail))
	for _, address := range []string{"a@wco.example\r\nBcc: thief@elsewhere.example", "a@wco.example\nSubject: x",
		"a@wco.example, thief@elsewhere.example", "a@wco.example;thief@elsewhere.example", "<a@wco.example> SIZE=1",
		"a@wco.example>\r\nRCPT TO:<thief@elsewhere.example", "no address"} {
		p := w.person(wco, "p", address, false)
		w.tell(register.Notice{To: wco, Person: p})
		w.once(worker)
		for _, m := range w.sent() {
			if m.To != "a@wco.example" || strings.Contains(m.Raw, "thief") || strings.Contains(m.Raw, "Subject: x") {
				t.Errorf("%q: sent %s", address, m.Raw)
			}
		}
		if strings.Contains(w.said.String(), "thief") {
			t.Errorf("%q: the log says %s", address, w.said)
		}
	}
}

// A server whose certificate is for another name, or is not trusted, or that does not speak TLS, is given nothing: no
// password, no address.
func TestNothingIsSentToAServerThatDoesNotProveItsName(t *testing.T) {
	w := newWorld(t)
	w.mailServer(nil)
	p := w.person(wco, "p", "p@wco.example", false)
	for name, change := range map[string]func(*notify.Server){
		"another name": func(s *notify.Server) { s.Host = "127.0.0.1" },
		"not trusted":  func(s *notify.Server) { s.Roots = x509.NewCertPool() },
		"without TLS":  func(s *notify.Server) { s.Host, s.Port = "localhost", plainServer(t) },
	} {
		server := serverOf(w.mail)
		change(&server)
		worker := w.worker(server)
		w.tell(register.Notice{To: wco, Person: p})
		w.once(worker)
		if sent := w.sent(); len(sent) != 0 {
			t.Errorf("%s: sent %+v", name, sent)
		}
		if f := w.figures(worker); f.Dead+f.Bounced != 0 {
			t.Errorf("%s: %+v; want the mail kept for another attempt", name, f)
		}
	}
}

// plainServer speaks SMTP without TLS, and fails the test for whatever it is told about people.
func plainServer(t *testing.T) int {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte("220 localhost ESMTP\r\n"))
			for in := bufio.NewScanner(conn); in.Scan(); {
				switch said := strings.ToUpper(in.Text()); {
				case strings.HasPrefix(said, "EHLO"):
					conn.Write([]byte("250-localhost\r\n250 AUTH PLAIN\r\n"))
				case strings.HasPrefix(said, "QUIT"):
					conn.Write([]byte("221 bye\r\n"))
				default:
					t.Errorf("a server without TLS is told %q", in.Text())
					conn.Write([]byte("500 no\r\n"))
				}
			}
			conn.Close()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

// A server that hangs, or refuses for now, keeps nothing from being told: the mail is tried again, and after the last
// attempt it waits for the operator, who has it sent again.
func TestWhatCannotBeSentIsTriedAgainAndThenLeftToTheOperator(t *testing.T) {
	hanging, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer hanging.Close() // it accepts and never says a word
	w := newWorld(t)
	w.mailServer(func(string) error {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later: " + canary}
	})
	p := w.person(wco, "p", "p@wco.example", false)
	w.tell(register.Notice{To: wco, Person: p})
	soon := func(c *notify.Config) { c.Waits = []time.Duration{time.Nanosecond} }
	hangs := serverOf(w.mail)
	hangs.Port, hangs.Timeout = hanging.Addr().(*net.TCPAddr).Port, 300*time.Millisecond
	began := time.Now()
	w.once(w.worker(hangs, soon, func(c *notify.Config) { c.Lease = 4 * time.Second }))
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a server that hangs held up the rest for %s", took)
	}
	refused := w.worker(serverOf(w.mail), soon)
	w.once(refused)
	if f := w.figures(refused); f.Dead != 1 {
		t.Fatalf("figures %+v; want one for the operator\n%s", f, w.said)
	}
	if strings.Contains(w.said.String(), canary) || !strings.Contains(w.said.String(), "did not answer in time") {
		t.Errorf("the log says %s", w.said)
	}
	w.mailServer(nil)
	w.in(func(tx *postgres.Tx) error {
		dead, err := w.register.DeadMails(t.Context(), tx, 10)
		if err != nil || len(dead) != 1 || dead[0].Fault != "the mail server answered 451 4.7.1" {
			t.Errorf("given up: %+v, %v", dead, err)
		}
		_, err = w.register.ReviveMails(t.Context(), tx, nil, time.Now())
		return err
	})
	w.once(w.worker(serverOf(w.mail)))
	if sent := w.sent(); len(sent) != 1 {
		t.Errorf("sent %+v; want what the operator had sent again", sent)
	}
}
