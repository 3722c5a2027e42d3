package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/rest"
)

// pair is a gateway of three replicas over a primary and its synchronous standby, behind HAProxy.
type pair struct {
	*rack
	standby  *devstack.Postgres
	replicas []*exec.Cmd
	admins   []string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{rack: newRack(t)}
	var err error
	if p.standby, err = p.postgres.StartStandby(t.Context(), filepath.Join(t.TempDir(), "standby")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.standby.Stop() })
	for name, login := range map[string][2]string{"database-url": {"gateway", "canary-app"},
		"sequencer-url": {"sequencer", "canary-sequencer"}} {
		write(t, filepath.Join(p.dir, "secrets", name), fmt.Sprintf(
			"postgres://%s:%s@127.0.0.1:%d,127.0.0.1:%d/chancery?sslmode=disable&target_session_attrs=read-write",
			login[0], login[1], p.postgres.Port(), p.standby.Port()))
	}
	return p
}

// serves starts three replicas, and HAProxy in front of them.
func (p *pair) serves(t *testing.T) {
	t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/haproxy"); err != nil {
			t.Skip("haproxy is not installed")
		}
	}
	front := "127.0.0.1:" + freePort(t)
	lines := []string{"defaults", "  mode http", "  timeout connect 2s", "  timeout client 1m", "  timeout server 1m",
		"frontend chancery", "  bind " + front, "  default_backend chancery",
		"backend chancery", "  balance roundrobin", "  option httpchk GET /readyz"}
	for i := range 3 {
		listen, port := "127.0.0.1:"+freePort(t), freePort(t)
		admin := "127.0.0.1:" + port
		lines = append(lines, fmt.Sprintf("  server s%d %s check port %s inter 500ms fall 2 rise 1", i, listen, port))
		p.replicas = append(p.replicas, p.replica(t, "CHANCERY_LISTEN="+listen, "CHANCERY_ADMIN_LISTEN="+admin))
		p.admins = append(p.admins, admin)
		becomes(t, "a replica", 200, func() int { return ready(t, admin) })
	}
	config := filepath.Join(p.dir, "haproxy.cfg")
	write(t, config, strings.Join(lines, "\n")+"\n")
	proxy := exec.Command(program, "-db", "-f", config)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Process.Kill(); _ = proxy.Wait() })
	becomes(t, "HAProxy", 1, func() int {
		conn, err := net.Dial("tcp", front)
		if err != nil {
			return 0
		}
		conn.Close()
		return 1
	})
	p.stage.base = "http://" + front + rest.Base
}

func (p *pair) replica(t *testing.T, variables ...string) *exec.Cmd {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(p.dir, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("/proc/self/exe", "serve", "--config", p.config)
	cmd.Env = append(append(os.Environ(), "CHANCERY_LIMITS_UPLOADS=64", "CHANCERY_ADMIT_NOT_INSPECTED=true",
		"CHANCERY_ADMIT_CONSENT_EVIDENCE_NONE=true"), variables...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

// The primary is killed under load and its standby promoted. The three replicas go on by themselves, nothing that was
// acknowledged is lost, and the log was not forked. Who starts on the old primary alone is refused.
func TestWhenAStandbyTakesOverNothingAcknowledgedIsLost(t *testing.T) {
	p := newPair(t)
	_, out, _ := ran(t, nil, "config", "check", "--online", "--config", p.config)
	if strings.Contains(out, "database.") {
		t.Errorf("config check --online:\n%s", out)
	}
	p.serves(t)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for range 6 {
		working.Go(func() { p.work(ctx) })
	}
	for end := time.Now().Add(time.Minute); p.given.Load() < 20 && time.Now().Before(end); {
		p.awaitDisclosure()
	}
	if signed, err := p.text(ctx, "auditor.wco", "/log/checkpoint"); err == nil {
		p.keep(t, signed)
	}
	before := p.given.Load()

	p.postgres.Kill()
	killed := time.Now()
	atKill := p.given.Load()
	if err := p.standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	promoted := time.Since(killed)
	for p.given.Load() == atKill && time.Since(killed) < time.Minute {
		time.Sleep(5 * time.Millisecond)
	}
	again := time.Since(killed)
	p.awaitDisclosure()
	stop()
	working.Wait()
	if before == 0 || p.given.Load() == atKill {
		t.Fatalf("%d disclosures before, %d after: this run shows nothing", before, p.given.Load()-atKill)
	}
	t.Logf("promoted %s after the kill, the first disclosure after %s; %d before, %d in all",
		promoted.Round(time.Millisecond), again.Round(time.Millisecond), atKill, p.given.Load())

	primary := p.postgres
	p.site.postgres = p.standby
	for _, admin := range p.admins {
		becomes(t, "a replica, by itself", 200, func() int { return ready(t, admin) })
	}
	p.repeat(t, p.promises)
	p.checkPromises(t, p.promises)
	p.checkLog(t, 0)
	p.checkOnce(t)
	p.checkVerified(t)
	for _, cmd := range p.replicas {
		if cmd.ProcessState != nil {
			t.Errorf("a replica ended: %s", cmd.ProcessState)
		}
	}

	// The old primary comes back, and thinks that it is one. It holds less than was published.
	restart(t, primary.Restart)
	alone := *p.site
	alone.postgres = primary
	alone.describe(t)
	alone.holds(t, "older backup of the database")
}

// The second server of an address is reached as the first is, and an eavesdropper may sit before either.
func TestEachServerOfAnAddressHasToBeVerified(t *testing.T) {
	path := goodConfig(t, nil)
	for servers, weak := range map[string]bool{"127.0.0.1,db.example.int": true,
		"127.0.0.1:5432,127.0.0.1:5433": false} {
		url := "CHANCERY_DATABASE_URL=postgres://app@" + servers + "/c?sslmode=require"
		code, out, _ := ran(t, []string{url}, "config", "check", "--config", path)
		if code != 0 || strings.Contains(out, "weakening  database.url: the connection to db.example.int") != weak {
			t.Errorf("%s: exit %d\n%s", servers, code, out)
		}
	}
}
