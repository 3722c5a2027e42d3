package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// largeText is a text of some MiB that nobody else sends.
func largeText(who string, mib int) string {
	line := "A line of " + who + " that goes over a line that breaks.\n"
	return strings.Repeat(line, mib<<20/len(line))
}

// folder is one that is deposited with a manifest.
type folder struct {
	*platform
	dir, table string
	env        []string
}

// newFolder has files by their names, in the order of the manifest.
func newFolder(t *testing.T, address, title string, names []string, files map[string]string) folder {
	t.Helper()
	token, err := stack.token("staff.wco")
	must(t, err)
	f := folder{
		platform: newPlatform(t, "gtas", "wco"),
		dir:      t.TempDir(),
		table:    filepath.Join(t.TempDir(), "table.csv"),
	}
	f.env = []string{"CHANCERY_TOKEN=" + token, "CHANCERY_SERVER=" + address, "CHANCERY_CONFIG_DIR=" + t.TempDir()}
	rows := "file,marking,title,purposes,purpose_statement\n"
	for _, name := range names {
		must(t, os.WriteFile(filepath.Join(f.dir, name), []byte(files[name]), 0o600))
		rows += name + ",restricted," + title + " " + name + ",art2.f,For the trial\n"
	}
	must(t, os.WriteFile(f.table, []byte(rows), 0o600))
	return f
}

// pushes deposits the folder, and answers what was said.
func (f folder) pushes(wanted int, program string, env ...string) (out, errs string) {
	f.t.Helper()
	code, out, errs := f.run(append(f.env, env...), program, "doc", "push", f.dir, "--manifest", f.table, "--recipient",
		"unoct", "--entities-concerned", "none", "--derived-from", "none", "--personal-data", "no")
	if code != wanted {
		f.t.Fatalf("push %v: %d, not %d\n%s%s", env, code, wanted, out, errs)
	}
	return out, errs
}

// holds reports whether the document of a file, as push told it, is that text.
func (f folder) holds(told, name, text string) {
	f.t.Helper()
	_, after, _ := strings.Cut(told, name+"\t")
	document, _, _ := strings.Cut(after, "\n")
	back := filepath.Join(f.t.TempDir(), "back")
	code, _, errs := f.run(f.env, "chancery", "doc", "pull", document, "--form", "original", "-o", back)
	got, err := os.ReadFile(back)
	if code != exitDone || err != nil || string(got) != text {
		f.t.Errorf("%s as %s: %d, %d bytes of %d, %v\n%s", name, document, code, len(got), len(text), err, errs)
	}
}

// made are the documents of whoever deposits the folder that have the title.
func (f folder) made(title string) []string {
	f.t.Helper()
	return f.as(f.env).documents(title)
}

// piece is what may be lost of a file each time a line breaks, in bytes: what was not sealed yet.
const piece = 4 << 20

// A folder whose line breaks and whose command is killed again and again goes on where it was: no document is there
// twice, and no file goes up twice whole.
func TestAFolderGoesOnWhereItWas(t *testing.T) {
	stack.start(t)
	address, line := cutting(t, 10<<20, 2)
	names := []string{"1-large.txt", "2-small.txt", "3-large.txt"}
	files := map[string]string{names[0]: largeText("the first", 25), names[1]: "A short one.\n",
		names[2]: largeText("the third", 13)}
	f := newFolder(t, address, "Folder", names, files)
	for _, step := range []string{"sent-15", "staged", "deposited", "sent-9", "staged", "deposited"} {
		f.pushes(-1, "chancery-dies", "KILL_AT="+step)
	}
	told, _ := f.pushes(exitDone, "chancery")
	sent := line.Up.Load()
	total := int64(len(files[names[0]]) + len(files[names[2]]))
	if sent > total+4*piece+1<<20 || line.Breaks.Load() < 2 {
		t.Errorf("%d bytes went up of files of %d, with %d breaks and two kills", sent, total, line.Breaks.Load())
	}
	again, _ := f.pushes(exitDone, "chancery")
	if more := line.Up.Load() - sent; again != told || more > 64<<10 {
		t.Errorf("once more: %d bytes went up, and it was\n%snot\n%s", more, again, told)
	}
	if found := f.made("Folder"); len(found) != len(names) {
		t.Errorf("%d documents of %d files", len(found), len(names))
	}
	for _, name := range names {
		f.holds(told, name, files[name])
	}
}

// A file that changed while it was under way is never deposited as a mix of two: it is sent anew, or refused where it
// changed under the hands of the one that sends.
func TestAFileThatChangedOnTheWayIsNoMix(t *testing.T) {
	stack.start(t)
	before, after := largeText("before", 12), largeText("behind", 12)
	f := newFolder(t, stack.BaseURL, "Changed", []string{"large.txt"}, map[string]string{"large.txt": before})
	path := filepath.Join(f.dir, "large.txt")
	f.pushes(-1, "chancery-dies", "KILL_AT=sent-9")
	must(t, os.WriteFile(path, []byte(after), 0o600))
	if _, errs := f.pushes(exitRefused, "chancery-dies", "CHANGE_AT=sent-5", "CHANGE="+path); !strings.Contains(errs,
		"gateway/digest-mismatch") {
		t.Errorf("what changed while it was sent was refused for another reason: %s", errs)
	}
	if found := f.made("Changed"); len(found) != 0 {
		t.Errorf("a mix is a document: %v", found)
	}
	must(t, os.WriteFile(path, []byte(after), 0o600))
	told, _ := f.pushes(exitDone, "chancery")
	f.holds(told, "large.txt", after)
	if found := f.made("Changed"); len(found) != 1 {
		t.Errorf("%d documents of one file", len(found))
	}
}

