package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this command, and a browser that signs in by itself, as programs of their own.
func TestMain(m *testing.M) {
	testscript.Main(scene{m}, map[string]func(){"chancery": main, "chancery-dies": dies, "browse": signInByItself})
}

// scene ends the demo after the last test.
type scene struct{ *testing.M }

func (s scene) Run() int {
	code := s.M.Run()
	if err := stack.end(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// signInByItself is what a person does with a browser: the page that a code leads to, and the choice of themselves.
func signInByItself() {
	page, err := url.Parse(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	form := url.Values{"user_code": {page.Query().Get("user_code")}, "person": {os.Getenv("PERSON")}}
	if os.Getenv("PERSON") == "nobody" {
		form.Set("cancel", "1")
	}
	page.RawQuery = ""
	response, err := http.PostForm(page.String(), form)
	if err != nil || response.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, "the page did not take it:", err)
		os.Exit(1)
	}
	response.Body.Close()
}

// stack is one real demo for all scripts of this test binary: gateway, PostgreSQL, S3 and identity providers. As a real
// gateway it takes no decision without evidence.
var stack demo

type demo struct {
	once    sync.Once
	err     error
	dir     string
	program *exec.Cmd
	said    bytes.Buffer
	homes   map[string]bool   // that were made, by who is signed in there
	BaseURL string            `json:"base_url"`
	Issuers map[string]string `json:"issuers"`
}

func (d *demo) start(t *testing.T) {
	t.Helper()
	d.once.Do(func() { d.err = d.begin() })
	if d.err != nil {
		t.Fatalf("the demo does not start: %v\n%s", d.err, d.said.String())
	}
}

func (d *demo) begin() (err error) {
	if d.dir, err = os.MkdirTemp("", "chancery-scenarios-"); err != nil {
		return err
	}
	program := filepath.Join(d.dir, "chanceryd")
	if said, err := exec.Command("go", "build", "-o", program, "../chanceryd").CombinedOutput(); err != nil {
		return fmt.Errorf("build chanceryd: %w\n%s", err, said)
	}
	data := filepath.Join(d.dir, "data")
	d.program = exec.Command(program, "demo", "--written", "--data", data, "--listen", "127.0.0.1:0")
	d.program.Stdout, d.program.Stderr = &d.said, &d.said
	if err := d.program.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		text, err := os.ReadFile(filepath.Join(data, "demo.json"))
		if err == nil {
			return json.Unmarshal(text, d)
		}
		if d.program.Process.Signal(syscall.Signal(0)) != nil {
			return errors.New("it ended")
		}
		time.Sleep(50 * time.Millisecond)
	}
	return ctx.Err()
}

func (d *demo) end() error {
	if d.program == nil || d.program.Process == nil {
		return nil
	}
	err := errors.Join(d.program.Process.Signal(os.Interrupt), d.program.Wait())
	if err != nil {
		return fmt.Errorf("the demo ended badly: %w\n%s", err, d.said.String())
	}
	return os.RemoveAll(d.dir)
}

// token is what somebody of the demo would get by signing in now; with --nonce, what shows that they did for a text.
func (d *demo) token(person string, more ...string) (string, error) {
	out, err := exec.Command(filepath.Join(d.dir, "chanceryd"), append([]string{"demo", "token", person, "--data",
		filepath.Join(d.dir, "data")}, more...)...).Output()
	return strings.TrimSpace(string(out)), err
}

// signedIn is the environment of somebody who is signed in, and whose browser signs in by itself.
func (d *demo) signedIn(t *testing.T, person string) []string {
	t.Helper()
	env := []string{"CHANCERY_CLIENT_ID=", "CHANCERY_KEYRING=off", "BROWSER=browse", "PERSON=" + person,
		"CHANCERY_SERVER=" + d.BaseURL, "CHANCERY_CONFIG_DIR=" + filepath.Join(d.dir, "homes", person)}
	if d.homes[person] {
		return env
	}
	cmd := exec.Command("chancery", "auth", "login", "--issuer", d.issuerOf(person), "--acr", "mfa")
	cmd.Env = append(os.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s does not sign in: %v\n%s", person, err, said)
	}
	if d.homes == nil {
		d.homes = map[string]bool{}
	}
	d.homes[person] = true
	return env
}

// issuerOf is the identity provider of somebody of the demo.
func (d *demo) issuerOf(person string) string {
	organisation := after(person)
	if organisation == "piu" || organisation == "customs" {
		organisation += "-exampleland"
	}
	return d.Issuers[organisation]
}

// Each script is a lesson too: docs/platforms.md names them.
func TestScenarios(t *testing.T) {
	stack.start(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SERVER", stack.BaseURL)
			env.Setenv("LOG_KEY", filepath.Join(stack.dir, "data", "log.key.pub"))
			env.Setenv("CHANCERY_KEYRING", "off") // a test leaves nothing in anybody's keyring
			env.Setenv("BROWSER", "browse")
			env.Setenv("UNTIL", time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"machine-of": machineOf, "take": take,
			"token-of": tokenOf, "exits": exits, "large": makeLarge},
	})
}

// machineOf goes to the machine of somebody of the demo: machine-of staff.wco
func machineOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: machine-of PERSON")
	}
	ts.Setenv("PERSON", args[0])
	ts.Setenv("CHANCERY_CONFIG_DIR", ts.MkAbs("machines/"+args[0]))
	if _, err := os.Stat(ts.MkAbs("machines/" + args[0])); err == nil {
		return
	}
	ts.Check(ts.Exec("chancery", "auth", "login", "--server", stack.BaseURL, "--issuer", stack.issuerOf(args[0]),
		"--acr", "mfa"))
}

func after(person string) string {
	_, organisation, _ := strings.Cut(person, ".")
	return organisation
}

// take keeps what stands in the last output as a variable: take doc doc_\w+
func take(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: take VARIABLE PATTERN")
	}
	found := regexp.MustCompile(args[1]).FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("%s is not in the output", args[1])
	}
	ts.Setenv(args[0], found)
}

// tokenOf puts an access token of somebody of the demo into a variable: token-of staff.wco TOKEN
func tokenOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: token-of PERSON VARIABLE")
	}
	token, err := stack.token(args[0])
	ts.Check(err)
	ts.Setenv(args[1], token)
}

// makeLarge writes a text of so many MiB: large FILE MIB
func makeLarge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: large FILE MIB")
	}
	mib, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(largeText("a script", mib)), 0o600))
}

// exits runs a program that ends with that code: exits 3 chancery doc pull …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENTS")
	}
	err := ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	if !errors.As(err, &ended) || fmt.Sprint(ended.ExitCode()) != args[0] {
		ts.Fatalf("it ended otherwise: %v", err)
	}
}
