package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/devstack"
)

// explain gives a token to the command.
func (s *site) explain(t *testing.T, token string, args ...string) (code int, out string) {
	t.Helper()
	var said, errs bytes.Buffer
	code = run(t.Context(), append([]string{"token", "explain", "--config", s.config}, args...),
		environment{stdin: strings.NewReader(token), stdout: &said, stderr: &errs})
	all := said.String() + errs.String()
	for _, part := range strings.Split(strings.TrimSpace(token), ".") {
		if len(part) > 20 && strings.Contains(all, part) {
			t.Errorf("the token is printed:\n%s", all)
		}
	}
	return code, all
}

// Whoever connects a provider is told whom a token names, or why it is refused, with and without the provider at hand.
func TestTheTokenDoctorSaysWhoItIsOrWhyNot(t *testing.T) {
	s := newSite(t)
	token := func(who string, options devstack.TokenOptions) string {
		token, _, err := s.issuers.Token("wco", who, options)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := token("focal.wco", devstack.TokenOptions{})
	code, out := s.explain(t, "Bearer "+good+"\n")
	for _, want := range []string{"organisation  wco World Customs Organization", `"focal.wco"`, "focal-point",
		"consent", "accepted until 20"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d, without %q:\n%s", code, want, out)
		}
	}
	keys := filepath.Join(s.dir, "jwks.json")
	write(t, keys, s.keysOf(t, "wco"))
	if code, out := s.explain(t, good[:len(good)-8]+"AAAAAAAA"); code != 1 ||
		!strings.Contains(out, "refused    signature: ") {
		t.Errorf("an altered one: exit %d\n%s", code, out)
	}
	if code, out := s.explain(t, "nonsense"); code != 1 || !strings.Contains(out, "refused    token: ") {
		t.Errorf("none at all: exit %d\n%s", code, out)
	}
	if code, _ := s.explain(t, " \n"); code != exitUsage {
		t.Errorf("nothing on standard input: exit %d", code)
	}
	if err := s.issuers.Stop(); err != nil {
		t.Fatal(err)
	}
	if code, out := s.explain(t, good); code != 1 || !strings.Contains(out, "the signature was not checked") ||
		strings.Contains(out, "accepted") {
		t.Errorf("while the provider is away: exit %d\n%s", code, out)
	}
	if code, out := s.explain(t, good, "--jwks", keys); code != 0 || !strings.Contains(out, "accepted until") {
		t.Errorf("with its keys in a file: exit %d\n%s", code, out)
	}
}
