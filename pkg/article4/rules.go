package article4

import (
	"crypto/sha256"
	_ "embed" // the rules are part of the program
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	cedarast "github.com/cedar-policy/cedar-go/ast"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

//go:embed rules.cedar
var ruleText string

//go:embed rules.cedarschema
var schemaText string

// Rule is one obligation as rules.cedar states it.
type Rule struct {
	ID        string
	Paragraph string // "4(8)"; "gateway" where it serves no single paragraph
	Basis     string // "text", "reading 0001" …, "safeguard"
	Code      Code
	From      string // who can supply what is missing, as rules.cedar explains
	Does      string // what the gateway does, one sentence
	Acts      []Act
	Line      int // in rules.cedar
}

// Rules are the obligations, compiled. They are safe for concurrent use; what they keep is said at actRules.
type Rules struct {
	all    []Rule
	byID   map[cedar.PolicyID]Rule
	byAct  map[Act]*actRules
	text   string
	digest string
}

// policyList evaluates in the order of the file.
type policyList []policy

type policy struct {
	id     cedar.PolicyID
	policy *cedar.Policy
}

// All implements cedar.PolicyIterator.
func (l policyList) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, p := range l {
			if !yield(p.id, p.policy) {
				return
			}
		}
	}
}

// Load compiles the rules that are part of the program. An error names the rule that is at fault.
func Load() (*Rules, error) { return load(ruleText) }

