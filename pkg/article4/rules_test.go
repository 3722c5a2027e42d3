package article4_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"chancery.example/gateway/pkg/article4"
)

func load(t testing.TB) *article4.Rules {
	t.Helper()
	rules, err := article4.Load()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func validator(t testing.TB) *validate.Validator {
	t.Helper()
	var s schema.Schema
	if err := s.UnmarshalCedar([]byte(article4.SchemaText())); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return validate.New(resolved, validate.WithStrict())
}

func TestEveryRuleIsValidUnderTheSchema(t *testing.T) {
	policies, err := cedar.NewPolicyListFromBytes("rules.cedar", []byte(article4.RuleText()))
	if err != nil {
		t.Fatal(err)
	}
	v := validator(t)
	for _, p := range policies {
		id := string(p.Annotations()["id"])
		if err := v.Policy(id, (*ast.Policy)(p.AST())); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestRulesAreEvaluatedInTheOrderOfTheParagraphs(t *testing.T) {
	if got := article4.FirstRule(load(t), article4.ActDisclose); got != "non-confidential-purpose-stated" {
		t.Errorf("first %q", got)
	}
	last := -1
	for _, rule := range load(t).All() {
		entry, _ := article4.Lookup(rule.Code)
		at := slices.Index([]string{"4(2)", "4(3)", "4(4)", "4(5)", "4(6)", "4(7)", "4(8)", "4(9)", "5(3)", "11(1)",
			"11(4)", "gateway"}, entry.Paragraph)
		if at < last {
			t.Errorf("%s stands too late", rule.ID)
		}
		last = at
	}
}

// An auditor hashes the text that a bundle carries and gets the digest that stands in the entries.
func TestTheDigestIsThatOfTheTextHandedOut(t *testing.T) {
	rules := load(t)
	sum := sha256.Sum256([]byte(rules.Text()))
	if want := "sha256:" + hex.EncodeToString(sum[:]); rules.Digest() != want {
		t.Errorf("%s; want %s", rules.Digest(), want)
	}
	for _, part := range []string{article4.RuleText(), article4.SchemaText(), article4.Paragraphs()[7].Text,
		"art4.8/no-written-consent"} {
		if !strings.Contains(rules.Text(), part) {
			t.Errorf("the text lacks %.60q", part)
		}
	}
}
