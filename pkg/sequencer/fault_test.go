package sequencer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/sequencer"
)

// ownServer is a fixture on a PostgreSQL of its own, to be stopped, killed and paused.
func ownServer(t *testing.T) (*fixture, *devstack.Postgres) {
	t.Helper()
	server, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	owner, err := server.CreateDatabase(t.Context(), "chancery")
	must(t, err)
	return furnish(t, "chancery", owner, server.URL, server.URLFor), server
}

func TestADatabaseThatIsAwayMakesReceiptsUnavailableAndAllRecovers(t *testing.T) {
	t.Parallel()
	h, server := ownServer(t)
	a, stop := h.running(t, 500*time.Millisecond)
	old, err := h.receipted(t.Context(), a, entry(wco))
	must(t, err)
	stop()
	s, _ := h.running(t, 500*time.Millisecond)
	receipts := []ledger.Receipt{old}
	for name, c := range map[string]struct{ away, back func() error }{
		"stopped": {server.Stop, func() error { return server.Restart(t.Context()) }},
		"killed":  {func() error { server.Kill(); return nil }, func() error { return server.Restart(t.Context()) }},
		"hanging": {server.Pause, func() error { server.Resume(); return nil }},
	} {
		fresh, err := h.receipted(t.Context(), s, entry(wco))
		must(t, err)
		must(t, c.away())
		begin := time.Now()
		if _, err := s.Receipt(t.Context(), old.Body().ID); !errors.Is(err, sequencer.ErrUnavailable) ||
			time.Since(begin) > 2*time.Second {
			t.Errorf("%s: after %s: %v", name, time.Since(begin), err)
		}
		// What was signed a moment ago stays proven, without the database.
		if _, err := s.Receipt(t.Context(), fresh.Body().ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		eventually(t, name+": it is not ready", func() bool { return !s.Health().Ready(time.Second) })
		must(t, c.back())
		r, err := h.receipted(t.Context(), s, entry(wco))
		must(t, err)
		eventually(t, name+": it is ready again", func() bool { return s.Health().Ready(3 * time.Second) })
		receipts = append(receipts, fresh, r)
	}
	h.audit(t, 7, receipts)
}

func TestKillingTheServerUnderLoadLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	h, server := ownServer(t)
	a, _ := h.running(t, 2*time.Second)
	b, _ := h.running(t, 2*time.Second)
	const times = 5
	killed := make(chan error, 1)
	go func() {
		for i := range times {
			time.Sleep(time.Duration(100+100*i) * time.Millisecond)
			server.Kill()
			if err := server.Restart(context.Background()); err != nil {
				killed <- err
				return
			}
		}
		killed <- nil
	}()
	defer func() { must(t, <-killed) }()
	var receipts []ledger.Receipt
	for len(killed) == 0 {
		receipts = append(receipts, h.load(t, 8, 25, a, b)...)
	}
	h.audit(t, int64(len(receipts)), receipts)
}

