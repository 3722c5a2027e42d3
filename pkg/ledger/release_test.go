package ledger_test

import (
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

// freelyDeposited tells the deposit of a non-confidential document, and names its entry.
func (s *story) freelyDeposited() string {
	return s.tell(both, map[string]string{"entities": "none"}, ledger.Body{Kind: ledger.KindDeposit,
		Document: "doc_free", Terms: &ledger.Terms{Discloser: wco, Recipient: unoct, Marking: "non-confidential",
			Purposes: []string{"art2.e"}, DocumentVersion: "ver_free", VersionCommitment: "c9"}})
}

// released tells a Release of a non-confidential document, and names its entry.
func (s *story) released() string { return s.releasedOf(s.freelyDeposited()) }

func (s *story) releasedOf(deposit string) string {
	return s.tell(both, nil, ledger.Body{Kind: ledger.KindRelease, Organisation: unoct, Document: "doc_free",
		Terms: &ledger.Terms{Discloser: wco, Recipient: piu, Marking: "non-confidential", Subject: "rel_1",
			Relies: []string{deposit}}})
}

// amends tells what the document may be used for from now on.
func (s *story) amends(deposit string, purposes ...string) int {
	s.tell(both, nil, ledger.Body{Kind: ledger.KindAmendment, Organisation: wco, Document: "doc_free",
		Terms: &ledger.Terms{Discloser: wco, Recipient: unoct, Marking: "non-confidential", Purposes: purposes,
			Relies: []string{deposit}}})
	return s.last()
}

// Articles 4(2) and 4(7): a purpose that was taken off serves nobody, and no Release for it stands when it is stated
// again.
func TestArticle4_7NothingLeavesForAPurposeThatWasTakenOff(t *testing.T) {
	convicted(t, map[string]lie{
		"a disclosure for it": {ledger.CheckAuthority, "may not be used for", func(s *story) int {
			deposit := s.freelyDeposited()
			s.releasedOf(deposit)
			s.amends(deposit, "art2.b")
			return s.readsFree()
		}},
		"on a Release of before": {ledger.CheckAuthority, "no release to", func(s *story) int {
			deposit := s.freelyDeposited()
			s.releasedOf(deposit)
			s.amends(deposit, "art2.b")
			s.amends(deposit, "art2.b", "art2.e")
			return s.readsFree()
		}},
	})
}

func (s *story) endsRelease(by, subject string, relies ...string) int {
	s.tell(both, nil, ledger.Body{Kind: ledger.KindReleaseEnded, Organisation: by, Document: "doc_free",
		Terms: &ledger.Terms{Discloser: wco, Recipient: piu, Subject: subject, Relies: relies}})
	return s.last()
}

// readsFree is a disclosure of the released document to the third party.
func (s *story) readsFree() int {
	b := s.permit(piu, "per_analyst", "")
	b.Document, b.Request = "doc_free", ""
	b.Disclosure.Version, b.Disclosure.Commitment, b.Disclosure.Marking = "ver_free", "c9", "non-confidential"
	s.tell(both, nil, b)
	return s.last()
}

// Article 4(2): what leaves to a third party without a consent rests on a Release that nobody has ended.
func TestArticle4_2_NothingLeavesOnAReleaseThatWasEnded(t *testing.T) {
	s := newStory(t)
	rel := s.released()
	s.readsFree()
	s.endsRelease(wco, "rel_1", rel)
	good(t, s.verify(s.bundle(wco)))
	convicted(t, map[string]lie{
		"a disclosure after its end": {ledger.CheckAuthority, "no release to", func(s *story) int {
			s.endsRelease(unoct, "rel_1", s.released())
			return s.readsFree()
		}},
		"an end of none": {ledger.CheckDocuments, "no release \"rel_2\" stands", func(s *story) int {
			return s.endsRelease(wco, "rel_2", s.released())
		}},
		"an end that names no release": {ledger.CheckGrammar, "it rests on a release that stands nowhere",
			func(s *story) int {
				s.released()
				return s.endsRelease(wco, "rel_1", digest("nothing"))
			}},
	})
}

// It ends by whoever made it or by the Discloser: the Recipient cannot end what the Discloser released.
func TestArticle4_2_AReleaseIsEndedByItsMakerOrTheDiscloser(t *testing.T) {
	convicted(t, map[string]lie{
		"by the other Party": {ledger.CheckDocuments, "neither released the document nor disclosed it",
			func(s *story) int {
				s.tell(both, map[string]string{"entities": "none"}, ledger.Body{Kind: ledger.KindDeposit,
					Document: "doc_free", Terms: &ledger.Terms{Discloser: wco, Recipient: unoct,
						Marking: "non-confidential", Purposes: []string{"art2.e"}, DocumentVersion: "ver_free",
						VersionCommitment: "c9"}})
				deposit := ledger.BodyHash(s.entries[len(s.entries)-1].raw).String()
				rel := s.tell(both, nil, ledger.Body{Kind: ledger.KindRelease, Organisation: wco, Document: "doc_free",
					Terms: &ledger.Terms{Discloser: wco, Recipient: piu, Marking: "non-confidential", Subject: "rel_1",
						Relies: []string{deposit}}})
				return s.endsRelease(unoct, "rel_1", rel)
			}},
	})
}

// Article 4(3): personal data that is protected leaves to a third party on a consent that names the basis of the
// transfer.
func TestArticle4_3_AConsentForPersonalDataNamesTheBasisOfTheTransfer(t *testing.T) {
	abroad := func(s *story, basis string) int {
		s.configure(s.configured())
		var c chapter
		c.deposit = s.tell(both, map[string]string{"title": "Indicators", "entities": "none"},
			ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Actor: "per_staff", Document: "doc_1",
				Terms: &ledger.Terms{
					Discloser:         wco,
					Recipient:         unoct,
					Marking:           "confidential",
					PersonalData:      true,
					RetainUntil:       s.at.AddDate(1, 0, 0),
					DocumentVersion:   "ver_1",
					VersionCommitment: "c1",
					Purposes:          []string{"art2.e"},
				}})
		s.basis = basis
		s.abroad(&c)
		b := s.permit(piu, "per_analyst", c.ask)
		b.Disclosure.Consent, b.Disclosure.Agreement, b.Disclosure.PersonalData = c.consent, c.signature, true
		s.tell(both, nil, b)
		return s.last()
	}
	s := newStory(t)
	abroad(s, "Article 49(1)(d)")
	good(t, s.verify(s.bundle(wco)))
	convicted(t, map[string]lie{
		"a disclosure on one that names none": {ledger.CheckAuthority, "names no basis for the transfer",
			func(s *story) int { return abroad(s, "") }},
	})
}
