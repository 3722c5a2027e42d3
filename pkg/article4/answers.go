package article4

import (
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// How many answers the rules of one act keep, and the longest list of words, in bytes, that they are kept for.
const (
	answersKept = 512
	wordsKept   = 2048
)

// answer is what the rules of one act say of one list of words. Whom they are about stands in no word: who can supply
// what is missing, the grant and the forms are found anew for each situation. Nobody writes to an answer once made.
type answer struct {
	permit  bool   // a permit applies, no forbid does, and no rule erred
	erred   bool   // some rule erred
	applied []Rule // the obligations that apply, in the order of the file

	once sync.Once
	text string // what was asked, as the log keeps it; written when it is first wanted
}

// actRules are the rules of one act, and the answers that they gave to lists of words. An answer is kept under the
// whole list that it was computed from, and depends on nothing else (decision 0116).
type actRules struct {
	act      Act
	policies policyList
	byID     map[cedar.PolicyID]Rule

	mu   sync.RWMutex
	kept map[string]*answer
}

// answerTo asks the rules, or repeats what they said to the same words.
func (a *actRules) answerTo(words *wordList) *answer {
	a.mu.RLock()
	known := a.kept[string(words.said)]
	a.mu.RUnlock()
	if known != nil {
		return known
	}
	fresh := a.ask(words.said)
	a.keep(string(words.said), fresh)
	return fresh
}

// ask evaluates every rule of the act. Cedar is told the act and the words alone: there is no principal, no resource
// and no entity on which an answer could depend.
func (a *actRules) ask(said []byte) *answer {
	request := cedar.Request{
		Action:  types.NewEntityUID("Action", types.String(a.act)),
		Context: types.NewRecord(recordOf(said)),
	}
	decision, diagnostic := cedar.Authorize(a.policies, types.EntityMap{}, request)
	fresh := &answer{erred: len(diagnostic.Errors) > 0}
	fresh.permit = decision == cedar.Allow && !fresh.erred
	for _, reason := range diagnostic.Reasons { // a permit stands here only where no forbid does, and has no code
		if rule := a.byID[reason.PolicyID]; rule.Code != "" {
			fresh.applied = append(fresh.applied, rule)
		}
	}
	return fresh
}

// keep begins anew when there are too many; what is asked often is soon there again.
func (a *actRules) keep(words string, fresh *answer) {
	if len(words) > wordsKept {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil || len(a.kept) >= answersKept {
		a.kept = map[string]*answer{}
	}
	a.kept[words] = fresh
}