func load(text string) (*Rules, error) {
	policies, err := cedar.NewPolicyListFromBytes("rules.cedar", []byte(text))
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	r := &Rules{byID: map[cedar.PolicyID]Rule{}, byAct: map[Act]*actRules{}, text: wholeText(text)}
	sum := sha256.Sum256([]byte(r.text))
	r.digest = "sha256:" + hex.EncodeToString(sum[:])
	for _, act := range allActs() {
		r.byAct[act] = &actRules{act: act, byID: r.byID}
	}
	for _, p := range policies {
		if err := r.add(p); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// add files one policy under the acts of its scope. Every obligation is a forbid with all its annotations; a permit
// bears its id alone. A policy that speaks of every act is not loaded: no permit is wider than one act or a few that
// are alike.
func (r *Rules) add(p *cedar.Policy) error {
	notes := p.Annotations()
	id := cedar.PolicyID(notes["id"])
	if _, again := r.byID[id]; id == "" || again {
		return fmt.Errorf("rules: line %d: id %q is empty or used twice", p.Position().Line, id)
	}
	acts, err := actsOf(p)
	if err != nil {
		return fmt.Errorf("rules: %s: %w", id, err)
	}
	for _, act := range acts {
		if !act.Valid() {
			return fmt.Errorf("rules: %s: act %q is not known", id, act)
		}
	}
	compiled, err := onWordsAlone(p)
	if err != nil {
		return fmt.Errorf("rules: %s: %w", id, err)
	}
	for _, act := range acts {
		r.byAct[act].policies = append(r.byAct[act].policies, policy{id, compiled})
	}
	rule := Rule{
		ID:        string(id),
		Paragraph: string(notes["paragraph"]),
		Basis:     string(notes["basis"]),
		Code:      Code(notes["code"]),
		From:      string(notes["from"]),
		Does:      string(notes["does"]),
		Acts:      acts,
		Line:      p.Position().Line,
	}
	r.byID[id] = rule
	if p.Effect() == cedar.Permit {
		return nil
	}
	entry, known := Lookup(rule.Code)
	if !known || entry.Paragraph != rule.Paragraph || entry.Basis != rule.Basis ||
		!slices.Contains(froms(), rule.From) || rule.Does == "" {
		return fmt.Errorf("rules: %s: an annotation is missing or differs from the table of reasons (code %q)", id,
			rule.Code)
	}
	r.all = append(r.all, rule)
	return nil
}

// onWordsAlone drops the act from a policy's scope: it is filed under its acts, and asking again for each costs
// a sixth of a decision. A policy that names the principal or the resource anywhere but in an empty scope is refused,
// in a word or a text too: the answer to a list of words must follow from the words.
func onWordsAlone(p *cedar.Policy) (*cedar.Policy, error) {
	tree := *(*ast.Policy)(p.AST())
	tree.Action, tree.Annotations = ast.ScopeTypeAll{}, nil
	compiled := cedar.NewPolicyFromAST((*cedarast.Policy)(&tree))
	text := string(compiled.MarshalCedar())
	_, anyPrincipal := tree.Principal.(ast.ScopeTypeAll)
	_, anyResource := tree.Resource.(ast.ScopeTypeAll)
	if !anyPrincipal || !anyResource || strings.Count(text, "principal") != 1 || strings.Count(text, "resource") != 1 {
		return nil, fmt.Errorf("it names the principal or the resource; rules look at the words of the context alone")
	}
	return compiled, nil
}

// actsOf reads the acts out of a policy's scope.
func actsOf(p *cedar.Policy) ([]Act, error) {
	var acts []Act
	switch scope := (*ast.Policy)(p.AST()).Action.(type) {
	case ast.ScopeTypeEq:
		acts = []Act{Act(scope.Entity.ID)}
	case ast.ScopeTypeInSet:
		for _, entity := range scope.Entities {
			acts = append(acts, Act(entity.ID))
		}
	}
	if len(acts) == 0 {
		return nil, fmt.Errorf("its scope names no act")
	}
	return acts, nil
}

// froms are the words for who can supply what is missing; situation.suppliers resolves them.
func froms() []string {
	return []string{"discloser", "reader", "beneficiary", "focal-points", "entities", "sources", "proposers",
		"nobody"}
}

func allActs() []Act {
	return []Act{
		ActDeposit, ActDescribe, ActRequest, ActAuthorize, ActConsent, ActRefuse, ActAdmit, ActWithdraw, ActPropose,
		ActSign, ActDecline, ActDisclose,
		ActAsk, ActAnswer, ActFile, ActRelease, ActEndRelease, ActMark, ActAmend, ActAddEntity, ActRemoveEntity,
		ActNotConcerned,
		ActAuthorizeLowering, ActRefuseLowering, ActWithdrawLowering, ActCorrect,
		ActAcknowledge, ActRecall, ActDestroy,
		ActSuspend, ActLift, ActHold, ActEndHold, ActErase, ActDesignate, ActDelegate, ActRecognise, ActMandate,
		ActGiveNotice, ActKeepOffice, ActEndSessions, ActKeepWebhook, ActDepositInstrument, ActOpenSeries,
		ActAuthorizeSeries, ActWithdrawSeries,
		ActExplain, ActAccount, ActTrace, ActReportLeak, ActReadLog,
	}
}

// All lists the obligations in the order of the paragraphs.
func (r *Rules) All() []Rule { return slices.Clone(r.all) }

// Text is what the digest is of, as bundles of the log carry it: the rules, their vocabulary, the paragraphs and the
// table of reasons, each behind a line that names it and counts its bytes.
func (r *Rules) Text() string { return r.text }

// Digest names the rules in force: "sha256:" and the hexadecimal SHA-256 of Text. How facts are flattened is named by
// the build, not by this digest.
func (r *Rules) Digest() string { return r.digest }

func wholeText(rules string) string {
	var reasons strings.Builder
	for _, entry := range table {
		fmt.Fprintf(&reasons, "%q\n", fmt.Sprint(entry))
	}
	var out strings.Builder
	for _, part := range []struct{ name, text string }{
		{"rules.cedar", rules}, {"rules.cedarschema", schemaText}, {"article-4.txt", articleText},
		{"reasons", reasons.String()},
	} {
		fmt.Fprintf(&out, "== %s, %d bytes\n%s", part.name, len(part.text), part.text)
	}
	return out.String()
}
