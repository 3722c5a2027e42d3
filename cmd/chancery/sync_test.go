package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dies is this command, killed as by kill -9 once it has taken the step that KILL_AT names. At the step CHANGE_AT
// somebody writes into the last byte of the file CHANGE.
func dies() {
	reached = func(step string) {
		if step == os.Getenv("CHANGE_AT") {
			if err := changeLast(os.Getenv("CHANGE")); err != nil {
				panic(err)
			}
		}
		if step == os.Getenv("KILL_AT") {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	main()
}

func changeLast(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt([]byte("#"), info.Size()-1)
	}
	return errors.Join(err, f.Close())
}

// platform is a machine client of a Party with its two folders.
type platform struct {
	t       *testing.T
	client  string
	in, out string
	env     []string
	loaded  map[string]string // what its loader took, by name
}

func newPlatform(t *testing.T, client, organisation string) *platform {
	t.Helper()
	dir := t.TempDir()
	p := &platform{t: t, client: client, in: filepath.Join(dir, "in"), out: filepath.Join(dir, "out"),
		loaded: map[string]string{}}
	for _, folder := range []string{p.in, p.out} {
		must(t, os.Mkdir(folder, 0o755))
	}
	secret := filepath.Join(dir, "secret")
	must(t, os.WriteFile(secret, []byte(client+"-demo-secret\n"), 0o600))
	p.env = append(os.Environ(), "CHANCERY_SERVER="+stack.BaseURL, "CHANCERY_CLIENT_ID="+client,
		"CHANCERY_CLIENT_SECRET_FILE="+secret, "CHANCERY_ISSUER="+stack.Issuers[organisation],
		"CHANCERY_CONFIG_DIR="+filepath.Join(dir, "kept"))
	return p
}

// run carries out a program of this test binary and answers its exit code, -1 where it was killed.
func (p *platform) run(env []string, args ...string) (code int, out, errs string) {
	p.t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(p.t.Context()), args[0], args[1:]...) // of cleaning up too
	cmd.Env = append(p.env, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// as is the same machine, with more in the environment.
func (p *platform) as(env []string) *platform {
	other := *p
	other.env = append(slices.Clone(p.env), env...)
	return &other
}

func (p *platform) syncs(wanted int, env ...string) string {
	p.t.Helper()
	code, out, errs := p.run(env, "chancery", "sync", "--once", "--purpose", "art2.f", "--in", p.in, "--out", p.out)
	if code != wanted {
		p.t.Fatalf("sync ended with %d, not %d\n%s%s", code, wanted, out, errs)
	}
	return out + errs
}

// isKilledAt runs a sync that is killed once it has taken a step.
func (p *platform) isKilledAt(step string) {
	p.t.Helper()
	code, out, errs := p.run([]string{"KILL_AT=" + step}, "chancery-dies", "sync", "--once", "--purpose", "art2.f",
		"--in",
		p.in, "--out", p.out)
	if code != -1 {
		p.t.Fatalf("sync came past %s: it ended with %d\n%s%s", step, code, out, errs)
	}
}

// loads does what the loader of US-CBP/GTAS does with its input folder (LocalFileIntakeScheduler, read in its source;
// it does not run here): it lists the folder, takes every file that is not hidden, reads it whole, hands its text on
// under its name, and deletes it. What it was handed twice, under whatever name, fails.
func (p *platform) loads() int {
	p.t.Helper()
	files, err := os.ReadDir(p.in)
	must(p.t, err)
	taken := 0
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") || !f.Type().IsRegular() {
			continue
		}
		path := filepath.Join(p.in, f.Name())
		text, err := os.ReadFile(path)
		must(p.t, err)
		for name, before := range p.loaded {
			if before == string(text) {
				p.t.Errorf("%s was loaded twice: as %s, and as %s", p.client, name, f.Name())
			}
		}
		p.loaded[f.Name()] = string(text)
		must(p.t, os.Remove(path))
		taken++
	}
	return taken
}

// puts a message into the out folder as a platform does, whole and with its manifest, and answers its title.
func (p *platform) puts(name, text, recipient string, sources ...string) string {
	p.t.Helper()
	title := fmt.Sprintf("Message %s of %d", name, time.Now().UnixNano())
	var derived any = "none"
	if len(sources) > 0 {
		derived = sources
	}
	manifest, err := json.Marshal(map[string]any{"title": title, "marking": "restricted", "recipient": recipient,
		"purposes": []string{"art2.f"}, "purpose_statement": "Connecting the two systems", "entities_concerned": "none",
		"derived_from": derived, "show_title": true,
		"personal_data": map[string]any{"present": true, "legal_basis": "Invented for the trial", "regime": "api-pnr",
			"retain_until": time.Now().AddDate(1, 0, 0).Format(time.DateOnly)}})
	must(p.t, err)
	must(p.t, os.WriteFile(filepath.Join(p.out, name+manifestEnd), manifest, 0o600))
	must(p.t, os.WriteFile(filepath.Join(p.out, "."+name), []byte(text), 0o600))
	must(p.t, os.Rename(filepath.Join(p.out, "."+name), filepath.Join(p.out, name)))
	return title
}

