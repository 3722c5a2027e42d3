package article4_test

import (
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
