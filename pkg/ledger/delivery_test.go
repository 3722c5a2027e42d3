package ledger_test

import (
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// What is given unasked is the Discloser's to give, to people of the Recipient; a log that says else was forged.
func TestADeliveryIsOfTheDiscloserToPeopleOfTheRecipient(t *testing.T) {
	for _, c := range []struct {
		by, to string
		people []string
		wrong  bool
	}{
		{wco, unoct, []string{"per_reader"}, false},
		{wco, unoct, nil, true},
		{unoct, unoct, []string{"per_reader"}, true},
		{wco, piu, []string{"per_analyst"}, true},
	} {
		s := newStory(t)
		deposit := s.deposit("none")
		terms := s.terms(c.to, deposit)
		terms.Delivery, terms.People = true, c.people
		s.tell(both, map[string]string{"statement": "As you will need it"}, ledger.Body{
			Kind:         ledger.KindRequest,
			Organisation: c.by,
			Actor:        "per_focal",
			Document:     "doc_1",
			Request:      "req_1",
			Terms:        terms,
		})
		r := s.verify(s.bundle(wco))
		if c.wrong {
			wrong(t, r, ledger.CheckAuthority, "given unasked", 2)
		} else {
			good(t, r)
		}
	}
}