// documents are the identifiers of what has that title.
func (p *platform) documents(title string) []string {
	p.t.Helper()
	code, out, errs := p.run(nil, "chancery", "doc", "list", "--q", title)
	if code != exitDone {
		p.t.Fatalf("list: %d %s", code, errs)
	}
	var ids []string
	for _, line := range strings.Fields(out) {
		if strings.HasPrefix(line, "doc_") {
			ids = append(ids, line)
		}
	}
	return ids
}

// asks has the platform ask for a document, and signatories authorize it: of the Discloser, and of whoever disclosed
// its sources.
func (p *platform) asks(document string, signatories ...string) {
	p.t.Helper()
	code, out, errs := p.run(nil, "chancery", "request", "create", document, "--purpose", "art2.f", "--statement",
		"To load it", "--until", time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "--form", "original")
	if code != exitDone {
		p.t.Fatalf("ask: %d %s", code, errs)
	}
	for _, signatory := range signatories {
		code, _, errs = p.run(append(stack.signedIn(p.t, signatory), "CHANCERY_ALLOW_YES=1"), "chancery", "inbox",
			"authorize", strings.TrimSpace(out), "--statement", "For the trial", "--yes")
		if code != exitDone {
			p.t.Fatalf("%s authorizes: %d %s", signatory, code, errs)
		}
	}
}

// messages are those of a folder, by name.
func messages(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	must(t, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		must(t, err)
		found[filepath.Base(path)] = string(text)
	}
	return found
}

// invented are messages that are committed; nobody ever sent them.
var invented = filepath.Join("testdata", "messages")

func arrivals(t *testing.T, who string) string {
	t.Helper()
	return strings.ReplaceAll(messages(t, invented)["arrivals.edi"], "INVENTED", who)
}

// Article 2(f): messages of the one platform come to the other's loader as they were, in both directions.
func TestMessagesTravelFromFolderToFolderInBothDirections(t *testing.T) {
	travel(t, messages(t, invented))
}

func TestRealMessagesOfGTASTravelFromFolderToFolder(t *testing.T) {
	corpus := messages(t, filepath.Join("..", "..", "..", "shared", "corpus", "gtas"))
	if len(corpus) == 0 {
		t.Skip("SKIPPED, NOT TESTED: the corpus of GTAS's messages is not there")
	}
	travel(t, corpus)
}

// travel sends every other message one way and the rest the other way: what was received is not deposited again.
func travel(t *testing.T, all map[string]string) {
	t.Helper()
	halves := [2]map[string]string{{}, {}}
	for i, name := range sortedKeys(all) {
		halves[i%2][name] = all[name]
	}
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	var sources []string // of the way back: messages resemble each other
	for i, way := range []struct {
		from, to    *platform
		recipient   string
		signatories []string
	}{{gtas, gotravel, "org_unoct", []string{"focal.wco"}},
		{gotravel, gtas, "org_wco", []string{"focal.unoct", "focal.wco"}}} {
		sent, before := halves[i], way.to.everything()
		titles := map[string]string{}
		for name, text := range sent {
			titles[name] = way.from.puts(name, text, way.recipient, sources...)
		}
		said := way.from.syncs(exitDone)
		for name, title := range titles {
			found := way.from.documents(title)
			if len(found) != 1 {
				t.Fatalf("%s was deposited %d times\n%s", name, len(found), said)
			}
			way.to.asks(found[0], way.signatories...)
			sources = append(sources, found[0])
		}
		way.to.syncs(exitDone)
		if got := way.to.loads(); got != len(sent) {
			t.Errorf("%s loaded %d messages of %d, and %d before", way.to.client, got, len(sent), before)
		}
		for _, text := range sent {
			if !holds(way.to.loaded, text) {
				t.Error("a message did not come as it was")
			}
		}
		way.to.isAccountedFor(sources[len(sources)-len(sent):])
		way.to.syncs(exitDone) // once more: nothing comes again
		if got := way.to.loads(); got != 0 {
			t.Errorf("%d messages came twice", got)
		}
	}
}

