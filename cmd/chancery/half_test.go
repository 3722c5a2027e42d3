package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack/devtest"
)

// listening is a line to the demo that keeps what goes up on it.
func listening(t *testing.T) (address string, up *overheard) {
	t.Helper()
	up = &overheard{}
	return "http://" + devtest.Line(t, demoHost(), func(near, far net.Conn) {
		go func() {
			_, _ = io.Copy(near, far)
			near.Close()
		}()
		defer near.Close()
		defer far.Close()
		_, _ = io.Copy(far, io.TeeReader(near, up))
	}), up
}

// overheard is what went up on a line: of downloads, their requests.
type overheard struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (o *overheard) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.Write(b)
}

var rangeAsked = regexp.MustCompile(`Range: bytes=(\d+)-\r\n`)

// from are the bytes from which on contents were asked for that were not asked for whole, since it was asked last.
func (o *overheard) from() (offsets []int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range rangeAsked.FindAllStringSubmatch(o.said.String(), -1) {
		n, _ := strconv.Atoi(m[1])
		offsets = append(offsets, n)
	}
	o.said.Reset()
	return offsets
}

// reader is somebody who pulls a large document of the other Party over a line that is listened to.
type reader struct {
	*platform
	document, dir, text string
	up                  *overheard
}

func newReader(t *testing.T, who string) reader {
	t.Helper()
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	address, up := listening(t)
	text := arrivals(t, who) + largeText(who, 12)
	title := gtas.puts("large.edi", text, "org_unoct")
	gtas.syncs(exitDone)
	document := gtas.documents(title)[0]
	gotravel.asks(document, "focal.wco")
	t.Cleanup(func() { gotravel.withdrawn(document) }) // it is large, and others bring in all that is granted
	code, token, errs := gotravel.run(nil, "chancery", "auth", "token")
	if code != exitDone {
		t.Fatalf("token: %d %s", code, errs)
	}
	over := gotravel.as([]string{"CHANCERY_TOKEN=" + strings.TrimSpace(token), "CHANCERY_SERVER=" + address})
	return reader{over, document, t.TempDir(), text, up}
}

// pulls runs the command, and wants it to end so.
func (r reader) pulls(wanted int, env ...string) (errs string) {
	r.t.Helper()
	code, out, errs := r.run(env, "chancery-dies", "doc", "pull", r.document, "--purpose", "art2.f", "--statement",
		"To load it", "--form", "original", "-o", filepath.Join(r.dir, "large.edi"))
	if code != wanted {
		r.t.Fatalf("pull %v: %d, not %d\n%s%s", env, code, wanted, out, errs)
	}
	return errs
}

// holds reports whether the file is whole with its descriptions beside it, and nothing else lies in the folder.
func (r reader) holds() {
	r.t.Helper()
	got, err := os.ReadFile(filepath.Join(r.dir, "large.edi"))
	if err != nil || string(got) != r.text {
		r.t.Errorf("%d bytes of %d, %v", len(got), len(r.text), err)
	}
	if names := r.lies(); len(names) != 3 {
		r.t.Errorf("in the folder lie %v", names)
	}
}

