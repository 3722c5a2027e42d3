package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/instrument"
)

// playing is a demo that runs inside of the test.
type playing struct {
	demoFile
	dir  string
	stop func() (code int, said string)
}

// play starts a demo on dir and waits until it is ready. It is stopped at the end of the test at the latest.
func play(t *testing.T, dir string, args ...string) *playing {
	t.Helper()
	p, err := start(dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.stop() })
	return p
}

// start is play without a test: whoever calls it stops the demo.
func start(dir string, args ...string) (*playing, error) {
	ctx, cancel := context.WithCancel(context.Background())
	var said lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"demo", "--data", dir, "--listen", "127.0.0.1:0"}, args...),
			environment{stdout: &said, stderr: &said})
	}()
	p := &playing{dir: dir}
	p.stop = sync.OnceValues(func() (int, string) {
		cancel()
		return <-ended, said.String()
	})
	for {
		content, err := os.ReadFile(filepath.Join(dir, demoReady))
		if err == nil {
			if err := json.Unmarshal(content, &p.demoFile); err != nil {
				p.stop()
				return nil, fmt.Errorf("demo.json: %w", err)
			}
			return p, nil
		}
		select {
		case code := <-ended:
			ended <- code
			return nil, fmt.Errorf("the demo ended with exit %d:\n%s", code, said.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// untouched is one demo for all tests that only look at its pages: none of them deposits, decides or ends anything but
// the first, which furnishes it. TestMain stops it.
var untouched struct {
	once sync.Once
	demo *playing
	err  error
}

func look(t *testing.T) *playing {
	t.Helper()
	untouched.once.Do(func() {
		dir, err := os.MkdirTemp("", "chancery-looked-at-")
		if err != nil {
			untouched.err = err
			return
		}
		if untouched.demo, untouched.err = start(dir); untouched.err == nil {
			untouched.demo.furnish(t)
		}
	})
	if untouched.err != nil {
		t.Fatal(untouched.err)
	}
	return untouched.demo
}

// leave stops the demo that tests looked at, if there was one.
func leave() {
	if untouched.demo != nil {
		untouched.demo.stop()
		os.RemoveAll(untouched.demo.dir)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// token is one that "demo token" prints for somebody of the cast.
func (p *playing) token(t *testing.T, who string) string {
	t.Helper()
	code, token, errs := ran(t, nil, "demo", "token", who, "--data", p.dir)
	if code != 0 {
		t.Fatalf("token of %s: exit %d, %s", who, code, errs)
	}
	return strings.TrimSpace(token)
}

// get asks as somebody of the cast.
func (p *playing) get(t *testing.T, who, path string, out any) {
	t.Helper()
	c := caller{stage: &stage{base: p.BaseURL + client.Base}, id: who, token: p.token(t, who)}
	if err := c.do(t.Context(), http.MethodGet, path, nil, out); err != nil {
		t.Fatal(err)
	}
}

type items struct {
	Items []map[string]any `json:"items"`
}

// field gathers one member of all items.
func (i items) field(name string) []string {
	var values []string
	for _, item := range i.Items {
		values = append(values, fmt.Sprint(item[name]))
	}
	slices.Sort(values)
	return values
}

func TestTheDemoServesItsPeopleAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	first := play(t, dir)
	if len(first.People) != 14 || len(first.Organisations) != 5 || len(first.Issuers) != 5 {
		t.Errorf("demo.json: %+v", first.demoFile)
	}
	for _, p := range first.People {
		var me struct {
			Person, Name string
			Roles        []string
			Organisation struct{ ID string }
		}
		first.get(t, p.ID, "/me", &me)
		if me.Person != p.Person || me.Organisation.ID != p.Organisation || !slices.Equal(me.Roles, p.Roles) ||
			len(p.Roles) == 0 {
			t.Errorf("%+v says of itself %+v", p, me)
		}
	}

	var documents, mine, agreements items
	first.get(t, "staff.wco", "/documents", &documents)
	if len(documents.Items) != 6 {
		t.Errorf("%d documents", len(documents.Items))
	}
	for who, want := range map[string][]string{"staff.wco": {"open", "refused"}, "staff.unoct": {"in-force", "open"}} {
		if first.get(t, who, "/requests?box=mine", &mine); !slices.Equal(mine.field("state"), want) {
			t.Errorf("%s asked for %v", who, mine.field("state"))
		}
	}
	if first.get(t, "focal.piu", "/agreements", &agreements); !slices.Equal(agreements.field("state"),
		[]string{"unsigned"}) {
		t.Errorf("agreements of the unit: %v", agreements.field("state"))
	}

	if code, _, errs := ran(t, nil, "demo", "--data", dir); code != 1 || !strings.Contains(errs, dir) {
		t.Errorf("a second demo on the same data: exit %d, %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, demoReady)); err != nil {
		t.Errorf("the second demo took the first one's demo.json: %v", err)
	}
	leavesNothing(t, first)

	again := play(t, dir)
	var kept items
	again.get(t, "staff.wco", "/documents", &kept)
	if !slices.Equal(kept.field("id"), documents.field("id")) {
		t.Errorf("documents after the second start: %v, before %v", kept.field("id"), documents.field("id"))
	}
	for i, p := range again.People {
		if p.Person != first.People[i].Person {
			t.Errorf("%s became another person", p.ID)
		}
	}
	leavesNothing(t, again)
}

// leavesNothing stops the demo and looks for what could stay.
func leavesNothing(t *testing.T, p *playing) {
	t.Helper()
	code, said := p.stop()
	if code != 0 || !strings.Contains(said, "evidence \"none\"") || !strings.Contains(said, "demo token") ||
		!strings.Contains(said, "\nEnding. What it keeps is in "+p.dir) {
		t.Errorf("exit %d:\n%s", code, said)
	}
	if children := childrenOf(t, os.Getpid()); len(children) > 0 {
		t.Errorf("processes left: %v", children)
	}
	if code, _, errs := ran(t, nil, "demo", "token", "staff.wco", "--data", p.dir); code != 1 ||
		!strings.Contains(errs, "no demo is running") {
		t.Errorf("token of a stopped demo: exit %d, %s", code, errs)
	}
}

// childrenOf lists the command lines of a process's children.
func childrenOf(t *testing.T, parent int) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		t.Skip("no /proc to look for processes in")
	}
	var found []string
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		after := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(after) > 1 && after[1] == strconv.Itoa(parent) {
			found = append(found, string(stat))
		}
	}
	return found
}

func TestAnInterruptedStartLeavesNothingBehind(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var said lockedBuffer
	dir := t.TempDir()
	code := run(ctx, []string{"demo", "--data", dir, "--listen", "127.0.0.1:0"},
		environment{stdout: &said, stderr: &said})
	if code != 1 || !strings.Contains(said.String(), "interrupted before it was ready") {
		t.Errorf("exit %d:\n%s", code, said.String())
	}
	if children := childrenOf(t, os.Getpid()); len(children) > 0 {
		t.Errorf("processes left: %v", children)
	}
	play(t, dir) // and the same directory serves
}

func TestTheDemosClockIsTheRulesClockOnly(t *testing.T) {
	p := play(t, t.TempDir(), "--now", "2022-09-01T00:00:00Z")
	var arrangement map[string]any
	p.get(t, "staff.wco", "/arrangement", &arrangement)
	if arrangement["phase"] != "not-in-effect" {
		t.Errorf("three weeks before the signatures the phase is %v", arrangement["phase"])
	}
	var documents items
	p.get(t, "staff.wco", "/documents", &documents)
	if len(documents.Items) != 0 {
		t.Errorf("%d documents before the Arrangement is in effect", len(documents.Items))
	}
	if _, said := p.stop(); !strings.Contains(said, "2022-09-01T00:00") {
		t.Errorf("the clock is not said:\n%s", said)
	}
}

func TestADemoTokenIsASignInOfThisMoment(t *testing.T) {
	p := play(t, t.TempDir())
	code, token, _ := ran(t, nil, "demo", "token", "focal.wco", "--data", p.dir, "--nonce", "abc")
	parts := strings.Split(strings.TrimSpace(token), ".")
	if code != 0 || len(parts) != 3 {
		t.Fatalf("exit %d: %s", code, token)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Nonce, Sub, Aud string
		AuthTime        int64 `json:"auth_time"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Nonce != "abc" || claims.Sub != "focal.wco" || claims.Aud != demoClient ||
		time.Since(time.Unix(claims.AuthTime, 0)) > time.Minute {
		t.Errorf("ID token says %+v", claims)
	}
	for _, args := range [][]string{{"nobody.wco"}, {"gtas", "--nonce", "abc"}} {
		if code, out, errs := ran(t, nil, append([]string{"demo", "token", "--data", p.dir}, args...)...); code != 1 ||
			out != "" || errs == "" {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
}

func TestWhatTheDemoCannotStartWithIsSaid(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--now", "tomorrow"}, 2, "2027-03-31T09:00:00Z"},
		{[]string{"--listen", "0.0.0.0:0"}, 2, "loopback"},
		{[]string{"--listen", "127.0.0.1:1x"}, 1, "--listen"},
		{[]string{"--data", "/dev/null/x"}, 1, "data directory"},
		{[]string{"token"}, 2, "accepts 1 arg"},
	} {
		if code, _, errs := ran(t, nil, append([]string{"demo"}, c.args...)...); code != c.code ||
			!strings.Contains(errs, c.says) {
			t.Errorf("%v: exit %d, %s", c.args, code, errs)
		}
	}
}

func TestTheCastBearsTheNamesOfTheArrangementFile(t *testing.T) {
	in, err := instrument.Read(bytes.NewReader(deploy.Arrangement))
	if err != nil {
		t.Fatal(err)
	}
	for _, party := range in.Parties {
		for _, d := range party.Delegations {
			if p, known := playerOf(d.Subject); !known || p.name != d.Name || p.organisation != party.Short {
				t.Errorf("%s of the file is %+v", d.Subject, p)
			}
		}
	}
}