// isAccountedFor has an auditor see of each document one deposit and one disclosure, and no more.
func (p *platform) isAccountedFor(documents []string) {
	p.t.Helper()
	token, err := stack.token("auditor.wco")
	must(p.t, err)
	for _, document := range documents {
		for _, kind := range []string{"deposit", "disclosure"} {
			_, out, errs := p.run([]string{"CHANCERY_TOKEN=" + token}, "chancery", "log", "list", "--document",
				document,
				"--kind", kind, "--outcome", "permit")
			if strings.Count(out, "\n") != 1 {
				p.t.Errorf("the log has another number of %ss of %s than one:\n%s%s", kind, document, out, errs)
			}
		}
	}
}

// everything brings in what other tests had granted to the machine client: this platform is new.
func (p *platform) everything() int {
	p.t.Helper()
	p.syncs(exitDone)
	taken := p.loads()
	p.loaded = map[string]string{}
	return taken
}

func holds(loaded map[string]string, text string) bool {
	for _, other := range loaded {
		if other == text {
			return true
		}
	}
	return false
}

// kill -9 at every step, in both directions: nothing is deposited twice, nothing is loaded twice, nothing in part.
func TestWhereverSyncIsKilledNothingIsThereTwiceOrInPart(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	var last string
	for i, step := range []string{"out-claimed", "out-declared", "out-moved", "out-sending", "out-deposited",
		"out-receipt", "out-told", "out-settled", "out-done"} {
		title := gtas.puts("arrivals.edi", arrivals(t, fmt.Sprintf("OUT%d", i)), "org_unoct")
		gtas.isKilledAt(step)
		gtas.syncs(exitDone)
		found := gtas.documents(title)
		if left, err := filesOf(gtas.out); err != nil || len(found) != 1 || len(left) != 0 {
			t.Errorf("killed at %s: deposited %d times, %v left, %v", step, len(found), left, err)
		}
		last = found[0]
	}
	if done, err := filepath.Glob(filepath.Join(gtas.out, "processed", "*-arrivals.edi")); err != nil ||
		len(done) != 9 {
		t.Errorf("processed: %v, %v", done, err)
	}
	gotravel.asks(last, "focal.wco")
	gotravel.syncs(exitDone)
	gotravel.loads()
	for i, step := range []string{"in-intended", "in-disclosed", "in-fetched", "in-marked", "in-naming", "in-named",
		"in-done"} {
		title := gtas.puts("departures.edi", arrivals(t, fmt.Sprintf("IN%d", i)), "org_unoct")
		gtas.syncs(exitDone)
		document := gtas.documents(title)[0]
		gotravel.asks(document, "focal.wco")
		gotravel.isKilledAt(step)
		taken := gotravel.loads()
		gotravel.syncs(exitDone)
		if taken += gotravel.loads(); taken != 1 {
			t.Errorf("killed at %s: loaded %d times", step, taken)
		}
		gotravel.isAccountedFor([]string{document})
		if !holds(gotravel.loaded, arrivals(t, fmt.Sprintf("IN%d", i))) {
			t.Errorf("killed at %s: it did not come as it was", step)
		}
	}
}

// A clock that was set while a deposit was under way, or a machine that was off for days: whether the gateway has it is
// not known, so nothing is sent again, and a person is told.
func TestADepositInDoubtIsNotSentAgain(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	for i, at := range []string{"2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"} {
		title := gtas.puts("arrivals.edi", arrivals(t, fmt.Sprintf("CLOCK%d", i)), "org_unoct")
		gtas.isKilledAt("out-deposited")
		claims, err := filepath.Glob(filepath.Join(gtas.out, stateFolder, "out", "*", claimFile))
		if err != nil || len(claims) != 1 {
			t.Fatalf("claims %v, %v", claims, err)
		}
		record := map[string]any{}
		_, err = kept(claims[0], &record)
		must(t, err)
		record["sent_at_gateway"] = at
		must(t, keep(claims[0], record))
		said := gtas.syncs(exitRefused)
		if found := gtas.documents(title); len(found) != 1 || !strings.Contains(said, "sync/in-doubt") {
			t.Errorf("sent at %s: deposited %d times\n%s", at, len(found), said)
		}
	}
	if reasons, err := filepath.Glob(filepath.Join(gtas.out, "error", "*.reason.json")); err != nil ||
		len(reasons) != 2 {
		t.Errorf("reasons %v, %v", reasons, err)
	}
}