func TestEndingTheSessionsOfRoundsLosesNothing(t *testing.T) {
	h := newFixture(t)
	a, _ := h.running(t, 5*time.Second)
	b, _ := h.running(t, 5*time.Second)
	admin := h.open(t, h.superuser(h.name), 1)
	ended := make(chan struct{})
	done := make(chan int64, 1)
	go func() {
		var n int64
		for {
			select {
			case <-ended:
				done <- n
				return
			case <-time.After(time.Duration(20+n%60) * time.Millisecond):
			}
			var hit int64
			_ = admin.Gorm().Raw(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND usename LIKE '%sequencer' AND state <> 'idle'`).Row().Scan(&hit)
			n += hit
		}
	}()
	defer func() {
		close(ended)
		if n := <-done; n == 0 {
			t.Error("no session was ended in the middle of anything")
		}
	}()
	h.audit(t, 800, h.load(t, 8, 100, a, b))
}

// A COMMIT that happened, and of which the answer is lost: the round may be neither repeated nor forgotten.
func TestALostAnswerToTheCommitOfARoundIsNeitherRepeatedNorForgotten(t *testing.T) {
	h := newFixture(t)
	var armed atomic.Bool
	h.seqURL = throughLossyProxy(t, h.seqURL, &armed)
	s, _ := h.running(t, 5*time.Second)
	var receipts []ledger.Receipt
	for i := range 5 {
		armed.Store(true)
		r, err := h.receipted(t.Context(), s, entry(wco))
		must(t, err)
		if armed.Load() {
			t.Error("no answer was lost")
		}
		if r.Index() != int64(i) {
			t.Errorf("entry %d has index %d", i, r.Index())
		}
		receipts = append(receipts, r)
	}
	h.audit(t, 5, receipts)
}

// throughLossyProxy leads a connection string through a proxy that, when armed, passes one COMMIT on, waits until it
// was carried out, and cuts the connection instead of handing back the answer.
func throughLossyProxy(t *testing.T, target string, armed *atomic.Bool) string {
	t.Helper()
	u, err := url.Parse(target)
	must(t, err)
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go relay(client, server, armed)
		}
	}()
	u.Host = listener.Addr().String()
	return u.String()
}

func relay(client net.Conn, server string, armed *atomic.Bool) {
	defer client.Close()
	upstream, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer upstream.Close()
	var lose atomic.Bool
	go func() {
		buffer := make([]byte, 1<<16)
		var bind []byte // how the prepared COMMIT is called for: by its name, between two NUL
		for {
			n, err := client.Read(buffer)
			if bind != nil && bytes.Contains(buffer[:n], bind) && armed.CompareAndSwap(true, false) {
				lose.Store(true)
			}
			if before, _, parsed := bytes.Cut(buffer[:n], []byte("\x00commit\x00")); parsed {
				bind = fmt.Appendf(nil, "\x00%s\x00", before[bytes.LastIndex(before, []byte("stmtcache_")):])
			}
			if _, e := upstream.Write(buffer[:n]); err != nil || e != nil {
				_ = upstream.Close()
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := upstream.Read(buffer)
		if err != nil || lose.Load() {
			return
		}
		if _, err := io.Copy(client, bytes.NewReader(buffer[:n])); err != nil {
			return
		}
	}
}

// Whoever can write the database as superuser can take the triggers away. The replica that signed notices.
func TestALogThatWasTamperedWithIsNotSigned(t *testing.T) {
	const disable = "ALTER TABLE log_%[1]s DISABLE TRIGGER log_is_append_only"
	for name, tamper := range map[string][]string{
		"an older head is put back": {
			"UPDATE log_head SET size = 3, root = (SELECT root FROM kept)",
		},
		"a forged root": {"UPDATE log_head SET root = sha256('forged')"},
		"a bigger head": {"UPDATE log_head SET size = size + 1"},
		"a tile is altered": {"UPDATE log_tile SET data = set_byte(data, 5, get_byte(data, 5) # 1), width = width",
			"UPDATE log_head SET root = root"},
		"a tile is removed":   {"DELETE FROM log_tile"},
		"a foreign signature": {fmt.Sprintf(disable, "checkpoint"), "UPDATE log_checkpoint SET note = 'x'"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			h := newFixture(t)
			s, stop := h.running(t, time.Second)
			h.load(t, 1, 3, s)
			h.admin(t, "CREATE TABLE kept AS SELECT root FROM log_head")
			h.load(t, 1, 4, s)
			eventually(t, "the checkpoint is stored", func() bool {
				return value[int](t, h, "SELECT count(*) FROM log_checkpoint WHERE size = 7") == 1
			})
			stop()
			for _, statement := range tamper {
				h.admin(t, statement)
			}
			again := h.replica(t, time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := again.Run(ctx); !errors.Is(err, sequencer.ErrInconsistent) {
				t.Errorf("it went on: %v", err)
			}
			if _, err := again.Checkpoint(t.Context()); err == nil {
				t.Error("it signed")
			}
		})
	}
}

// A setting by which the server could lose what it acknowledges stops the signing for as long as it stands, whenever it
// was made: connections that were there before see it too.
func TestNothingIsSignedWhileTheServerCouldLoseIt(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, time.Second)
	h.load(t, 1, 1, s)
	super := h.open(t, h.superuser(h.name), 1)
	for _, setting := range []string{"fsync", "full_page_writes"} {
		set := func(how string) {
			t.Helper()
			for _, statement := range []string{"ALTER SYSTEM " + how, "SELECT pg_reload_conf()"} {
				must(t, super.Gorm().Exec(statement).Error)
			}
		}
		set("SET " + setting + " = off")
		t.Cleanup(func() { set("RESET " + setting) })
		told := func() bool {
			err := s.Health().Err
			return err != nil && strings.Contains(err.Error(), setting+" is off")
		}
		for end := time.Now().Add(10 * time.Second); !told(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s is off, and the log is %+v", setting, s.Health())
			}
		}
		signed := s.Health().CheckpointSize
		e := entry(wco)
		_, err := h.append(t.Context(), s, e)
		must(t, err)
		if _, err := s.Receipt(t.Context(), e.Body.ID); !errors.Is(err, sequencer.ErrUnavailable) {
			t.Errorf("%s is off, and the receipt is %v", setting, err)
		}
		if now := s.Health(); now.CheckpointSize != signed || now.Contradictions != 0 {
			t.Errorf("%s is off, and the log is %+v", setting, now)
		}
		set("RESET " + setting)
		for end := time.Now().Add(10 * time.Second); s.Health().CheckpointSize == signed; {
			if time.Now().After(end) {
				t.Fatalf("%s is on again, and the log is %+v", setting, s.Health())
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// A replica that runs on while an older backup is put back under it does not sign a second history.
func TestAnOlderBackupUnderARunningReplicaStopsIt(t *testing.T) {
	h := newFixture(t)
	s := h.replica(t, time.Second)
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	h.load(t, 1, 3, s)
	h.admin(t, "CREATE TABLE kept AS SELECT size, root FROM log_head")
	h.load(t, 1, 4, s)
	before := value[int](t, h, "SELECT size FROM log_head")
	h.admin(t, "UPDATE log_head SET size = kept.size, root = kept.root FROM kept")
	select {
	case err := <-done:
		if !errors.Is(err, sequencer.ErrInconsistent) {
			t.Errorf("it stopped with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it runs on")
	}
	if got := s.Health(); before != 7 || got.CheckpointSize != 7 || got.Ready(time.Minute) && got.Err == nil {
		t.Errorf("%+v", got)
	}
}

// An entry that a superuser altered after it was sequenced gets no receipt: its leaf closes over other bytes.
func TestAnAlteredEntryGetsNoReceipt(t *testing.T) {
	h := newFixture(t)
	a, stop := h.running(t, time.Second)
	receipts := h.load(t, 1, 2, a)
	stop()
	h.admin(t, "ALTER TABLE log_entry DISABLE TRIGGER log_is_append_only")
	h.admin(t, "UPDATE log_entry SET body = convert_to(replace(convert_from(body, 'UTF8'), 'permit', 'refuse'), "+
		"'UTF8'), body_hash = sha256(convert_to(replace(convert_from(body, 'UTF8'), 'permit', 'refuse'), 'UTF8')) "+
		"WHERE id = ?", receipts[0].Body().ID)
	b, _ := h.running(t, time.Second)
	if r, err := b.Receipt(t.Context(), receipts[0].Body().ID); !errors.Is(err, sequencer.ErrInconsistent) ||
		r.Valid() {
		t.Errorf("got %v", err)
	}
	if _, err := b.Receipt(t.Context(), receipts[1].Body().ID); err != nil {
		t.Errorf("the other entry: %v", err)
	}
}

// Ledger and sequencer agree on what is old: the empty log has a checkpoint too, and the first entry extends it.
func TestTheEmptyLogIsSigned(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	signed, err := s.Checkpoint(t.Context())
	must(t, err)
	empty, err := ledger.OpenCheckpoint(signed, h.verifier)
	must(t, err)
	r, err := h.receipted(t.Context(), s, entry(wco))
	must(t, err)
	if empty.Size() != 0 || empty.Root() != ledger.EmptyRoot() {
		t.Errorf("size %d", empty.Size())
	}
	must(t, r.Checkpoint().Extends(empty, nil))
}
