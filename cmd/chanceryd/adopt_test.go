package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// beside copies the site's configuration for another replica, with these changes to it and to its Arrangement file.
func (s *site) beside(t *testing.T, name string, changes ...string) *site {
	t.Helper()
	other := *s
	other.base, other.admin = "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	arrangement := filepath.Join(s.dir, name+"-arrangement.yaml")
	change := strings.NewReplacer(append([]string{s.base, other.base, s.admin, other.admin,
		filepath.Join(s.dir, "wco-unoct-2022.yaml"), arrangement}, changes...)...)
	for from, to := range map[string]string{s.config: filepath.Join(s.dir, name+".yaml"),
		filepath.Join(s.dir, "wco-unoct-2022.yaml"): arrangement} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, change.Replace(string(text)))
	}
	other.config = filepath.Join(s.dir, name+".yaml")
	return &other
}

// recorded is how many entries there are, and what is in force.
func (s *site) recorded(t *testing.T) (said string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM log_entry) || a::text FROM arrangement a").
		Scan(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

// Each replica reads files of its own. One that was forgotten brings back nobody whose Delegation was taken out of
// them, and a word that was left in a script is good once.
func TestAReplicaWithOtherFilesThanThoseInForceIsRefused(t *testing.T) {
	s, _, _ := standing(t)
	yesterday := s.beside(t, "yesterday")
	public := "public_url: http://" + yesterday.base
	defer s.serving(t)()
	same := s.beside(t, "same", public, "public_url: http://"+s.base)
	same.serving(t)()

	newer := s.beside(t, "newer", "  - short: unoct\n", "  - short: unoct # named anew\n")
	before := s.recorded(t)
	newer.refuses(t, "chanceryd: arrangement: ")
	newer.refuses(t, "config adopt --replaces ent_")
	s.beside(t, "roles", "chancery-staff: staff", "chancery-people: staff").refuses(t, "chanceryd: issuers: ")
	s.beside(t, "weaker", "plain_jwt: false", "plain_jwt: true").refuses(t, "weakenings: they differ")
	if code, out, _ := ran(t, nil, "config", "check", "--online", "--config", newer.config); code != 1 ||
		!strings.Contains(out, "problem    arrangement: ") {
		t.Errorf("the preflight: exit %d\n%s", code, out)
	}
	code, _, errs := ran(t, nil, "config", "adopt", "--config", newer.config, "--replaces", "ent_of_another_day")
	if code != 1 {
		t.Errorf("adopted in the place of what is not in force: exit %d", code)
	}
	if s.recorded(t) != before {
		t.Error("a refusal altered something")
	}

	entry := regexp.MustCompile(`--replaces (ent_\w+)`).FindStringSubmatch(errs)
	if entry == nil {
		t.Fatalf("the entry in force is not named:\n%s", errs)
	}
	adopt := []string{"config", "adopt", "--replaces", entry[1], "--config"}
	if code, out, errs := ran(t, nil, append(adopt, newer.config)...); code != 0 || out != "in force\n" {
		t.Fatalf("adopt: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := ran(t, nil, append(adopt, newer.config)...); code != 0 { // nothing is left to do
		t.Errorf("adopt again: exit %d\n%s%s", code, out, errs)
	}
	newer.serving(t)()
	yesterday.refuses(t, "chanceryd: arrangement: ")
	if code, _, errs := ran(t, nil, append(adopt, yesterday.config)...); code != 1 ||
		strings.Contains(errs, "--replaces "+entry[1]) {
		t.Errorf("yesterday's file with yesterday's word: exit %d\n%s", code, errs)
	}
}
