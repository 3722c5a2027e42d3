package rest_test

import (
	"net/http"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack/devtest"
)

// After load, uploads that broke off, downloads that were left and cut, and a database that threw everybody out, a
// gateway has as many goroutines as when it was idle.
func TestAGatewayIsIdleAgainAfterLoadCutsAndFaults(t *testing.T) {
	w := newWorld(t)
	exchange := func() {
		doc, q := w.authorized(strings.Repeat(secret, 20_000))
		d := want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
		w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/content", "")
		left := w.dial("staff.unoct", "GET", "/disclosures/"+d.Id+"/content", "", 0)
		_, _ = left.Read(make([]byte, 1000))
		left.Close()
		cut := w.dial("staff.unoct", "GET", "/disclosures/"+d.Id+"/content", "", 0)
		_, _ = cut.Read(make([]byte, 1000))
		want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/withdrawal",
			`{"statement":"Cancelled"}`), 201)
		cut.Close()
		broken := w.dial("staff.wco", "POST", "/documents", multipartKind, 1<<20)
		_, _ = broken.Write([]byte(raw(declared, "", strings.Repeat("x", 100_000))))
		broken.Close()
	}
	exchange() // what is made once is made
	idle := w.idle(0)
	var load sync.WaitGroup
	for range 8 {
		load.Go(exchange)
	}
	load.Wait()
	w.throwOut()
	exchange()
	if after := w.idle(idle); after > idle {
		t.Errorf("%d goroutines; %d when it was idle before", after, idle)
		_ = pprof.Lookup("goroutine").WriteTo(testLog{t}, 1)
	}
}

// throwOut ends all sessions of the gateway, as an administrator may.
func (w *world) throwOut() {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(w.t.Context())
	_, err = conn.Exec(w.t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename IN (current_database() || '_app', current_database() || '_seq')`)
	must(w.t, err)
	// As many at once as use each connection of the pools: whoever gets one that was ended is told 503.
	devtest.Eventually(w.t, "the pools have found out", func() bool {
		var failed atomic.Int32
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				if w.as("staff.wco", "GET", "/documents", "").StatusCode != 200 {
					failed.Add(1)
				}
			})
		}
		all.Wait()
		return failed.Load() == 0
	})
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(string(p))
	return len(p), nil
}

// idle waits until the goroutines are no more than wanted, or until their number rests for a second.
func (w *world) idle(wanted int) int {
	w.t.Helper()
	now := runtime.NumGoroutine()
	for rested := 0; rested < 10 || wanted > 0 && now > wanted && rested < 100; {
		http.DefaultClient.CloseIdleConnections() // of the providers, and of what asks without a client
		heard().CloseIdleConnections()
		w.blobs.Close()
		time.Sleep(100 * time.Millisecond)
		before := now
		if now = runtime.NumGoroutine(); now != before {
			rested = -1
		}
		rested++
		if wanted > 0 && now <= wanted {
			break
		}
	}
	return now
}
