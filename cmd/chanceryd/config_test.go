package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
)

// goodConfig writes a whole configuration with its keys and Arrangement file, and answers its path.
func goodConfig(t *testing.T, change func(text string) string) string {
	t.Helper()
	dir := t.TempDir()
	text := strings.ReplaceAll(string(deploy.ExampleConfig), "/etc/chancery", dir)
	text = strings.Replace(text, "samples: false", "samples: true", 1)
	if change != nil {
		changed := change(text)
		if changed == text {
			t.Fatal("nothing was changed")
		}
		text = changed
	}
	for name, content := range map[string]string{
		"secrets/database-url":     "postgres://app:canary-app@127.0.0.1/chancery\n",
		"secrets/sequencer-url":    "postgres://sequencer:canary-sequencer@127.0.0.1/chancery\n",
		"secrets/store-access-key": "canary-access\n",
		"secrets/store-secret-key": "canary-secret\n",
		"secrets/portal":           "canary-portal\n",
		"secrets/mail":             "canary-user\ncanary-password\n",
		"wco-unoct-2022.yaml":      string(deploy.Arrangement),
		"gateway.yaml":             text,
	} {
		write(t, filepath.Join(dir, name), content)
	}
	in, err := instrument.Read(bytes.NewReader(deploy.Arrangement))
	if err != nil {
		t.Fatal(err)
	}
	keys := keysConfig{Keysets: filepath.Join(dir, "keysets"), LogKey: filepath.Join(dir, "log.key")}
	if err := makeKeys(keys, in, "wco.example.org/wco-unoct-2022"); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "gateway.yaml")
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ran carries out a command and answers its exit code and what it said.
func ran(t *testing.T, variables []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, environment{variables: variables, stdout: &out, stderr: &errs})
	return code, out.String(), errs.String()
}

func TestTheExampleConfigurationIsWhole(t *testing.T) {
	path := goodConfig(t, nil)
	code, out, errs := ran(t, nil, "config", "check", "--config", path)
	if code != 0 || !strings.HasPrefix(out, "weakening  admit.samples: ") || strings.Count(out, "\n") != 3 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for _, name := range explained() {
		if !strings.Contains(string(deploy.ExampleConfig), name+":") {
			t.Errorf("the example does not explain %q", name)
		}
	}
	cfg, _ := load(path, nil)
	if cfg.Limits.LapseAfter != 336*time.Hour || cfg.Limits.MaxUpload != 2<<30 ||
		cfg.Database.URL.reveal() != "postgres://app:canary-app@127.0.0.1/chancery" {
		t.Errorf("read as %+v", cfg)
	}
	if code, out, _ := ran(t, nil, "config", "example"); code != 0 || out != string(deploy.ExampleConfig) {
		t.Error("config example prints something else")
	}
}

// explained are the names of all keys; of a secret, that of its file. The addresses of the owner and of backups do not
// belong into the file.
func explained() []string {
	var names []string
	for _, key := range settings(reflect.TypeFor[config](), "") {
		if slices.Contains(secretKeys(), key) || key == "database.owner_url_file" ||
			key == "database.backup_url_file" {
			continue
		}
		names = append(names, key[strings.LastIndex(key, ".")+1:])
	}
	for _, t := range []reflect.Type{reflect.TypeFor[issuerConfig](), reflect.TypeFor[serviceConfig]()} {
		for i := range t.NumField() {
			names = append(names, t.Field(i).Tag.Get("koanf"))
		}
	}
	return names
}

