package main

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var contradicted = regexp.MustCompile(`(?m)^chancery_log_verify_failures [1-9]`)

// wakes wants everything by which a monitor learns that the log contradicts itself, and nobody to be served.
func (s *site) wakes(t *testing.T) {
	t.Helper()
	becomes(t, "every part", http.StatusServiceUnavailable, func() int { return ready(t, s.admin) })
	becomes(t, "a load balancer", http.StatusServiceUnavailable, func() int { return readyz(t, s.admin, "") })
	becomes(t, "the process itself", 1, func() int { return strings.Count(asked(t, s.admin, "/livez"), "ok") })
	if parts := asked(t, s.admin, "/readyz?all&verbose"); !strings.Contains(parts, "log: unavailable\n") {
		t.Errorf("readiness says\n%s", parts)
	}
	if figures := asked(t, s.admin, "/metrics"); !contradicted.MatchString(figures) ||
		!strings.Contains(figures, "chancery_build_info{") {
		t.Errorf("the figures are\n%s", figures)
	}
	if conn, err := net.Dial("tcp", s.base); err == nil {
		conn.Close()
		t.Error("the public listener takes a connection")
	}
}

// holds wants serve to serve nobody, to say why, and to stay until it is ended.
func (s *site) holds(t *testing.T, says string, variables ...string) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var said lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", s.config},
			environment{variables: variables, stdout: &said, stderr: &said})
	}()
	s.wakes(t)
	end()
	select {
	case code := <-ended:
		if code != exitContradiction || !strings.Contains(said.String(), says) ||
			!strings.Contains(said.String(), "disclosure log inconsistent, nothing more is signed") ||
			strings.Contains(said.String(), "canary") {
			t.Errorf("exit %d, want %d with %q:\n%s", code, exitContradiction, says, said.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
}

// What a monitor rings by is there to be scraped for as long as the operator leaves the gateway as it is: while it ran
// when the database was altered, and when it is started again.
func TestALogThatContradictsItselfStaysToBeSeenAndServesNobody(t *testing.T) {
	s := newSite(t)
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var said lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", s.config}, environment{stdout: &said, stderr: &said})
	}()
	becomes(t, "ready", 200, func() int { return ready(t, s.admin) })
	becomes(t, "somebody", 200, func() int { return s.status(t) })
	s.superuser(t, "CREATE TABLE kept AS SELECT * FROM log_head", "UPDATE log_head SET size = 0, root = sha256('')")
	becomes(t, "somebody on a log that contradicts itself", 0, func() int { return s.status(t) })
	s.wakes(t)
	entries := s.counted(t, "SELECT count(*) FROM log_entry")
	end()
	if code := <-ended; code != exitContradiction {
		t.Errorf("exit %d, want %d:\n%s", code, exitContradiction, said.String())
	}

	s.holds(t, "older backup of the database")
	if now := s.counted(t, "SELECT count(*) FROM log_entry"); now != entries {
		t.Errorf("%d entries, there were %d", now, entries)
	}
	s.superuser(t, "UPDATE log_head SET size = k.size, root = k.root FROM kept k")
	s.serving(t)()
}
