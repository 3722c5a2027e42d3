package ledger_test

import (
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// states is an entry by which somebody marks a non-confidential document, by the name of its deposit.
func (s *story) states(deposit, by, marking string, proprietary bool) int {
	s.tell(both, nil, ledger.Body{Kind: ledger.KindMarking, Organisation: by, Document: "doc_free",
		Terms: &ledger.Terms{Discloser: wco, Recipient: unoct, Marking: marking, Proprietary: proprietary,
			Relies: []string{deposit}}})
	return s.last()
}

// Article 4(5): either Party may consider a document proprietary. The Recipient states that, and marks it no otherwise;
// what it stated the Discloser's two people take back.
func TestArticle4_5_TheRecipientStatesThatADocumentIsProprietaryAndNothingElse(t *testing.T) {
	s := newStory(t)
	s.states(s.freelyDeposited(), unoct, "non-confidential", true)
	good(t, s.verify(s.bundle(wco)))
	convicted(t, map[string]lie{
		"the Recipient protects it": {ledger.CheckAuthority, "more than to state that it is proprietary",
			func(s *story) int {
				return s.states(s.freelyDeposited(), unoct, "restricted", true)
			}},
		"the Recipient drops it": {ledger.CheckAuthority, "more than to state that it is proprietary",
			func(s *story) int {
				deposit := s.freelyDeposited()
				s.states(deposit, wco, "non-confidential", true)
				return s.states(deposit, unoct, "non-confidential", false)
			}},
		"a third party states it": {ledger.CheckGrammar, "may not write", func(s *story) int {
			return s.states(s.freelyDeposited(), piu, "non-confidential", true)
		}},
	})
}