func TestEachProblemOfAConfigurationNamesItsKeyAndItsCure(t *testing.T) {
	in := func(old, with string) func(string) string {
		return func(text string) string { return strings.Replace(text, old, with, 1) }
	}
	for name, c := range map[string]struct {
		change func(string) string
		env    []string
		key    string
		says   string
		cure   string
	}{
		"unknown key": {change: in("limits:\n", "limits:\n  max_uploads: 1\n"), key: "limits.max_uploads",
			says: "unknown key", cure: "spelling"},
		"unknown section": {change: in("limits:\n", "limit:\n  x: 1\nlimits:\n"), key: "limit",
			says: "unknown key", cure: "spelling"},
		"unknown key of an issuer": {change: in("    audience:", "    audiences: x\n    audience:"),
			key: "issuers[0].audiences", says: "unknown key", cure: "spelling"},
		"key in capitals": {change: in("listen: 127.0.0.1:8080", "Listen: 127.0.0.1:8080"), key: "Listen",
			says: "unknown key", cure: "spelling"},
		"unknown variable": {env: []string{"CHANCERY_DATABASE_URI=x"}, key: "CHANCERY_DATABASE_URI",
			says: "unknown variable", cure: "remove"},
		"no database": {change: in("  url_file:", "  # url_file:"), key: "database.url", says: "missing",
			cure: "CHANCERY_DATABASE_URL_FILE"},
		"no sequencer": {change: in("  sequencer_url_file:", "  # url_file:"),
			key: "database.sequencer_url", says: "missing", cure: "chancery_sequencer"},
		"database no address": {env: []string{"CHANCERY_DATABASE_URL=canary://x"}, key: "database.url",
			says: "no database address", cure: "postgres://"},
		"one login for both": {env: []string{"CHANCERY_DATABASE_URL=postgres://sequencer:x@localhost/c"},
			key: "database.sequencer_url", says: "same login as database.url", cure: "own login"},
		"no secret of the pages": {change: in("secrets/portal", "secrets/nowhere"),
			key: "issuers[0].portal.secret_file", says: "cannot be read", cure: "public client"},
		"no key of the pages": {change: in("secret_file: ", "key_file: "),
			key: "issuers[0].portal.key_file", says: "PRIVATE KEY", cure: "chanceryd keys client"},
		"a key and a secret of the pages": {change: in("# key_file:", "key_file:"),
			key: "issuers[0].portal.key_file", says: "beside secret_file", cure: "leave secret_file out"},
		"an assertion of nothing": {change: in("# assertion_audience:", "assertion_audience:"),
			key: "issuers[0].portal.assertion_audience", says: "without key_file", cure: "name the key"},
		"a claim that asks for nothing": {change: in("step_up_acr: [mfa]", "acr_claim: acrs"),
			key: "issuers[0].acr_claim", says: "without step_up_acr", cure: "several factors"},
		"no client of the pages": {change: in("client: chancery-portal", "client: stranger"),
			key: "issuers[0].portal.client", says: "none of the clients", cure: "under clients"},
		"secret's file absent": {env: []string{"CHANCERY_DATABASE_URL_FILE=/nowhere"}, key: "database.url_file",
			says: "/nowhere: no such file", cure: "readable file"},
		"secret's file empty": {env: []string{"CHANCERY_DATABASE_URL_FILE=/dev/null"}, key: "database.url_file",
			says: "empty", cure: "readable file"},
		"secret twice": {env: []string{"CHANCERY_DATABASE_URL_FILE=/dev/null",
			"CHANCERY_DATABASE_URL=postgres://a@localhost/c"}, key: "database.url", says: "twice",
			cure: "remove the value"},
		"too few connections": {env: []string{"CHANCERY_DATABASE_MAX_CONNECTIONS=1"},
			key: "database.max_connections", says: "2 to 1000", cure: "16"},
		"connections no number": {env: []string{"CHANCERY_DATABASE_MAX_CONNECTIONS=many"},
			key: "database.max_connections", says: "wrong form", cure: "example"},
		"no store": {change: in("  endpoint: store.example.int:9000\n", ""), key: "store.endpoint",
			says: "missing", cure: "HOST:PORT"},
		"store with a scheme": {env: []string{"CHANCERY_STORE_ENDPOINT=https://s3"}, key: "store.endpoint",
			says: "no HOST:PORT", cure: "store.secure"},
		"no bucket": {change: in("  bucket: chancery #", "  # bucket: chancery"), key: "store.bucket",
			says: "missing", cure: "bucket"},
		"no store secret": {change: in("  secret_key_file:", "  # secret_key_file:"), key: "store.secret_key",
			says: "missing", cure: "CHANCERY_STORE_SECRET_KEY_FILE"},
		"store's authority absent": {env: []string{"CHANCERY_STORE_CA=/nowhere.pem"}, key: "store.ca",
			says: "no such file", cure: "PEM"},
		"no scanner": {change: in("  address: /run/clamav/clamd.ctl\n", ""), key: "malware.address",
			says: "every deposit would be refused", cure: "clamd"},
		"scanner by post": {env: []string{"CHANCERY_MALWARE_NETWORK=post"}, key: "malware.network",
			says: "no kind of address", cure: "unix or tcp"},
		"scanner at no path": {env: []string{"CHANCERY_MALWARE_ADDRESS=127.0.0.1:3310"}, key: "malware.address",
			says: "no path of a socket", cure: "LocalSocket"},
		"scanner without a port": {env: []string{"CHANCERY_MALWARE_NETWORK=tcp",
			"CHANCERY_MALWARE_ADDRESS=127.0.0.1"}, key: "malware.address", says: "no address", cure: "3310"},
		"scanner awaited for less": {env: []string{"CHANCERY_MALWARE_TIMEOUT=-1s"}, key: "malware.timeout",
			says: "less than nothing", cure: "30s"},
		"bucket of no name": {env: []string{"CHANCERY_STORE_BUCKET=up"}, key: "store", says: "shorter than 3",
			cure: "correct it"},
		"store's prefix no name": {env: []string{"CHANCERY_STORE_PREFIX=/a/../b"}, key: "store", says: "prefix",
			cure: "correct it"},
		"store's authority no PEM": {change: func(text string) string {
			return strings.NewReplacer("# ca: ", "ca: ", "store-ca.pem", "wco-unoct-2022.yaml").Replace(text)
		}, key: "store", says: "certificate", cure: "correct it"},
		"port no number": {env: []string{"CHANCERY_LISTEN=127.0.0.1:http8"}, key: "listen",
			says: "no address", cure: "HOST:PORT"},
		"port too large": {env: []string{"CHANCERY_LISTEN=127.0.0.1:99999"}, key: "listen",
			says: "no address", cure: "HOST:PORT"},
		"one listener for both": {env: []string{"CHANCERY_ADMIN_LISTEN=127.0.0.1:8080"}, key: "admin_listen",
			says: "address of listen", cure: "port of its own"},
		"listen covers the admin listener": {env: []string{"CHANCERY_LISTEN=0.0.0.0:8081"}, key: "admin_listen",
			says: "address of listen", cure: "port of its own"},
		"the admin listener covers listen": {env: []string{"CHANCERY_ADMIN_LISTEN=:8080"}, key: "admin_listen",
			says: "address of listen", cure: "port of its own"},
		"public address with login": {env: []string{"CHANCERY_PUBLIC_URL=https://a:b@chancery.example.int"},
			key: "public_url", says: "no address", cure: "https://HOST"},
		"lapse without a unit": {change: in("lapse_after: 336h", "lapse_after: 14"), key: "limits.lapse_after",
			says: "without its unit", cure: "example"},
		"lifetime without a unit": {change: in("max_lifetime: 15m", "max_lifetime: 15"),
			key: "issuers[0].max_lifetime", says: "without its unit", cure: "example"},
		"patience without a unit": {change: in("timeout: 30s", "timeout: 30"), key: "malware.timeout",
			says: "without its unit", cure: "example"},
		"no keysets": {env: []string{"CHANCERY_KEYS_KEYSETS=/nowhere"}, key: "keys.keysets",
			says: "no such file", cure: "chanceryd keys create"},
		"no log key": {env: []string{"CHANCERY_KEYS_LOG_KEY=/nowhere"}, key: "keys.log_key",
			says: "no such file", cure: "chanceryd keys create"},
		"no keys named": {change: in("  log_key:", "  # log_key:"), key: "keys.log_key", says: "missing",
			cure: "name a file"},
		"another log's name": {env: []string{"CHANCERY_KEYS_LOG_NAME=wco.example.org/other"}, key: "keys.log_name",
			says: `"wco.example.org/wco-unoct-2022"`, cure: "leave it out"},
		"no Arrangement": {env: []string{"CHANCERY_ARRANGEMENT=/nowhere"}, key: "arrangement",
			says: "no such file", cure: "Arrangement file"},
		"no Arrangement named": {change: in("arrangement: /", "# arrangement: /"), key: "arrangement",
			says: "missing", cure: "wco-unoct-2022.yaml"},
		"issuer not bound": {change: in("id.piu-exampleland.", "id.elsewhere."), key: "issuers[2].url",
			says: "bound to no organisation", cure: "character by character"},
		"issuer twice": {change: in("id.piu-exampleland.", "id.wco."), key: "issuers[2].url",
			says: "twice", cure: "one of them"},
		"a Party's issuer absent": {change: in("url: https://id.wco.", "url: https://id.oec."), key: "issuers",
			says: "https://id.wco.example.int, is missing", cure: "nobody of that Party"},
		"issuer without audience": {change: in("    audience: https", "    # audience: https"), key: "issuers[0]",
			says: "audience", cure: "correct the issuer"},
		"issuer without TLS": {change: in("https://id.wco.", "http://id.wco."), key: "issuers[0]", says: "https",
			cure: "correct the issuer"},
		"unknown role": {change: in("chancery-staff: staff", "chancery-staff: king"), key: "issuers[0]",
			says: "king", cure: "correct the issuer"},
		"unknown marking": {change: in("markings: [restricted,", "markings: [secret,"),
			key: "issuers[0].services.gtas.markings", says: "secret", cure: "confidential"},
		"unknown purpose": {change: in("purposes: [art2.f]", "purposes: [art9.z]"),
			key: "issuers[0].services.gtas.purposes", says: "art9.z", cure: "art2.f"},
		"tokens that live long": {change: in("max_lifetime: 15m", "max_lifetime: 16m"), key: "issuers[0]",
			says: "15m", cure: "correct the issuer"},
		"no public address": {change: in("public_url:", "# public_url:"), key: "public_url", says: "missing",
			cure: "https://"},
		"public address not https": {env: []string{"CHANCERY_PUBLIC_URL=http://chancery.example.int"},
			key: "public_url", says: "not https", cure: "TLS"},
		"public address with slash": {env: []string{"CHANCERY_PUBLIC_URL=https://chancery.example.int/"},
			key: "public_url", says: "no address", cure: "slash"},
		"a proxy that is no address": {change: in("trusted_proxies: []", "trusted_proxies: [proxy.lan]"),
			key: "trusted_proxies[0]", says: "no address", cure: "10.0.0.5"},
		"everybody a proxy": {change: in("trusted_proxies: []", "trusted_proxies: [10.0.0.5, 0.0.0.0/0]"),
			key: "trusted_proxies[1]", says: "everybody", cure: "proxies alone"},
		"announcements of nobody": {env: []string{"CHANCERY_PROXY_PROTOCOL=true"}, key: "proxy_protocol",
			says: "no proxy is named", cure: "trusted_proxies"},
		"listen no address": {env: []string{"CHANCERY_LISTEN=8080"}, key: "listen", says: "no address",
			cure: "HOST:PORT"},
		"certificate absent": {env: []string{"CHANCERY_TLS_CERTIFICATE=/nowhere", "CHANCERY_TLS_KEY=/nowhere"},
			key: "tls", says: "no such file", cure: "PEM"},
		"size no size": {env: []string{"CHANCERY_LIMITS_MAX_UPLOAD=big"}, key: "limits.max_upload",
			says: "no size", cure: "example"},
		"size nothing": {env: []string{"CHANCERY_LIMITS_MAX_UPLOAD=0"}, key: "limits.max_upload",
			says: "1 byte", cure: "2GiB"},
		"backups kept less than nothing": {env: []string{"CHANCERY_LIMITS_BACKUPS_KEPT=-1h"},
			key: "limits.backups_kept"},
		"lapse at once": {env: []string{"CHANCERY_LIMITS_LAPSE_AFTER=0s"}, key: "limits.lapse_after",
			says: "longer", cure: "336h"},
		"lapse no duration": {env: []string{"CHANCERY_LIMITS_LAPSE_AFTER=fortnight"}, key: "limits.lapse_after",
			says: "wrong form", cure: "example"},
		"refusals without end": {env: []string{"CHANCERY_LIMITS_REFUSALS=61"}, key: "limits.refusals",
			says: "1 to 60", cure: "60"},
		"uploads without end": {env: []string{"CHANCERY_LIMITS_UPLOADS=65"}, key: "limits.uploads",
			says: "1 to 64", cure: "8"},
		"a rate without a burst": {env: []string{"CHANCERY_LIMITS_PERSON_BURST=0"}, key: "limits.person",
			says: "a rate and a burst", cure: "default"},
		"level unknown": {env: []string{"CHANCERY_LOG_LEVEL=loud"}, key: "log.level", says: "wrong form",
			cure: "example"},
		"not YAML": {change: in("listen:", "{listen:"), key: "gateway.yaml",
			says: "not readable as YAML", cure: "example"},
		"a list where one belongs": {change: in("listen: 127.0.0.1:8080", "listen: {a: 1}"), key: "listen", says: "",
			cure: ""},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, _ := ran(t, c.env, "config", "check", "--config", goodConfig(t, c.change))
			if code != 1 {
				t.Errorf("exit %d", code)
			}
			found := false
			lines := strings.Split(out, "\n")
			for i, line := range lines[:len(lines)-1] {
				if strings.HasPrefix(line, "problem") && strings.Contains(line, c.key) &&
					strings.Contains(line, c.says) && strings.Contains(cureBehind(lines[i+1:]), c.cure) {
					found = true
				}
			}
			if !found {
				t.Errorf("%s is not named with %q and %q:\n%s", c.key, c.says, c.cure, out)
			}
			if strings.Contains(out, "canary") {
				t.Errorf("a secret is printed:\n%s", out)
			}
		})
	}
}

