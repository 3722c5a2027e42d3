package article4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"
)

// Recorded are rules as the log carries them, those of another build perhaps: they decide again, and explain nothing.
type Recorded struct {
	byAct  map[Act]*actRules
	digest string
}

const (
	// maxRecorded bounds a text of rules, in bytes; deepest, the brackets in it: whoever made it may be hostile.
	maxRecorded = 1 << 20
	deepest     = 100
)

// ReadRules compiles the rules in a text as Text gives it. Only its digest tells whose rules they are.
func ReadRules(text string) (*Recorded, error) {
	sum := sha256.Sum256([]byte(text))
	r := &Recorded{byAct: map[Act]*actRules{}, digest: "sha256:" + hex.EncodeToString(sum[:])}
	policies, err := policiesIn(text)
	if err != nil {
		return nil, fmt.Errorf("rules %s: %w", r.digest, err)
	}
	byID := map[cedar.PolicyID]Rule{}
	for _, p := range policies {
		id, code := cedar.PolicyID(p.Annotations()["id"]), Code(p.Annotations()["code"])
		acts, err := actsOf(p)
		if err != nil {
			return nil, fmt.Errorf("rules %s: %q: %w", r.digest, id, err)
		}
		compiled, err := onWordsAlone(p)
		if _, again := byID[id]; again || err != nil || (p.Effect() == cedar.Forbid) != (code != "") {
			return nil, fmt.Errorf("rules %s: %q is used twice, looks at more than words, or has no code", r.digest, id)
		}
		byID[id] = Rule{ID: string(id), Code: code}
		for _, act := range acts {
			if r.byAct[act] == nil {
				r.byAct[act] = &actRules{act: act, byID: byID}
			}
			r.byAct[act].policies = append(r.byAct[act].policies, policy{id, compiled})
		}
	}
	return r, nil
}

// policiesIn finds rules.cedar in a text, its first part, and parses it.
func policiesIn(text string) (cedar.PolicyList, error) {
	head, rest, _ := strings.Cut(text, "\n")
	size, found := strings.CutSuffix(strings.TrimPrefix(head, "== rules.cedar, "), " bytes")
	n, err := strconv.Atoi(size)
	if !found || err != nil || n < 0 || n > len(rest) || len(text) > maxRecorded {
		return nil, errors.New("no text of rules, or one of more than a MiB")
	}
	depth := 0
	for _, c := range rest[:n] {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		}
		if depth > deepest {
			return nil, fmt.Errorf("more than %d brackets deep", deepest)
		}
	}
	return cedar.NewPolicyListFromBytes("rules.cedar", []byte(rest[:n]))
}

// Digest names the rules, as an entry of the log names those that it was decided under.
func (r *Recorded) Digest() string { return r.digest }

// Again asks the rules what they were asked once (Asked.String): the act, whether it is permitted, and if not, the code
// of every reason, in no order. An error means that the text is none that a decision leaves.
func (r *Recorded) Again(asked string) (act Act, permit bool, codes map[Code]bool, err error) {
	a, err := readAsked(asked)
	if err != nil {
		return "", false, nil, err
	}
	codes = map[Code]bool{}
	rules := r.byAct[a.act]
	if rules == nil || len(a.words) == 0 {
		codes[heldInConfidence] = true
		return a.act, false, codes, nil
	}
	said := rules.answerTo(&wordList{said: a.words})
	for _, rule := range said.applied {
		codes[rule.Code] = true
	}
	if !said.permit && (said.erred || len(said.applied) == 0) {
		codes[heldInConfidence] = true
	}
	return a.act, said.permit, codes, nil
}
