package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// within is run, of a sync that is killed when it hangs.
func (p *platform) within(limit time.Duration, args ...string) (code int, said string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.t.Context(), limit)
	defer stop()
	cmd := exec.CommandContext(ctx, "chancery", append([]string{"sync", "--purpose", "art2.f"}, args...)...)
	cmd.Env = p.env
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

const long = 90 * time.Second

// claimed makes a claim as somebody who can write into the state of the out folder.
func (p *platform) claimed(key string, record map[string]any) string {
	p.t.Helper()
	dir := filepath.Join(p.out, stateFolder, "out", key)
	must(p.t, os.MkdirAll(dir, 0o700))
	must(p.t, keep(filepath.Join(dir, claimFile), record))
	must(p.t, os.WriteFile(filepath.Join(dir, claimedFile), []byte("UNB"), 0o600))
	return dir
}

// Whoever writes into the state acts as sync. So it belongs to sync alone, or sync does nothing.
func TestAStateThatOthersCanWriteIntoIsNotBelieved(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	gtas.syncs(exitDone)
	kept := filepath.Join(gtas.out, stateFolder)
	for name, change := range map[string]func() (undo func() error){
		"others may write": func() func() error {
			must(t, os.Chmod(kept, 0o777))
			return func() error { return os.Chmod(kept, 0o700) }
		},
		"it belongs to another account": func() func() error {
			if err := os.Chown(kept, 12345, -1); err != nil {
				t.Skipf("SKIPPED, NOT TESTED: a folder cannot be given away here: %v", err)
			}
			return func() error { return os.Chown(kept, os.Geteuid(), -1) }
		},
		"it is a link": func() func() error {
			must(t, os.Rename(kept, kept+"-moved"))
			must(t, os.Symlink(kept+"-moved", kept))
			return func() error {
				must(t, os.Remove(kept))
				return os.Rename(kept+"-moved", kept)
			}
		},
	} {
		title := gtas.puts("arrivals.edi", arrivals(t, "STATE"), "org_unoct")
		undo := change()
		said := gtas.syncs(exitFailure)
		if found := gtas.documents(title); len(found) != 0 {
			t.Errorf("%s: it was deposited\n%s", name, said)
		}
		must(t, undo())
		must(t, os.Remove(filepath.Join(gtas.out, "arrivals.edi")))
	}
}

// What a record says is held against what sync itself would write: it moves nothing out of the folders, and no name
// ends the pass.
func TestARecordLeadsNowhereOutsideTheFolders(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	gtas.syncs(exitDone)
	outside := filepath.Join(filepath.Dir(gtas.out), "outside")
	must(t, os.Mkdir(outside, 0o755))
	for _, name := range []string{"../../outside/planted", "..", ".hidden", "", "a/b"} {
		dir := gtas.claimed("ABCDEFGHIJKLMNOPQRSTUVWXYZ", map[string]any{"step": "refused", "name": name,
			"reason": "planted"})
		if said := gtas.syncs(exitFailure); strings.Contains(said, "panic") {
			t.Errorf("%q: %s", name, said)
		}
		must(t, os.RemoveAll(dir))
	}
	dir := gtas.claimed("SHORT", map[string]any{"step": "refused", "name": "x", "reason": "planted"})
	if said := gtas.syncs(exitFailure); strings.Contains(said, "panic") {
		t.Errorf("a short key: %s", said)
	}
	must(t, os.RemoveAll(dir))
	must(t, os.RemoveAll(filepath.Join(gtas.out, "error")))
	must(t, os.Symlink(outside, filepath.Join(gtas.out, "error")))
	must(t, os.WriteFile(filepath.Join(gtas.out, "a.edi"), []byte("UNB"), 0o600))
	must(t, os.WriteFile(filepath.Join(gtas.out, "a.edi"+manifestEnd), []byte(`{}`), 0o600))
	gtas.syncs(exitFailure)
	if found, err := os.ReadDir(outside); err != nil || len(found) != 0 {
		t.Errorf("outside stand %v, %v", found, err)
	}
}

func TestAPreparedFileIsPlacedUnderNoNameOutside(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	document := gtas.sent(arrivals(t, "PLACED"))
	gotravel.asks(document, "focal.wco")
	gotravel.isKilledAt("in-naming")
	for _, path := range gotravel.recordsOf() {
		record := map[string]any{}
		_, err := kept(path, &record)
		must(t, err)
		if record["step"] == inNaming {
			record["name"] = "../planted.edi"
			must(t, keep(path, record))
		}
	}
	gotravel.syncs(exitFailure)
	if _, err := os.Lstat(filepath.Join(filepath.Dir(gotravel.in), "planted.edi")); err == nil {
		t.Error("it stands outside")
	}
}