// A file that cannot be read says nothing, so everything would be missing; a tired reader looks for the one line that
// counts.
func TestOneMistakeIsReportedOnce(t *testing.T) {
	for about, path := range map[string]string{
		"not YAML": goodConfig(t, func(text string) string {
			return strings.Replace(text, "  max_connections",
				"\tmax_connections", 1)
		}),
		"no secret": goodConfig(t, func(text string) string {
			return strings.Replace(text, "secrets/database-url",
				"secrets/nowhere", 1)
		}),
		"no such file": "/nowhere",
	} {
		if code, out, _ := ran(t, nil, "config", "check", "--config", path); code != 1 ||
			!strings.Contains(out, "\n1 problem found") {
			t.Errorf("%s: exit %d\n%s", about, code, out)
		}
	}
}

// cureBehind is the first cure in what a report says behind a problem: the one for all that stand before it.
func cureBehind(lines []string) string {
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "           cure: ") })
	if at < 0 {
		return ""
	}
	return lines[at]
}

func TestAMachineClientMayBeLimitedToASpecificArrangement(t *testing.T) {
	in, err := demoInstrument(func(short string) string { return "https://id." + short + ".example.int" })
	if err != nil {
		t.Fatal(err)
	}
	limitedTo := func(code article4.PurposeCode) identity.Issuer {
		return identity.Issuer{Services: map[string]article4.
			ServiceLimits{"gtas": {Purposes: []article4.PurposeCode{code},
			Markings: []article4.Marking{article4.Restricted}}}}
	}
	if found := checkServices("issuers[0].services", limitedTo("sa1.a"), in); len(found) != 0 {
		t.Errorf("a purpose of a specific arrangement: %v", found)
	}
	if found := checkServices("issuers[0].services", limitedTo("sa1.b"), in); len(found) != 1 {
		t.Errorf("a purpose of none: %v", found)
	}
}