// lies are the names in the folder, hidden ones too.
func (r reader) lies() (names []string) {
	r.t.Helper()
	entries, err := os.ReadDir(r.dir)
	must(r.t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (r reader) half() string {
	r.t.Helper()
	names := r.lies()
	if len(names) != 1 || !strings.HasPrefix(names[0], ".chancery-") {
		r.t.Fatalf("after a kill there lie %v", names)
	}
	return filepath.Join(r.dir, names[0])
}

// record is what was kept of the half.
func (r reader) record() (path string) {
	r.t.Helper()
	for _, v := range r.env {
		if dir, ok := strings.CutPrefix(v, "CHANCERY_CONFIG_DIR="); ok {
			found, err := filepath.Glob(filepath.Join(dir, "pulled", "*.json"))
			must(r.t, err)
			if len(found) > 1 {
				r.t.Fatalf("records %v", found)
			}
			path = strings.Join(found, "")
		}
	}
	return path
}

// Article 4(8), 4(9): a pull that is killed again and again goes on where it was, under the one disclosure that stands
// in the log; no half ever stands under the name of the whole.
func TestAPullThatIsKilledGoesOnUnderItsDisclosure(t *testing.T) {
	stack.start(t)
	r := newReader(t, "KILLED")
	for _, step := range []string{"intended", "came-3", "came-7"} {
		r.pulls(-1, "KILL_AT="+step)
		if names := r.lies(); len(names) > 1 || strings.Contains(fmt.Sprint(names), "large") {
			t.Errorf("killed at %s there lie %v", step, names)
		}
	}
	r.pulls(exitDone)
	r.holds()
	if from := r.up.from(); len(from) != 2 || from[0] < 3<<20 || from[1] < 7<<20 {
		t.Errorf("killed when 3 and 7 MiB were there, it went on from %v", from)
	}
	r.isAccountedFor([]string{r.document})
	if left := r.record(); left != "" {
		t.Errorf("kept of what is whole: %s", left)
	}
}

// Somebody writes into the half, or puts another file or a link into its place: the digest is that of all bytes, and
// the whole is fetched anew.
func TestAHalfThatSomebodyChangedIsFetchedAnew(t *testing.T) {
	stack.start(t)
	r := newReader(t, "SPOILED")
	r.pulls(-1, "KILL_AT=came-3")
	must(t, changeLast(r.half()))
	r.pulls(exitDone)
	r.holds()
	r.isAccountedFor([]string{r.document})
	for _, name := range r.lies() {
		must(t, os.Remove(filepath.Join(r.dir, name)))
	}
	r.pulls(-1, "KILL_AT=came-3")
	half, other := r.half(), filepath.Join(t.TempDir(), "other")
	must(t, os.Rename(half, other))
	must(t, os.Symlink(other, half))
	before, err := os.ReadFile(other)
	must(t, err)
	r.pulls(exitDone)
	r.holds()
	if after, err := os.ReadFile(other); err != nil || string(after) != string(before) {
		t.Errorf("a link was followed: %d bytes, %v", len(after), err)
	}
}

// A file that others hold as well, or may read, is not written into, whatever bytes it begins with: the document would
// be in their hands.
func TestNothingIsWrittenIntoAHalfThatOthersHold(t *testing.T) {
	stack.start(t)
	r := newReader(t, "HELD")
	for what, takes := range map[string]func(half, theirs string) error{
		"a second name": os.Link,
		"open to others": func(half, theirs string) error {
			// Their own file in its place, of the same bytes; they keep it open.
			return errors.Join(os.Link(half, theirs), os.Remove(half), copied(theirs, half, 0o666), os.Remove(theirs),
				os.Symlink(half, theirs))
		},
		"somebody else's": func(half, theirs string) error {
			if os.Geteuid() != 0 {
				return os.Link(half, theirs) // only root can give a file away
			}
			return errors.Join(os.Chown(half, 65534, -1), os.Symlink(half, theirs))
		},
	} {
		r.dir = t.TempDir()
		r.pulls(-1, "KILL_AT=came-3")
		half := r.half()
		theirs := filepath.Join(t.TempDir(), "theirs")
		must(t, takes(half, theirs))
		held, err := os.Open(theirs)
		must(t, err)
		t.Cleanup(func() { held.Close() })
		before, err := held.Stat()
		must(t, err)
		r.pulls(exitDone)
		r.holds()
		if after, err := held.Stat(); err != nil || after.Size() != before.Size() {
			t.Errorf("%s: the document was written into a file of theirs: %d bytes, %v", what, after.Size(), err)
		}
	}
}

func copied(from, to string, mode os.FileMode) error {
	content, err := os.ReadFile(from)
	return errors.Join(err, os.WriteFile(to, content, mode), os.Chmod(to, mode))
}

// Where nothing can be kept a pull brings its file all the same, and leaves no half where it fails.
func TestAPullThatCannotBeKeptIsMadeAllTheSameAndLeavesNoHalf(t *testing.T) {
	stack.start(t)
	r := newReader(t, "UNKEPT")
	noPlace := []string{"CHANCERY_CONFIG_DIR=", "XDG_CONFIG_HOME=", "HOME="}
	must(t, os.MkdirAll(filepath.Join(r.dir, "large.edi.marking.json", "in the way"), 0o755))
	code, _, errs := r.run(noPlace, "chancery", "doc", "pull", r.document, "--purpose", "art2.f", "--statement",
		"To load it", "--form", "original", "--force", "-o", filepath.Join(r.dir, "large.edi"))
	if code != exitFailure {
		t.Fatalf("with something in the way: %d %s", code, errs)
	}
	if found, err := filepath.Glob(filepath.Join(r.dir, ".chancery-*")); err != nil || len(found) != 0 {
		t.Errorf("nobody goes on with %v, %v", found, err)
	}
	r.dir = t.TempDir()
	if errs := r.pulls(exitDone, "CHANCERY_CONFIG_DIR=/proc/nothing"); !strings.Contains(errs, "Nothing is kept") {
		t.Errorf("it is not said that nothing is kept: %s", errs)
	}
	r.holds()
}

// What an earlier pull left, and cannot be read or removed, is said and holds nobody up.
func TestAnotherPullsHalfHoldsNobodyUp(t *testing.T) {
	stack.start(t)
	r := newReader(t, "STALE")
	r.pulls(-1, "KILL_AT=came-3")
	must(t, os.Remove(r.half()))
	must(t, os.WriteFile(r.record(), []byte("{"), 0o600)) // this pull's own record
	other := filepath.Join(filepath.Dir(r.record()), "damaged.json")
	must(t, os.WriteFile(other, []byte("{"), 0o600))
	if errs := r.pulls(exitDone); !strings.Contains(errs, "could not be removed") {
		t.Errorf("it is not said: %s", errs)
	}
	r.holds()
	long := time.Now().Add(-2 * abandoned)
	must(t, os.Chtimes(other, long, long))
	r.dir = t.TempDir()
	if errs := r.pulls(exitDone); strings.Contains(errs, "could not be removed") {
		t.Errorf("it is said for ever: %s", errs)
	}
	r.holds()
}

// Two processes that pull the same into the same place do it one after the other, whichever ends; and whoever waits can
// be interrupted.
func TestALockWhoseFileWasRemovedMeanwhileIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.lock")
	env := environment{stderr: io.Discard}
	var inside, most int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				unlock, err := lock(t.Context(), env, path)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				inside++
				most = max(most, inside)
				mu.Unlock()
				runtime.Gosched()
				mu.Lock()
				inside--
				mu.Unlock()
				if err := os.Remove(path); err != nil { // as done does, before it unlocks
					t.Error(err)
				}
				unlock()
			}
		})
	}
	all.Wait()
	if most != 1 {
		t.Errorf("%d had the lock at a time", most)
	}
	unlock, err := lock(t.Context(), env, path)
	must(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	if _, err := lock(ctx, env, path); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever waits cannot be interrupted: %v", err)
	}
	unlock()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	unlock, err = lock(ctx, env, path)
	if err != nil {
		t.Fatalf("whoever was interrupted keeps the lock: %v", err)
	}
	unlock()
}