// A manifest is a file. A link is not followed, and a pipe holds nobody up: the file stands in error.
func TestAManifestThatIsNoFileIsNotOpened(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	secret := filepath.Join(filepath.Dir(gtas.out), "elsewhere.json")
	must(t, os.WriteFile(secret, []byte(`{"secret-member": 1}`), 0o600))
	for _, name := range []string{"pipe.edi", "link.edi"} {
		must(t, os.WriteFile(filepath.Join(gtas.out, name), []byte("UNB"), 0o600))
	}
	must(t, syscall.Mkfifo(filepath.Join(gtas.out, "pipe.edi"+manifestEnd), 0o600))
	must(t, os.Symlink(secret, filepath.Join(gtas.out, "link.edi"+manifestEnd)))
	code, said := gtas.within(long, "--once", "--out", gtas.out)
	if code != exitRefused || strings.Contains(said, "secret-member") || strings.Count(said, "sync/bad-manifest") != 2 {
		t.Errorf("ended with %d\n%s", code, said)
	}
	if left, err := filepath.Glob(filepath.Join(gtas.out, "error", "*.reason.json")); err != nil || len(left) != 2 {
		t.Errorf("in error stand %v, %v", left, err)
	}
}

// With --state nothing of what sync knows stands where the platform writes.
func TestTheStateMayStandOutsideTheFolders(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	for _, p := range []*platform{gtas, gotravel} {
		must(t, os.Mkdir(p.in+"-state", 0o700))
	}
	text := arrivals(t, "ELSEWHERE")
	title := gtas.puts("arrivals.edi", text, "org_unoct")
	if code, said := gtas.within(long, "--once", "--out", gtas.out, "--state", gtas.in+"-state"); code != exitDone {
		t.Fatalf("ended with %d\n%s", code, said)
	}
	gotravel.asks(gtas.documents(title)[0], "focal.wco")
	for range 2 { // what came is known there the second time
		code, said := gotravel.within(long, "--once", "--in", gotravel.in, "--state", gotravel.in+"-state")
		if code != exitDone {
			t.Fatalf("ended with %d\n%s", code, said)
		}
		gotravel.loads()
	}
	if !holds(gotravel.loaded, text) {
		t.Error("it did not come")
	}
	if _, err := os.Lstat(filepath.Join(gtas.out, stateFolder)); err == nil {
		t.Error("there is a state in the folder as well")
	}
}

// A machine that was suspended for days shows minutes since the sending. The gateway's clock tells: it forgot the key,
// so nothing is sent again.
func TestADepositIsInDoubtByTheGatewaysClockWhateverThisMachinesSays(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	target, err := url.Parse(stack.BaseURL)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Date", time.Now().Add(72*time.Hour).UTC().Format(http.TimeFormat))
		return nil
	}
	later := httptest.NewServer(proxy)
	t.Cleanup(later.Close)
	title := gtas.puts("arrivals.edi", arrivals(t, "SUSPENDED-VM"), "org_unoct")
	gtas.isKilledAt("out-deposited")
	code, token, errs := gtas.run(nil, "chancery", "auth", "token")
	if code != exitDone {
		t.Fatalf("token: %d %s", code, errs)
	}
	said := gtas.as([]string{"CHANCERY_TOKEN=" + strings.TrimSpace(token), "CHANCERY_SERVER=" +
		later.URL}).syncs(exitRefused)
	if found := gtas.documents(title); len(found) != 1 || !strings.Contains(said, "sync/in-doubt") {
		t.Errorf("deposited %d times\n%s", len(found), said)
	}
}