func TestWeakSettingsAreListedAndAccepted(t *testing.T) {
	for key, variables := range map[string]string{
		"admit.consent_evidence_none": "CHANCERY_ADMIT_CONSENT_EVIDENCE_NONE=true",
		"admit.not_inspected":         "CHANCERY_ADMIT_NOT_INSPECTED=true",
		"limits.lapse_after":          "CHANCERY_LIMITS_LAPSE_AFTER=337h",
		"store.secure":                "CHANCERY_STORE_SECURE=false",
		"database.url":                "CHANCERY_DATABASE_URL=postgres://app@db.example.int/c?sslmode=require",
		"database.owner_url":          "CHANCERY_DATABASE_OWNER_URL=postgres://owner@127.0.0.1/c",
		"tls":                         "CHANCERY_LISTEN=0.0.0.0:8080",
		"admin_listen":                "CHANCERY_ADMIN_LISTEN=:8081",
		"malware.address":             "CHANCERY_MALWARE_ADDRESS=clamd.example.int:3310 CHANCERY_MALWARE_NETWORK=tcp",
	} {
		code, out, _ := ran(t, strings.Fields(variables), "config", "check", "--config", goodConfig(t, nil))
		if code != 0 || !strings.Contains(out, "weakening  "+key+":") {
			t.Errorf("%s: exit %d\n%s", key, code, out)
		}
	}
	path := goodConfig(t, func(text string) string {
		return strings.NewReplacer("plain_jwt: false", "plain_jwt: true", "rsa_2048: false", "rsa_2048: true",
			"    step_up_acr: [mfa]\n", "").Replace(text)
	})
	_, found := checked(path, nil)
	if got := strings.Join(weakenings(found), "\n"); !strings.Contains(got, "issuers[0].plain_jwt") ||
		!strings.Contains(got, "issuers[0].rsa_2048") || !strings.Contains(got, "issuers[0].step_up_acr") {
		t.Errorf("weakenings %q", got)
	}
}

