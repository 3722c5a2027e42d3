package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
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

// serves starts three replicas, and HAProxy in front of them as its sample has it, without TLS.
func (p *pair) serves(t *testing.T) {
	t.Helper()
	p.trusts(t)
	var servers []string
	for range 3 {
		listen, port := "127.0.0.1:"+freePort(t), freePort(t)
		admin := "127.0.0.1:" + port
		servers = append(servers, listen)
		p.replicas = append(p.replicas, p.replica(t, "CHANCERY_LISTEN="+listen, "CHANCERY_ADMIN_LISTEN="+admin,
			"CHANCERY_PROXY_PROTOCOL=true"))
		p.admins = append(p.admins, admin)
		becomes(t, "a replica", 200, func() int { return ready(t, admin) })
	}
	front := devtest.Fronts()["haproxy"].Stand(t, servers[0], p.admins[0], func(text string) string {
		text = regexp.MustCompile(`(bind \S+) ssl .*`).ReplaceAllString(text, "$1")
		line := regexp.MustCompile(`(?m)^ *server one .*\n`).FindString(text)
		all := ""
		for i, server := range servers {
			all += strings.NewReplacer("server one", fmt.Sprintf("server s%d", i), servers[0], server,
				"port "+portOf(p.admins[0]), "port "+portOf(p.admins[i])).Replace(line)
		}
		return strings.Replace(text, line, all, 1)
	})
	p.stage.base = "http://" + front.Address + rest.Base
}

// trusts has the gateways of a rack believe proxies on this machine.
func (r *rack) trusts(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(r.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, r.config, strings.Replace(string(text), "trusted_proxies: []", "trusted_proxies: [127.0.0.1]", 1))
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
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