// Article 4(8): what was withdrawn meanwhile is not gone on with, and nothing of it stays.
func TestWhatWasWithdrawnLeavesNoHalf(t *testing.T) {
	stack.start(t)
	r := newReader(t, "WITHDRAWN")
	r.pulls(-1, "KILL_AT=came-3")
	r.half()
	r.withdrawn(r.document)
	if errs := r.pulls(exitRefused); !strings.Contains(errs, "Article 4(") {
		t.Errorf("it is not said why: %s", errs)
	}
	if names, record := r.lies(), r.record(); len(names) != 0 || record != "" {
		t.Errorf("of what was withdrawn there lie %v, %s", names, record)
	}
}

// withdrawn has the signatory withdraw what was authorized for a document.
func (p *platform) withdrawn(document string) {
	p.t.Helper()
	token, err := stack.token("focal.wco")
	must(p.t, err)
	env := []string{"CHANCERY_TOKEN=" + token, "CHANCERY_ALLOW_YES=1"}
	_, out, errs := p.run(env, "chancery", "request", "list", "--box", "decided-by-us", "--document", document,
		"--state", "in-force", "--json", "id")
	var found []struct{ ID string }
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		p.t.Fatalf("requests: %s%s %v", out, errs, err)
	}
	for _, one := range found {
		if code, _, errs := p.run(env, "chancery", "request", "withdraw", one.ID, "--statement", "Not now",
			"--yes"); code != exitDone {
			p.t.Errorf("withdraw: %d %s", code, errs)
		}
	}
}