func TestAPartThatIsLeftOutNeedsNoSecret(t *testing.T) {
	for _, part := range []struct{ secret, used, left string }{
		{"secrets/mail", "CHANCERY_MAIL_HOST=mail.example.int", "CHANCERY_MAIL_HOST="},
		{"secrets/traces", "CHANCERY_TRACES_ENDPOINT=https://collector.example.int/v1/traces",
			"CHANCERY_TRACES_ENDPOINT="},
	} {
		path := goodConfig(t, func(text string) string {
			return strings.Replace(text, "  # headers_file:", "  headers_file:", 1)
		})
		write(t, filepath.Join(filepath.Dir(path), "secrets/traces"), "x-key: canary\n")
		if err := os.Remove(filepath.Join(filepath.Dir(path), part.secret)); err != nil {
			t.Fatal(err)
		}
		if code, out, _ := ran(t, []string{part.left}, "config", "check", "--config", path); code != 0 {
			t.Errorf("%s, of a part that is left out: exit %d\n%s", part.secret, code, out)
		}
		if code, out, _ := ran(t, []string{part.used}, "config", "check", "--config", path); code != 1 ||
			!strings.Contains(out, part.secret+": no such file") {
			t.Errorf("%s, of a part that is used: exit %d\n%s", part.secret, code, out)
		}
	}
}