// One sync at a time serves a folder: a single pass does not wait for another, and who waits says so and ends when it
// is told to. The same folder for both directions is no use.
func TestASecondSyncOnAFolderSaysSoAndHangsNowhere(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	gtas.syncs(exitDone)
	unlock, err := lock(t.Context(), environment{stderr: os.Stderr}, filepath.Join(gtas.out, stateFolder, "lock"))
	must(t, err)
	defer unlock()
	if code, said := gtas.within(long, "--once", "--out", gtas.out); code != exitFailure ||
		!strings.Contains(said, "another sync serves this folder") {
		t.Errorf("a pass beside another sync ended with %d: %s", code, said)
	}
	ctx, stop := context.WithTimeout(t.Context(), long)
	defer stop()
	cmd := exec.CommandContext(ctx, "chancery", "sync", "--purpose", "art2.f", "--out", gtas.out)
	cmd.Env = gtas.env
	errs, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	said := make([]byte, 200)
	n, _ := errs.Read(said)
	if !bytes.Contains(said[:n], []byte("waiting for it")) {
		t.Errorf("who waits says %q", said[:n])
	}
	must(t, cmd.Process.Signal(os.Interrupt))
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("interrupted it ended with %d", cmd.ProcessState.ExitCode())
	}
	if code, said := gtas.within(long, "--once", "--in", gtas.in, "--out", gtas.in+"/../in"); code != exitUsage {
		t.Errorf("the same folder twice ended with %d: %s", code, said)
	}
}

// What stands beside a file that was deposited as its receipt is one, byte for byte, as verify takes it.
func TestTheReceiptBesideWhatWasDepositedIsOne(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	gtas.sent(arrivals(t, "RECEIPT"))
	found, err := filepath.Glob(filepath.Join(gtas.out, "processed", "*.receipt.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("receipts %v, %v", found, err)
	}
	receipts, bundle := t.TempDir(), filepath.Join(t.TempDir(), "bundle")
	text, err := os.ReadFile(found[0])
	must(t, err)
	must(t, os.WriteFile(filepath.Join(receipts, "one.json"), text, 0o600))
	token, err := stack.token("auditor.wco")
	must(t, err)
	if code, _, errs := gtas.run([]string{"CHANCERY_TOKEN=" + token}, "chancery", "log", "export", "-o",
		bundle); code != exitDone {
		t.Fatalf("export: %d %s", code, errs)
	}
	code, out, errs := gtas.run(nil, "chancery", "verify", bundle, "--key", filepath.Join(stack.dir, "data",
		"log.key.pub"), "--receipts", receipts)
	if code != exitDone {
		t.Errorf("verify: %d\n%s%s", code, out, errs)
	}
	var record struct{ Document string }
	beside, err := filepath.Glob(filepath.Join(gtas.out, "processed", "*.deposited.json"))
	if err != nil || len(beside) != 1 {
		t.Fatalf("records %v, %v", beside, err)
	}
	known, err := os.ReadFile(beside[0])
	must(t, err)
	if must(t, json.Unmarshal(known, &record)); !strings.HasPrefix(record.Document, "doc_") {
		t.Errorf("the record says %s", known)
	}
	for _, path := range []string{found[0], beside[0]} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// A name to which nothing can be added any more is refused before anything is sent.
func TestANameThatIsTooLongIsRefusedBeforeItIsSent(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	name := strings.Repeat("é", 117) + ".edi" // 238 bytes: its manifest has a name, what is told of it has none
	title := gtas.puts(name, arrivals(t, "LONG"), "org_unoct")
	said := gtas.syncs(exitRefused)
	if found := gtas.documents(title); len(found) != 0 || !strings.Contains(said, "sync/name-too-long") {
		t.Errorf("deposited %d times\n%s", len(found), said)
	}
	if left, err := filepath.Glob(filepath.Join(gtas.out, "error", "*.edi")); err != nil || len(left) != 1 {
		t.Errorf("in error stand %v, %v", left, err)
	}
	if said := gtas.syncs(exitDone); strings.Contains(said, `"what"`) {
		t.Errorf("it is not done with: %s", said)
	}
	if left, err := filesOf(gtas.out); err != nil || len(left) != 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

// Where the platform takes a file back between its manifest and itself, the manifest stands where it stood.
func TestTheManifestOfAFileThatWasTakenBackIsGivenBack(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	for i, again := range []string{"", `{"marking": "confidential"}`} {
		gtas.puts("arrivals.edi", arrivals(t, fmt.Sprintf("BACK%d", i)), "org_unoct")
		path := filepath.Join(gtas.out, "arrivals.edi")
		want, err := os.ReadFile(path + manifestEnd)
		must(t, err)
		gtas.isKilledAt("out-declared")
		must(t, os.Remove(path))
		if again != "" { // the platform put another one meanwhile
			want = []byte(again)
			must(t, os.WriteFile(path+manifestEnd, want, 0o600))
		}
		gtas.syncs(exitDone)
		if got, err := os.ReadFile(path + manifestEnd); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the manifest is %q, %v", got, err)
		}
	}
}