// What the rules refuse, and what has no marking, stands in error with its reason; what has no manifest waits; hidden
// files and links are left alone.
func TestWhatIsRefusedStandsInErrorWithItsParagraph(t *testing.T) {
	stack.start(t)
	gtas := newPlatform(t, "gtas", "wco")
	put := func(name, text string) { must(t, os.WriteFile(filepath.Join(gtas.out, name), []byte(text), 0o600)) }
	put("unmarked.edi", "UNB")
	put("unmarked.edi"+manifestEnd, `{"title": "Unmarked"}`)
	put("undeclared.edi", "UNB")
	put("undeclared.edi"+manifestEnd, `{"marking": "restricted"}`)
	put("wrong.edi", "UNB")
	put("wrong.edi"+manifestEnd, `{"marking": "restricted", "colour": "red"}`)
	put("waits.edi", "UNB")
	put(".hidden.edi", "UNB")
	must(t, os.Symlink("/etc/passwd", filepath.Join(gtas.out, "link.edi")))
	put("link.edi"+manifestEnd, `{"marking": "restricted"}`)
	said := gtas.syncs(exitRefused)
	for _, wants := range []string{"the manifest bears no marking: Article 4(9)", "art4.3/undeclared", "Article 4(3)",
		`unknown field \"colour\"`, `{"what":"waiting","file":"waits.edi"}`} {
		if !strings.Contains(said, wants) && !strings.Contains(said, strings.ReplaceAll(wants, `\"`, `"`)) {
			t.Errorf("it is not said: %s\n%s", wants, said)
		}
	}
	for _, name := range []string{"waits.edi", ".hidden.edi", "link.edi"} {
		if _, err := os.Lstat(filepath.Join(gtas.out, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if reasons, _ := filepath.Glob(filepath.Join(gtas.out, "error", "*.reason.json")); len(reasons) != 3 {
		t.Errorf("reasons %v", reasons)
	}
	gtas.syncs(exitDone) // what is refused is refused once
}

// A recall of what was loaded is told to the platform, once, by the number of its copy; and what was recalled is not
// brought in any more.
func TestARecallIsToldToThePlatformOnce(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	title := gtas.puts("recalled.edi", arrivals(t, "RECALLED"), "org_unoct")
	gtas.syncs(exitDone)
	document := gtas.documents(title)[0]
	gotravel.asks(document, "focal.wco")
	var came tells
	must(t, json.Unmarshal([]byte(firstLine(gotravel.syncs(exitDone))), &came))
	token, err := stack.token("focal.wco")
	must(t, err)
	code, _, errs := gtas.run([]string{"CHANCERY_TOKEN=" + token, "CHANCERY_ALLOW_YES=1"}, "chancery", "doc", "recall",
		document, "--statement", "Given by mistake", "--yes")
	if code != exitDone {
		t.Fatalf("recall: %d %s", code, errs)
	}
	said := gotravel.syncs(exitDone)
	if wants := fmt.Sprintf(`"document":%q,"copy_number":%q,"code":"recall"`, document,
		came.CopyNumber); strings.Count(said,
		wants) != 1 {
		t.Errorf("not told once: %s\n%s", wants, said)
	}
	if again := gotravel.syncs(exitDone); again != "" {
		t.Errorf("told again: %s", again)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// What travelled stands in the bundle of an auditor, and in the report that is made of it.
func TestAnAuditorsReportShowsWhatThePlatformsExchanged(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	title := gtas.puts("reported.edi", arrivals(t, "REPORTED"), "org_unoct")
	gtas.syncs(exitDone)
	document := gtas.documents(title)[0]
	gotravel.asks(document, "focal.wco")
	gotravel.syncs(exitDone)
	token, err := stack.token("auditor.wco")
	must(t, err)
	bundle, report := filepath.Join(t.TempDir(), "bundle"), t.TempDir()
	auditor := []string{"CHANCERY_TOKEN=" + token}
	if code, _, errs := gtas.run(auditor, "chancery", "log", "export", "-o", bundle); code != exitDone {
		t.Fatalf("export: %d %s", code, errs)
	}
	key := filepath.Join(stack.dir, "data", "log.key.pub")
	code, said, errs := gtas.run(nil, "chancery", "report", bundle, "--key", key, "-o", filepath.Join(report,
		"new"))
	if code != exitDone {
		t.Fatalf("report: %d %s%s", code, said, errs)
	}
	tables, err := filepath.Glob(filepath.Join(report, "new", "*.csv"))
	must(t, err)
	shown := 0
	for _, path := range tables {
		text, err := os.ReadFile(path)
		must(t, err)
		shown += bytes.Count(text, []byte(document))
	}
	if shown == 0 {
		t.Errorf("of %v none names %s", tables, document)
	}
}