func TestFilesThatOthersMayReadAreRefused(t *testing.T) {
	inline := func(text string) string {
		return strings.Replace(text, "  url_file: ", "  url: postgres://app:canary@127.0.0.1/c\n  # ", 1)
	}
	for name, c := range map[string]struct {
		change func(string) string
		glob   string
		mode   os.FileMode
		key    string
	}{
		"configuration with secrets": {inline, "gateway.yaml", 0o644, "gateway.yaml"},
		"secret":                     {nil, "secrets/store-secret-key", 0o644, "store.secret_key_file"},
		"keyset":                     {nil, "keysets/*.json", 0o640, "keys.keysets"},
		"log key":                    {nil, "log.key", 0o640, "keys.log_key"},
	} {
		path := goodConfig(t, c.change)
		files, err := filepath.Glob(filepath.Join(filepath.Dir(path), c.glob))
		if err != nil || len(files) == 0 {
			t.Fatal(name, err)
		}
		if err := os.Chmod(files[0], c.mode); err != nil {
			t.Fatal(err)
		}
		code, out, _ := ran(t, nil, "config", "check", "--config", path)
		if code != 1 || !strings.Contains(out, c.key+": ") || !strings.Contains(out, fmt.Sprintf("%04o", c.mode)) ||
			!strings.Contains(out, "cure: chmod 6") {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
	if code, out, _ := ran(t, nil, "config", "check", "--config", goodConfig(t, inline)); code != 0 {
		t.Errorf("with mode 0600: exit %d\n%s", code, out)
	}
	path := goodConfig(t, nil)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := ran(t, nil, "config", "check", "--config", path); code != 0 {
		t.Errorf("secrets in files of their own, the configuration readable: exit %d\n%s", code, out)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	path := goodConfig(t, nil)
	other := filepath.Join(t.TempDir(), "url")
	write(t, other, "postgres://other@127.0.0.1/c\r\n")
	cfg, found := load(path, []string{"PATH=/bin", "CHANCERY_LISTEN=127.0.0.1:9", "CHANCERY_DATABASE_URL_FILE=" + other,
		"CHANCERY_STORE_SECURE=false", "CHANCERY_LIMITS_MAX_UPLOAD=64 MiB", "CHANCERY_LOG_LEVEL=debug",
		"CHANCERY_TOKEN=x", "CHANCERY_SERVER=http://127.0.0.1", "CHANCERY_PORT_8080_TCP_ADDR=10.0.0.1"})
	if len(found) > 0 {
		t.Fatal(found)
	}
	if cfg.Listen != "127.0.0.1:9" || cfg.Database.URL.reveal() != "postgres://other@127.0.0.1/c" || cfg.Store.Secure ||
		cfg.Limits.MaxUpload != 64<<20 || cfg.Log.Level != slog.LevelDebug {
		t.Errorf("read as %+v, %s", cfg, cfg.Database.URL.reveal())
	}
}

func TestWithoutAFileTheEnvironmentIsAll(t *testing.T) {
	cfg, found := load("", []string{"CHANCERY_PUBLIC_URL=https://x.example.int"})
	if len(found) > 0 || cfg.PublicURL != "https://x.example.int" || cfg.AdminListen != "127.0.0.1:8081" ||
		cfg.Limits.MaxUpload != 2<<30 || !cfg.Store.Secure {
		t.Errorf("read as %+v, %v", cfg, found)
	}
}

func TestSecretsPrintAsRedacted(t *testing.T) {
	cfg := config{Database: databaseConfig{URL: "postgres://canary"}, Store: storeConfig{SecretKey: "canary"}}
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "secret", cfg.Store.SecretKey, "all", cfg)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", cfg.Store.SecretKey, "all", cfg)
	said := []string{fmt.Sprint(cfg),
		fmt.Sprintf("%v %+v %#v %s %q %x", cfg, cfg, cfg, cfg.Store.SecretKey, cfg.Store.SecretKey,
			cfg.Store.SecretKey), string(asJSON), logged.String()}
	for _, text := range said {
		if strings.Contains(text, "canary") || strings.Contains(text, "63616e617279") ||
			!strings.Contains(text, redacted) {
			t.Error(text)
		}
	}
}

func TestCommandsEndWithTheirExitCode(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--help"}, 0, ""},
		{[]string{"version"}, 0, ""},
		{[]string{"config", "check", "--config", "/nowhere"}, 1, ""},
		{[]string{"serve", "--config", "/nowhere"}, 1, "nothing was started"},
		{[]string{"migrate"}, 1, "CHANCERY_DATABASE_OWNER_URL"},
		{[]string{"keys", "create"}, 1, "keys.keysets"},
		{[]string{"serve", "--colour"}, 2, "unknown flag"},
		{[]string{"serve", "now"}, 2, "unknown command"},
		{[]string{"sevre"}, 2, "unknown command"},
		{[]string{"config", "check", "--config"}, 2, "flag needs an argument"},
	} {
		code, _, errs := ran(t, nil, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%q: exit %d, %s", c.args, code, errs)
		}
	}
}

func TestKeysAreCreatedOnceAndForTheirOwnerAlone(t *testing.T) {
	path := goodConfig(t, nil)
	dir := filepath.Dir(path)
	read := func() map[string]string {
		content := map[string]string{}
		files, _ := filepath.Glob(filepath.Join(dir, "keysets", "*"))
		for _, name := range append(files, filepath.Join(dir, "log.key")) {
			data, err := os.ReadFile(name)
			info, statErr := os.Stat(name)
			if err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, mode %v", name, err, info.Mode())
			}
			content[name] = string(data)
		}
		return content
	}
	before := read()
	code, out, errs := ran(t, nil, "keys", "create", "--config", path)
	if code != 0 || !strings.Contains(out, "wco.example.org/wco-unoct-2022+") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for name, content := range read() {
		if before[name] != content {
			t.Errorf("%s was written again", name)
		}
		if strings.Contains(out, strings.TrimSpace(content)) {
			t.Error("a key is printed")
		}
	}
	if len(before) != 6 {
		t.Errorf("%d keys", len(before))
	}
	if !slices.ContainsFunc(strings.Fields(out),
		func(word string) bool { return strings.HasPrefix(word, "wco.example.org/wco-unoct-2022+") }) {
		t.Error("the public key is not shown")
	}
}