// Whoever changes what a row declares of a document that was deposited gets no second one.
func TestARowThatWasDepositedIsNotDepositedOtherwise(t *testing.T) {
	stack.start(t)
	f := newFolder(t, stack.BaseURL, "Once", []string{"one.txt"}, map[string]string{"one.txt": "Once."})
	f.pushes(exitDone, "chancery")
	rows, err := os.ReadFile(f.table)
	must(t, err)
	must(t, os.WriteFile(f.table, []byte(strings.Replace(string(rows), "For the trial", "For another", 1)), 0o600))
	if _, errs := f.pushes(exitRefused, "chancery"); !strings.Contains(errs, "it was deposited as doc_") {
		t.Errorf("it is not said that there is a document: %s", errs)
	}
	if found := f.made("Once"); len(found) != 1 {
		t.Errorf("%d documents of one file", len(found))
	}
}

// The same of sync: killed in the middle of a large message and behind it, over a line that breaks, it goes on.
func TestSyncGoesOnWhereALargeMessageWas(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	address, line := cutting(t, 10<<20, 1)
	code, token, errs := gtas.run(nil, "chancery", "auth", "token")
	if code != exitDone {
		t.Fatalf("token: %d %s", code, errs)
	}
	env := []string{"CHANCERY_TOKEN=" + strings.TrimSpace(token), "CHANCERY_SERVER=" + address}
	text := arrivals(t, "LARGE") + largeText("a platform", 14)
	title := gtas.puts("large.edi", text, "org_unoct")
	for _, step := range []string{"sent-12", "out-sending", "out-deposited"} {
		code, out, errs := gtas.run(append(env, "KILL_AT="+step), "chancery-dies", "sync", "--once", "--purpose",
			"art2.f", "--out", gtas.out)
		if code != -1 {
			t.Fatalf("sync came past %s: %d\n%s%s", step, code, out, errs)
		}
	}
	gtas.syncs(exitDone, env...)
	if sent := line.Up.Load(); sent > int64(len(text))+2*piece+1<<20 || line.Breaks.Load() < 1 {
		t.Errorf("%d bytes went up of a message of %d, with %d breaks", sent, len(text), line.Breaks.Load())
	}
	if found := gtas.documents(title); len(found) != 1 {
		t.Errorf("deposited %d times", len(found))
	}
	if done, err := filepath.Glob(filepath.Join(gtas.out, "processed", "*-large.edi")); err != nil || len(done) != 1 {
		t.Errorf("processed: %v, %v", done, err)
	}
}

// A platform that writes on into a message that it gave away: what is mixed is refused, and leaves nothing behind; what
// changed between two runs is sent anew.
func TestAMessageThatChangedOnTheWayIsNoMix(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	claimed := func() string {
		found, err := filepath.Glob(filepath.Join(gtas.out, stateFolder, "out", "*", claimedFile))
		if err != nil || len(found) != 1 {
			t.Fatalf("claimed %v, %v", found, err)
		}
		return found[0]
	}
	text, other := arrivals(t, "MIXED")+largeText("a mix", 12), arrivals(t, "OTHER")+largeText("other", 12)
	title := gtas.puts("mixed.edi", text, "org_unoct")
	gtas.isKilledAt("sent-7")
	must(t, os.WriteFile(claimed(), []byte(other), 0o600))
	code, out, errs := gtas.run([]string{"CHANGE_AT=sent-5", "CHANGE=" + claimed()}, "chancery-dies", "sync", "--once",
		"--purpose", "art2.f", "--out", gtas.out)
	if code != exitRefused || !strings.Contains(out, "gateway/digest-mismatch") || len(gtas.documents(title)) != 0 {
		t.Fatalf("a mix: %d\n%s%s", code, out, errs)
	}
	title = gtas.puts("anew.edi", text, "org_unoct")
	gtas.isKilledAt("sent-7")
	must(t, os.WriteFile(claimed(), []byte(other), 0o600))
	gtas.syncs(exitDone)
	found := gtas.documents(title)
	if len(found) != 1 {
		t.Fatalf("deposited %d times", len(found))
	}
	back := filepath.Join(t.TempDir(), "back")
	code, _, errs = gtas.run(nil, "chancery", "doc", "pull", found[0], "--purpose", "art2.f", "--statement",
		"To compare", "--form", "original", "-o", back)
	if got, err := os.ReadFile(back); code != exitDone || err != nil || string(got) != other {
		t.Errorf("pull: %d, %d bytes, %v\n%s", code, len(got), err, errs)
	}
}

// What is refused of a large message leaves nothing at the gateway that would keep others out: twenty wait at most.
func TestRefusedMessagesKeepNoneOut(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	for i := range 2 {
		title := gtas.puts("refused.edi", arrivals(t, fmt.Sprint("REFUSED", i))+largeText("refused", 9), "org_unoct")
		gtas.of("refused.edi", "ser_none", nil)
		gtas.syncs(exitRefused)
		if found := gtas.documents(title); len(found) != 0 {
			t.Errorf("deposited %d times", len(found))
		}
	}
	code, out, errs := gtas.run(nil, "chancery", "api", "/staged")
	if code != exitDone || strings.Contains(out, "stg_") {
		t.Errorf("left at the gateway: %d %s%s", code, out, errs)
	}
}