// A half of another disclosure is not gone on with: the copy of each has its own number and entry. And what nobody went
// on with is removed.
func TestAHalfOfAnotherDisclosureIsNotGoneOnWith(t *testing.T) {
	stack.start(t)
	r := newReader(t, "OTHER")
	r.pulls(-1, "KILL_AT=came-3")
	var record half
	path := r.record()
	if _, err := kept(path, &record); err != nil || record.Disclosure == "" || record.ETag == "" {
		t.Fatalf("kept %+v, %v", record, err)
	}
	record.Key = "another-" + record.Key // as a permit that is over has it
	must(t, keep(path, record))
	r.pulls(exitDone)
	r.holds()
	if from := r.up.from(); len(from) != 0 {
		t.Errorf("the copy of another disclosure was gone on with from %v", from)
	}
	for _, end := range []string{"", markingEnd, labelEnd} {
		must(t, os.Rename(filepath.Join(r.dir, "large.edi"+end), filepath.Join(r.dir, "first.edi"+end)))
	}
	r.pulls(-1, "KILL_AT=came-3")
	var left half
	if _, err := kept(r.record(), &left); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * abandoned)
	must(t, os.Chtimes(left.Part, long, long))
	code, _, errs := r.run(nil, "chancery", "doc", "pull", "doc_00000000000000000000000000", "-o", r.dir)
	if code == exitDone {
		t.Fatalf("pull of nothing: %d %s", code, errs)
	}
	r.dir = t.TempDir()
	r.pulls(exitDone)
	r.holds()
	if _, err := os.Lstat(left.Part); !os.IsNotExist(err) {
		t.Errorf("nobody went on with it, and it lies there: %v", err)
	}
}

// The same of sync: killed in the middle of a large message it goes on under the one disclosure; what was withdrawn
// meanwhile goes.
func TestSyncGoesOnWhereALargeMessageCameFrom(t *testing.T) {
	stack.start(t)
	r := newReader(t, "INBOUND")
	for _, step := range []string{"came-3", "came-7"} {
		code, out, errs := r.run([]string{"KILL_AT=" + step}, "chancery-dies", "sync", "--once", "--purpose", "art2.f",
			"--in", r.in)
		if code != -1 {
			t.Fatalf("sync came past %s: %d\n%s%s", step, code, out, errs)
		}
		if taken := r.loads(); step == "came-7" && holds(r.loaded, r.text) {
			t.Errorf("a half was loaded: %d", taken)
		}
	}
	r.syncs(exitDone)
	r.loads()
	if !holds(r.loaded, r.text) {
		t.Error("it did not come as it was")
	}
	if from := r.up.from(); len(from) != 2 || from[0] < 3<<20 || from[1] < 7<<20 {
		t.Errorf("killed when 3 and 7 MiB were there, it went on from %v", from)
	}
	r.isAccountedFor([]string{r.document})
}

// Article 4(8): what sync brought in part, and was withdrawn before it was whole, does not stay.
func TestSyncKeepsNoHalfOfWhatWasWithdrawn(t *testing.T) {
	stack.start(t)
	r := newReader(t, "SWEPT")
	code, out, errs := r.run([]string{"KILL_AT=came-3"}, "chancery-dies", "sync", "--once", "--purpose", "art2.f",
		"--in", r.in)
	if code != -1 {
		t.Fatalf("sync: %d\n%s%s", code, out, errs)
	}
	halves := func() []string {
		found, err := filepath.Glob(filepath.Join(r.in, ".chancery-*.part"))
		must(t, err)
		return found
	}
	r.withdrawn(r.document)
	found := halves()
	if len(found) != 1 {
		t.Fatalf("halves %v", found)
	}
	r.syncs(exitDone)
	if left := halves(); len(left) != 1 {
		t.Errorf("what another sync may be writing was removed: %v", left)
	}
	long := time.Now().Add(-2 * abandoned)
	must(t, os.Chtimes(found[0], long, long))
	r.syncs(exitDone)
	if left := halves(); len(left) != 0 {
		t.Errorf("of what was withdrawn there lies %v", left)
	}
}