func TestAFaultOfTheArrangementFileIsReportedWithItsLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arrangement.yaml")
	text := strings.Replace(string(deploy.Arrangement), "    until: 2035-09-30", "    until: soon", 1)
	at := strings.Index(text, "until: soon")
	if at < 0 {
		t.Fatal("the file has no such day")
	}
	write(t, path, text)
	_, found := readArrangement(path)
	want := finding{
		Key:     "arrangement: parties[0].delegations[0].until",
		Problem: "a day as YYYY-MM-DD is wanted, without quotes",
		Cure:    fmt.Sprintf("correct line %d of %s", 1+strings.Count(text[:at], "\n"), path),
	}
	if len(found) != 1 || found[0] != want {
		t.Errorf("%+v, want %+v", found, want)
	}
}

// Whoever is believed about addresses may be anybody's neighbour: a network of public addresses beyond a site's is told
// to both Parties, also where several make up the whole.
func TestAWideNetworkOfProxiesIsAWeakening(t *testing.T) {
	for network, weak := range map[string]bool{"0.0.0.0/1": true, "128.0.0.0/1": true, "8.0.0.0/7": true,
		"203.0.113.0/23": true, "172.0.0.0/8": true, "2000::/3": true, "2001:db8::/48": true,
		"203.0.113.0/24": false, "203.0.113.7": false, "10.0.0.0/8": false, "192.168.0.0/16": false,
		"fd00::/8": false, "2001:db8::/64": false, "127.0.0.1": false} {
		found := checkProxies(config{TrustedProxies: []string{network}})
		if weak != (len(found) == 1 && found[0].Weakening && found[0].Key == "trusted_proxies[0]") ||
			!weak && len(found) > 0 {
			t.Errorf("%s: %+v", network, found)
		}
	}
}
