package ledger_test

import (
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// puts tells that a Party put a text to the third party, and names its entry.
func (s *story) puts(by, agreement, text string) string {
	return s.tell(both, nil, ledger.Body{Kind: ledger.KindAgreement, Organisation: by,
		Terms: &ledger.Terms{Recipient: piu, Agreement: agreement, AgreementText: digest(text)}})
}

// answers tells that a third party signed a text, or declined it.
func (s *story) answers(kind ledger.Kind, by, agreement, text, relies string) int {
	s.tell(both, nil, ledger.Body{Kind: kind, Organisation: by, Terms: &ledger.Terms{Recipient: by,
		Agreement: agreement, AgreementText: digest(text), Relies: []string{relies}}})
	return s.last()
}

// Article 4(8), decision 0380: a text that was declined is not signed, nor the other way round; who declines is the
// third party that it was put to, with a Mandate; and an earlier signature does not take its place.
func TestArticle4_8ADeclinedTextIsNoneThatWasSigned(t *testing.T) {
	const declined, signed = ledger.KindAgreementDeclined, ledger.KindSignature
	convicted(t, map[string]lie{
		"it is signed afterwards": {ledger.CheckAuthority, "declined that text at index", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.answers(declined, piu, "agr_2", "we keep it", put)
				s.answers(signed, piu, "agr_2", "we keep it", put)
			})},
		"it was signed before": {ledger.CheckAuthority, "signed that text at index", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.answers(signed, piu, "agr_2", "we keep it", put)
				s.answers(declined, piu, "agr_2", "we keep it", put)
			})},
		"it is declined twice": {ledger.CheckGrammar, "a second agreement-declined", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.answers(declined, piu, "agr_2", "we keep it", put)
				s.answers(declined, piu, "agr_2", "we keep it", put)
			})},
		"another third party declines it": {ledger.CheckGrammar, "it rests on a agreement that stands nowhere", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.answers(declined, "org_customs", "agr_2", "we keep it", put)
			})},
		"by the entry of another text": {ledger.CheckGrammar, "it rests on a agreement that stands nowhere", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.puts(wco, "agr_3", "we keep it longer")
				s.answers(declined, piu, "agr_3", "we keep it longer", put)
			})},
		"a Party declines it": {ledger.CheckGrammar, "\"org_unoct\" may not write it", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.tell(both, nil, ledger.Body{Kind: declined, Organisation: unoct, Terms: &ledger.Terms{Recipient: piu,
					Agreement: "agr_2", AgreementText: digest("we keep it"), Relies: []string{put}}})
			})},
		"under no Mandate": {ledger.CheckAuthority, "no Mandate that stands earlier", forged(
			func(s *story, _ *chapter) {
				put := s.puts(wco, "agr_2", "we keep it")
				s.tell(both, nil, ledger.Body{Kind: declined, Organisation: piu, Terms: &ledger.Terms{Recipient: piu,
					Agreement: "agr_2", AgreementText: digest("we keep it"), Relies: []string{put},
					Delegation: digest("made up")}})
			})},
		"disclosed on the signature under an earlier one": {ledger.CheckAuthority, "declined the last text of org_wco",
			forged(func(s *story, c *chapter) {
				s.abroad(c)
				s.answers(declined, piu, "agr_2", "we keep it", s.puts(wco, "agr_2", "we keep it"))
				s.readAbroad(c)
			})},
		"and the last of the other Party was declined": {ledger.CheckAuthority, "declined the last text of org_unoct",
			forged(func(s *story, c *chapter) {
				s.abroad(c)
				s.answers(declined, piu, "agr_2", "we keep it", s.puts(unoct, "agr_2", "we keep it"))
				s.readAbroad(c)
			})},
	})
}

// What was put for a document is signed or declined without naming it; another text may be put, and the same once more;
// and what the Discloser's consent says of an earlier signature holds.
func TestArticle4_8AnotherTextIsPutAfterOneThatWasDeclined(t *testing.T) {
	const declined, signed = ledger.KindAgreementDeclined, ledger.KindSignature
	s := newStory(t)
	c := s.between()
	put := s.tell(both, nil, ledger.Body{Kind: ledger.KindAgreement, Organisation: wco, Document: "doc_1",
		Terms: &ledger.Terms{Recipient: piu, Agreement: "agr_0", AgreementText: digest("we keep it")}})
	s.answers(declined, piu, "agr_0", "we keep it", put)
	s.abroad(&c)
	s.readAbroad(&c)
	s.answers(declined, piu, "agr_2", "we keep it", s.puts(wco, "agr_2", "we keep it"))
	s.answers(signed, piu, "agr_3", "we keep it", s.puts(wco, "agr_3", "we keep it"))
	s.readAbroad(&c)
	good(t, s.verify(s.bundle(wco)))

	serves := newStory(t)
	c = serves.between()
	serves.abroad(&c)
	serves.answers(declined, piu, "agr_2", "we keep it", serves.puts(wco, "agr_2", "we keep it"))
	b, private := serves.consenting(c.ask)
	b.Terms.EarlierServes = true
	c.consent = serves.tell(both, private, b)
	serves.readAbroad(&c)
	good(t, serves.verify(serves.bundle(wco)))
}
