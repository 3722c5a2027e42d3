package register_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// The records that the others point to.

var arrangement = register.Arrangement{
	Title:         "An Arrangement",
	Instrument:    digest("1"),
	Configuration: "ent_configuration",
	Configured:    digest("2"),
}

func party(id article4.OrganisationID, short string) register.Organisation {
	return register.Organisation{
		ID:       id,
		Short:    short,
		Name:     "The " + short,
		Kind:     article4.Party,
		Issuer:   "https://id.example/" + short,
		SignedOn: day,
		Record:   digest("3"),
	}
}

var thirdParty = register.Organisation{
	ID:          piu,
	Short:       "piu",
	Name:        "A passenger information unit",
	Kind:        article4.ThirdParty,
	Type:        "passenger-information-unit",
	Country:     "XX",
	Issuer:      "https://id.example/piu",
	ProposedBy:  wco,
	ConfirmedBy: unoct,
	Record:      digest("4"),
	Entry:       "ent_recognition",
	Keyset:      wco,
}

var specific = register.SpecificArrangement{
	ID:         "spa_one",
	Title:      "A project",
	SignedOn:   day,
	EndsOn:     day.AddDate(1, 0, 0),
	Instrument: digest("5"),
}

var purpose = register.Purpose{
	Code:      "art2.a",
	Label:     "Exchange of information",
	LabelFR:   "Transport maritime",
	Paragraph: "2(a)",
	Position:  1,
	Specific:  specific.ID,
}

func person(o article4.OrganisationID, subject string) register.Person {
	return register.Person{
		Organisation: o,
		Issuer:       "https://id.example/" + strings.TrimPrefix(string(o), "org_"),
		Subject:      subject + secret,
		Name:         secret + subject,
		Machine:      true,
	}
}

// The records themselves, in the order in which one needs the other.

func (h *fixture) document() register.Document {
	return register.Document{
		ID:                "doc_one",
		Reference:         "D-00000-000001",
		Discloser:         wco,
		Recipient:         unoct,
		Depositor:         h.ann,
		Marking:           article4.Confidential,
		Proprietary:       true,
		PersonalData:      true,
		Regime:            secret + " regime",
		LegalBasis:        secret + " basis",
		RetainUntil:       day,
		EntitiesNone:      false,
		EntitiesConfirmed: true,
		Entities:          []article4.OrganisationID{piu},
		Purposes:          []article4.PurposeCode{purpose.Code},
		Title:             secret + " title",
		Purpose:           secret + " purpose",
		Handling:          secret + " handling",
		Alias:             secret + " alias",
		ShowTitle:         true,
		Countries:         []string{"XX", "YY"},
		AsOf:              day,
		ReviewBy:          day,
		DepositedAt:       at,
		Version:           "ver_one",
		Entry:             "ent_deposit",
		EntryHash:         "hash_deposit",
	}
}

func (h *fixture) upload(id register.UploadID) register.Upload {
	return register.Upload{ID: id, Organisation: wco, Person: h.ann, Object: "object of " + string(id), OpenedAt: at}
}

func (h *fixture) version() register.Version {
	return register.Version{
		ID:            "ver_one",
		Document:      "doc_one",
		Discloser:     wco,
		Number:        1,
		Upload:        "upl_one",
		Object:        "object of upl_one",
		WrappedKey:    []byte("key"),
		Size:          7,
		SHA256:        digest("6"),
		DigestSalt:    []byte("salt"),
		Commitment:    "commitment",
		MediaType:     "text/plain",
		FileName:      secret + ".txt",
		PassengerData: true,
		CreatedAt:     at,
		Kind:          article4.Corrects,
		Explanation:   secret + " explanation",
		Entry:         "ent_correction",
		Unmarkable:    "no-pages",
		Malware:       "clean",
		Warnings:      "macros",
	}
}

func (h *fixture) instrument() register.Instrument {
	return register.Instrument{
		ID:           "ins_one",
		Organisation: wco,
		Keyset:       wco,
		Request:      "req_one",
		Person:       h.ann,
		SHA256:       article4.Digest(fmt.Sprintf("%x", sha256.Sum256([]byte(secret+" paper")))),
		MediaType:    "application/pdf",
		Size:         int64(len(secret + " paper")),
		FileName:     secret + ".pdf",
		Content:      []byte(secret + " paper"),
		DepositedAt:  at,
		ExpiresAt:    later,
		Entry:        "ent_instrument",
	}
}

func (h *fixture) arrival() register.Arrival {
	return register.Arrival{
		ID:           "stg_one",
		Organisation: wco,
		Person:       h.ann,
		Said:         secret + " said",
		Size:         10,
		Arrived:      4,
		Upload:       "upl_second",
		BegunAt:      at,
		ExpiresAt:    later,
	}
}

// arrive keeps the first four bytes of an arrival.
func (h *fixture) arrive(ctx context.Context, tx *postgres.Tx) error {
	r, whole := h.register, h.arrival()
	first, second := h.upload("upl_first"), h.upload("upl_second")
	return errors.Join(
		r.AddArrival(ctx, tx, whole),
		r.OpenUpload(ctx, tx, first),
		r.TakeTurn(ctx, tx, register.Arrival{ID: whole.ID}, first.ID, at),
		r.AddPiece(ctx, tx, whole.ID, register.Piece{Size: 4, Upload: first.ID, WrappedKey: []byte("wrapped")}, second),
		r.CountPieces(ctx, tx, whole.ID, second.ID, 4),
	)
}

func (h *fixture) request() register.Request {
	return register.Request{
		ID:          "req_one",
		Document:    "doc_one",
		Discloser:   wco,
		Version:     "ver_one",
		AskedBy:     h.bob,
		Delivery:    true,
		Carries:     "req_one", // no other stands here
		AskedByOrg:  unoct,
		Beneficiary: piu,
		Purpose:     purpose.Code,
		Statement:   secret + " statement",
		Until:       later,
		Form:        article4.Stamped,
		MadeAt:      at,
		LapsesAt:    later,
		Revision:    1,
		Entry:       "ent_request",
		EntryHash:   "hash_request",
		People:      []article4.PersonID{h.bob},
	}
}

func (h *fixture) agreement() register.Agreement {
	return register.Agreement{
		ID:            "agr_one",
		Organisation:  piu,
		ProposedBy:    h.ann,
		ProposedByOrg: wco,
		Text:          secret + " agreement",
		TextSHA:       digest("7"),
		Document:      "doc_one",
		ProposedAt:    at,
		Entry:         "ent_agreement",
		EntryHash:     "hash_agreement",
	}
}

// putAnew is the text once more, put to one for whom there is no request, and declined.
func (h *fixture) putAnew() register.Agreement {
	a := h.agreement()
	a.ID, a.Organisation, a.Anew, a.Entry = "agr_anew", unoct, "agr_one", "ent_anew"
	return a
}

func (h *fixture) decline() register.Decline {
	return register.Decline{
		Agreement: "agr_anew",
		By:        h.bob,
		At:        later,
		Reason:    secret + " reason",
		Entry:     "ent_decline",
		EntryHash: "hash_decline",
	}
}

func (h *fixture) signature() register.Signature {
	return register.Signature{
		Agreement: "agr_one",
		By:        h.bob,
		At:        later,
		Name:      secret + " name",
		Function:  secret + " function",
		Authority: secret + " authority",
		Entry:     "ent_signature",
		EntryHash: "hash_signature",
	}
}

func (h *fixture) decision() register.Decision {
	return register.Decision{
		ID:              "aut_one",
		Request:         "req_one",
		Document:        "doc_one",
		Discloser:       wco,
		Kind:            article4.Consent,
		Given:           true,
		By:              h.ann,
		Organisation:    wco,
		At:              at,
		Version:         "ver_one",
		Recipient:       piu,
		RecipientRecord: digest("4"),
		Purpose:         purpose.Code,
		Until:           later,
		Form:            article4.Stamped,
		Conditions:      secret + " conditions",
		TransferBasis:   secret + " basis of the transfer",
		ConditionsSHA:   digest("8"),
		Agreement:       "agr_one",
		EarlierServes:   true,
		Statement:       secret + " because",
		Text:            secret + " canonical text",
		TextSHA:         digest("9"),
		Delegation:      digest("a"),
		Evidence:        article4.EvidenceOIDC,
		EvidenceText:    secret + " token",
		EvidenceSHA:     digest("b"),
		EvidenceKey:     []byte("{}"),
		Signer:          "ann" + secret,
		Entry:           "ent_consent",
		EntryHash:       "hash_consent",
		Filed:           true,
		GivenBy:         secret + " giver",
		GivenOn:         day,
		Instrument:      digest("c"),
		ConfirmedBy:     h.bob,
	}
}

func (h *fixture) disclosure() register.Disclosure {
	return register.Disclosure{
		ID:           "dis_one",
		Document:     "doc_one",
		Discloser:    wco,
		Version:      "ver_one",
		Request:      "req_one",
		Person:       h.bob,
		Organisation: unoct,
		Purpose:      purpose.Code,
		Statement:    secret + " use",
		Form:         article4.Stamped,
		Conditions:   digest("8"),
		CopyNumber:   "C-00000-000001",
		Marking:      article4.Confidential,
		At:           at,
		ExpiresAt:    later,
		Entry:        "ent_disclosure",
		EntryHash:    "hash_disclosure",
	}
}

func (h *fixture) notice() register.Notice {
	return register.Notice{
		ID:          "not_one",
		Kind:        "recall",
		Document:    "doc_one",
		Owner:       wco,
		To:          unoct,
		Person:      h.bob,
		CopyNumbers: []string{"C-00000-000001", "C-00000-000002"},
		Request:     "req_one",
		Subject:     "agr_one",
		Facts:       map[string]string{"until": secret + " notice"},
		Audience:    register.ForOwner,
		Class:       register.Urgent,
		At:          at,
		Entry:       "ent_notice",
	}
}

func (h *fixture) pending() register.Pending {
	return register.Pending{
		ID:           "pen_one",
		Act:          article4.ActMark,
		Target:       "doc_one",
		Organisation: wco,
		By:           h.ann,
		At:           at,
		ExpiresAt:    later,
		Payload:      secret + " payload",
		PayloadSHA:   digest("d"),
		Entry:        "ent_first",
		EntryHash:    "hash_first",
	}
}

// fill writes one of each, in one transaction; do is what more a test does in it.
func (h *fixture) fill() {
	h.t.Helper()
	h.log()
	r := h.register
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		r.AddAttempt(tx, register.Attempt{
			Person:      h.ann,
			Operation:   "POST /documents",
			Key:         "key",
			Fingerprint: digest("e"),
			Result:      "doc_one",
			At:          at,
		}, at.Add(-time.Hour))
		return errors.Join(
			r.PutFocalPoint(ctx, tx, register.FocalPoint{
				Organisation: wco,
				Subject:      "ann" + secret,
				Name:         secret + " focal point",
				DesignatedOn: day,
				Entry:        "ent_designation",
			}),
			r.PutDelegation(ctx, tx, h.delegation()),
			r.OpenUpload(ctx, tx, h.upload("upl_one")),
			r.OpenUpload(ctx, tx, h.upload("upl_copy")),
			r.AddVersion(ctx, tx, h.version()),
			r.AddDocument(ctx, tx, h.document()),
			r.AddRequest(ctx, tx, h.request()),
			r.AddMessage(ctx, tx, wco, h.message()),
			r.Admit(ctx, tx, "req_one", h.ann, h.bob, at, "ent_admission"),
			r.AddAgreement(ctx, tx, h.agreement()),
			r.AddSignature(ctx, tx, thirdParty, h.signature()),
			r.AddAgreement(ctx, tx, h.putAnew()),
			r.AddDecline(ctx, tx, party(unoct, "unoct"), h.decline()),
			r.AddDecision(ctx, tx, h.decision()),
			r.AddWithdrawal(ctx, tx, wco, h.withdrawal()),
			r.AddRelease(ctx, tx, wco, h.release()),
			r.AddInstrument(ctx, tx, h.instrument()),
			r.AddDisclosure(tx, h.disclosure()),
			r.AddCopy(ctx, tx, h.copy()),
			r.AddNotice(ctx, tx, h.notice()),
			r.Acknowledge(ctx, tx, h.notice(), h.acknowledgement()),
			r.AddSuspension(ctx, tx, h.suspension()),
			r.AddHold(ctx, tx, h.hold()),
			r.AddWebhook(ctx, tx, register.Webhook{ID: "whk_one", Organisation: wco, ProposedBy: h.ann,
				ConfirmedBy: h.bob, Address: "https://receiver.example/" + secret, At: at, Entry: "ent_webhook"}),
			r.AddPending(ctx, tx, h.pending()),
			r.AddLowering(ctx, tx, wco, "pen_one", "doc_one", secret+" lowering"),
			h.arrive(ctx, tx),
		)
	})
}

func (h *fixture) delegation() register.Delegation {
	return register.Delegation{
		ID:           "del_one",
		Organisation: wco,
		Subject:      "ann" + secret,
		Name:         secret + " holder",
		Function:     secret + " function",
		Authority:    secret + " authority",
		Acts:         []article4.Act{article4.ActConsent, article4.ActWithdraw},
		From:         at,
		Until:        later,
		Instrument:   digest("f"),
		Digest:       digest("a"),
		Entry:        "ent_filing",
		Holder:       h.ann,
	}
}

func (h *fixture) message() register.Message {
	return register.Message{
		ID:           "msg_one",
		Request:      "req_one",
		Kind:         register.Answer,
		By:           h.ann,
		Organisation: wco,
		At:           at,
		Text:         secret + " answer",
		Entry:        "ent_answer",
	}
}

func (h *fixture) withdrawal() register.Withdrawal {
	return register.Withdrawal{
		Decision:  "aut_one",
		By:        h.ann,
		At:        later,
		Statement: secret + " no more",
		Entry:     "ent_withdrawal",
		EntryHash: "hash_withdrawal",
	}
}

func (h *fixture) release() register.Release {
	return register.Release{
		ID:            "rel_one",
		Document:      "doc_one",
		To:            piu,
		Purpose:       purpose.Code,
		Statement:     secret + " release",
		TransferBasis: secret + " basis",
		ByDiscloser:   true,
		By:            h.ann,
		ByOrg:         wco,
		At:            at,
		Entry:         "ent_release",
		EntryHash:     hashOf(h.released()),
	}
}

func (h *fixture) released() string {
	return h.said("release", `{"subject": "rel_one", "recipient": "`+string(piu)+`", "purposes": ["`+
		string(purpose.Code)+`"]}`)
}

func (h *fixture) copy() register.Copy {
	return register.Copy{
		Disclosure: "dis_one",
		Discloser:  wco,
		Upload:     "upl_copy",
		Object:     "object of upl_copy",
		WrappedKey: []byte("key"),
		Size:       8,
		SHA256:     digest("0"),
		MediaType:  "application/pdf",
		FileName:   secret + ".pdf",
		MadeAt:     at,
		Entry:      "ent_copy",
		EntryHash:  "hash_copy",
	}
}

func (h *fixture) acknowledgement() register.Acknowledgement {
	return register.Acknowledgement{
		By:          h.bob,
		At:          later,
		Disposition: "destroyed",
		Statement:   secret + " shredded",
		Entry:       "ent_acknowledgement",
	}
}

// said is the body of an entry of WCO's about the one document and the one request.
func (h *fixture) said(kind, terms string) string {
	return `{"kind": "` + kind + `", "outcome": "permit", "actor": "` + string(h.ann) + `", "organisation": "` +
		string(wco) + `", "document": "doc_one", "request": "req_one", "terms": ` + terms + `}`
}

// log writes what the log has to say for the records to stand.
func (h *fixture) log() {
	h.t.Helper()
	for entry, body := range map[string]string{
		"ent_release":    h.released(),
		"ent_suspension": h.said("suspension", `{"subject": "sus_one"}`),
		"ent_hold":       h.said("hold", `{"subject": "hld_one"}`),
		"ent_admission":  h.said("admission", `{"people": ["`+string(h.ann)+`"]}`),
	} {
		conn, err := pgx.Connect(h.t.Context(), h.db.SuperuserURL())
		must(h.t, err)
		_, err = conn.Exec(h.t.Context(), `WITH entry AS (INSERT INTO log_entry (id, at, kind, parties, body, body_hash,
			nonce, organisation, document, outcome) SELECT $1, $2, log_said(b) ->> 'kind', '{org_wco}', b, sha256(b),
			sha256(b), log_said(b) ->> 'organisation', log_said(b) ->> 'document', 'permit'
			FROM convert_to($3, 'UTF8') b
			RETURNING id) INSERT INTO log_pending (entry) SELECT id FROM entry`, entry, at, body)
		must(h.t, err)
		must(h.t, conn.Close(h.t.Context()))
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func (h *fixture) suspension() register.Suspension {
	return register.Suspension{
		ID:        "sus_one",
		Document:  "doc_one",
		Reason:    secret + " leak",
		By:        h.ann,
		ByOrg:     wco,
		At:        at,
		Entry:     "ent_suspension",
		EntryHash: "hash_suspension",
	}
}

func (h *fixture) hold() register.Hold {
	return register.Hold{
		ID:        "hld_one",
		Document:  "doc_one",
		Reason:    secret + " court",
		By:        h.ann,
		ByOrg:     wco,
		At:        at,
		Entry:     "ent_hold",
		EntryHash: "hash_hold",
	}
}

func TestEachRecordIsReadBackWhole(t *testing.T) {
	h := newFixture(t)
	h.fill()
	r := h.register
	for name, read := range map[string]func(context.Context, *postgres.Tx) error{
		"arrangement": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Arrangement(ctx, tx, register.ForShare)
			whole(t, got, "NoticeGivenOn")
			want := arrangement
			want.Revision = got.Revision
			same(t, got, want)
			return err
		},
		"organisation": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Organisation(ctx, tx, piu)
			whole(t, got, "SignedOn")
			same(t, got, thirdParty)
			return err
		},
		"purpose": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Purposes(ctx, tx)
			want := purpose
			want.Of = register.SpecificArrangement{ID: specific.ID, SignedOn: specific.SignedOn,
				EndsOn: specific.EndsOn}
			whole(t, got[0], "ClosedOn")
			same(t, got[0], want)
			return err
		},
		"specific arrangement": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.SpecificArrangements(ctx, tx)
			whole(t, got[0])
			same(t, got[0], specific)
			return err
		},
		"person": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.PersonOf(ctx, tx, person(wco, "ann"))
			want := person(wco, "ann")
			want.ID, want.Keyset = h.ann, wco
			whole(t, got)
			same(t, got, want)
			return err
		},
		"focal point": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.FocalPoints(ctx, tx)
			whole(t, got[0], "Subject", "Entry") // for writing, and for the accounts of the log
			same(t, got[0], register.FocalPoint{Organisation: wco, Name: secret + " focal point", DesignatedOn: day,
				Person: h.ann})
			return err
		},
		"delegation": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Delegation(ctx, tx, "del_one")
			want := h.delegation()
			want.Subject = "" // for writing only
			whole(t, got, "Subject", "EndedAt", "Keyset", "Holders")
			same(t, got, want)
			return err
		},
		"document": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Document(ctx, tx, "doc_one")
			whole(t, got, "EntitiesNone", "Inherited", "Hidden", "Sources", "Series")
			same(t, got, h.document())
			return err
		},
		"version": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Version(ctx, tx, "ver_one")
			whole(t, got, "ClosedAt", "DestroyedAt")
			same(t, got, h.version())
			return err
		},
		"request": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Request(ctx, tx, "req_one")
			want := h.request()
			want.Admitted = []article4.PersonID{h.ann}
			want.Decisions, want.Agreements = got.Decisions, []register.AgreementPut{{ID: "agr_one", ProposedBy: wco,
				TextSHA: digest("7"), ProposedAt: at, Signature: "hash_signature", Proof: got.Agreements[0].Proof}}
			whole(t, got, "WithdrawnAt", "Closed", "Behind")
			same(t, got, want)
			return err
		},
		"decision and withdrawal": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Request(ctx, tx, "req_one")
			want, taken := h.decision(), h.withdrawal()
			want.Withdrawal = &taken
			// its evidence is no letter, and it stands for no series
			whole(t, got.Decisions[0], "LetterBy", "Series", "Standing", "Markings")
			same(t, *got.Decisions[0].Withdrawal, taken)
			same(t, got.Decisions[0], want)
			return err
		},
		"message": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Message(ctx, tx, wco, "req_one", "msg_one")
			whole(t, got)
			same(t, got, h.message())
			return err
		},
		"agreement and signature": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Agreement(ctx, tx, "agr_one")
			want, signed := h.agreement(), h.signature()
			want.Signature = &signed
			whole(t, got, "Anew", "Decline") // it was put once, and signed
			same(t, *got.Signature, signed)
			same(t, got, want)
			return err
		},
		// The log of these tests has no entries: nobody declined what a row alone says was declined.
		"agreement that only a row says was declined": func(ctx context.Context, tx *postgres.Tx) error {
			if _, err := r.Agreement(ctx, tx, "agr_anew"); !errors.Is(err, register.ErrAltered) {
				t.Errorf("a decline that the log does not know is read: %v", err)
			}
			return nil
		},
		"instrument": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Instrument(ctx, tx, "ins_one", at)
			whole(t, got, "Content", "Shown") // read by itself; shown by what names it
			want := h.instrument()
			paper, wrong := r.InstrumentContent(ctx, tx, got)
			if string(paper) != string(want.Content) {
				t.Errorf("the paper reads %q, %v", paper, wrong)
			}
			want.Content = nil
			same(t, got, want)
			return err
		},
		"arrival and piece": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Arrival(ctx, tx, h.ann, "stg_one", at, true)
			whole(t, got)
			same(t, got, h.arrival())
			pieces, wrong := r.Pieces(ctx, tx, "stg_one")
			same(t, pieces, []register.Piece{{Size: 4, Upload: "upl_first", Object: h.upload("upl_first").Object,
				WrappedKey: []byte("wrapped")}})
			return errors.Join(err, wrong)
		},
		"release": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Release(ctx, tx, "rel_one")
			whole(t, got, "EndedAt", "EndedBy", "EndedByOrg", "EndStatement", "EndEntry") // nobody ended it
			same(t, got, h.release())
			return err
		},
		"disclosure": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Disclosure(ctx, tx, "dis_one")
			whole(t, got)
			same(t, got, h.disclosure())
			return err
		},
		"copy": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.CopyOf(ctx, tx, "dis_one")
			whole(t, got)
			same(t, got, h.copy())
			return err
		},
		"notice and acknowledgement": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Notice(ctx, tx, "not_one")
			want, said := h.notice(), h.acknowledgement()
			want.Reference, want.Marking = h.document().Reference, h.document().Marking
			want.Acknowledged, want.Class = &said, "" // the class is for sending only
			// Answers for copies come one by one.
			whole(t, got, "Text", "Class", "Besides", "Once", "Answers")
			same(t, *got.Acknowledged, said)
			same(t, got, want)
			return err
		},
		"suspension": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Suspension(ctx, tx, "sus_one")
			whole(t, got, "Person", "Organisation", "LiftedAt")
			same(t, got, h.suspension())
			return err
		},
		"hold": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Hold(ctx, tx, "hld_one")
			whole(t, got, "EndedAt")
			same(t, got, h.hold())
			return err
		},
		"pending": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Pending(ctx, tx, "pen_one", at)
			whole(t, got)
			same(t, got, h.pending())
			return err
		},
		"lowering": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Lowering(ctx, tx, "pen_one")
			whole(t, got)
			same(t, got, register.Lowering{Pending: h.pending(), Document: "doc_one", Discloser: wco,
				Reason: secret + " lowering"})
			return err
		},
		"attempt": func(ctx context.Context, tx *postgres.Tx) error {
			got, err := r.Attempt(ctx, tx, h.ann, register.AttemptKey{Operation: "POST /documents", Key: "key"})
			whole(t, *got)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { h.do(read) })
	}
}

// What a decision reads in one trip is what the same records say when they are read one by one.
func TestADossierHoldsWhatIsReadOneByOne(t *testing.T) {
	h := newFixture(t)
	h.fill()
	r := h.register
	wanted := register.Wanted{
		Person:          h.ann,
		Organisation:    piu,
		Document:        "doc_one",
		Request:         "req_one",
		Delegations:     true,
		HoldArrangement: register.ForShare,
		HoldDocument:    register.ForUpdate,
	}
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		document, err := r.Document(ctx, tx, "doc_one")
		must(t, err)
		version, err := r.Version(ctx, tx, "ver_one")
		must(t, err)
		request, err := r.Request(ctx, tx, "req_one")
		must(t, err)
		releases, err := r.Releases(ctx, tx, "doc_one", "")
		must(t, err)
		delegations, err := r.DelegationsOf(ctx, tx, h.ann)
		must(t, err)

		got, err := r.Dossier(ctx, tx, wanted)
		must(t, err)
		same(t, *got.Document, document)
		same(t, *got.Version, version)
		same(t, *got.Request, request)
		same(t, got.Delegations, delegations)
		if got.PersonStopped || !got.DocumentStopped {
			t.Errorf("stopped: person %t, document %t", got.PersonStopped, got.DocumentStopped)
		}

		reading, err := r.Reading(ctx, tx, wanted)
		must(t, err)
		same(t, *reading.Document, document)
		same(t, *reading.Version, version)
		same(t, reading.Requests, []register.Request{request})
		same(t, reading.Releases, releases)
		return nil
	})
}

// A dump of the database shows no text that is sealed, neither as it is nor in hexadecimal.
func TestADumpShowsNothingThatIsSealed(t *testing.T) {
	h := newFixture(t)
	h.fill()
	conn, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
	must(t, err)
	defer conn.Close(t.Context())
	for table := range register.Tables() {
		rows, err := conn.Query(t.Context(), `SELECT t::text FROM `+table+` t`)
		must(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		if len(lines) == 0 && table != "refusals" {
			t.Errorf("%s is empty: fill puts nothing there to look for", table)
		}
		for _, line := range lines {
			if strings.Contains(line, secret) || strings.Contains(line, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s shows %s", table, line)
			}
		}
	}
}

// What is sealed for one column of one row opens in no other.
func TestASealedTextOpensInItsPlaceOnly(t *testing.T) {
	h := newFixture(t)
	h.fill()
	for _, moved := range []string{
		`UPDATE document SET title_sealed = handling_sealed`,
		`UPDATE document SET terms_sealed = (SELECT terms_sealed FROM version)`,
	} {
		conn, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
		must(t, err)
		_, err = conn.Exec(t.Context(), `SET session_replication_role = replica; `+moved)
		must(t, err)
		must(t, conn.Close(t.Context()))
		err = h.try(func(ctx context.Context, tx *postgres.Tx) error {
			_, err := h.register.Document(ctx, tx, "doc_one")
			return err
		})
		if !errors.Is(err, register.ErrKeys) {
			t.Errorf("%s: %v", moved, err)
		}
	}
}

// What the rules look at is sealed once more: a row that was altered is noticed, whoever reads it.
func TestAnAlteredRowIsNoticed(t *testing.T) {
	h := newFixture(t)
	h.fill()
	super, err := postgres.Open(t.Context(), postgres.Config{URL: h.db.SuperuserURL(),
		Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer super.Close()
	for _, altered := range []string{
		`UPDATE document SET marking = 'non-confidential'`,
		`DELETE FROM document_entity`,
		`UPDATE version SET size = 8`,
		`UPDATE access_request SET until = until + interval '1 year'`,
		`DELETE FROM request_person`,
		`UPDATE decision SET recipient = 'org_unoct'`,
	} {
		err := super.InTx(t.Context(), func(tx *postgres.Tx) error {
			ctx := t.Context()
			must(t, tx.Ask(ctx, postgres.Question{SQL: altered}))
			_, err := h.register.Dossier(ctx, tx, register.Wanted{Document: "doc_one", Request: "req_one"})
			return err
		})
		if !errors.Is(err, register.ErrAltered) {
			t.Errorf("%s: %v", altered, err)
		}
	}
}

// A record that may not stand beside another one names the rule that it would break.
func TestAConflictNamesItsRule(t *testing.T) {
	h := newFixture(t)
	h.fill()
	r := h.register
	for rule, add := range map[string]func(context.Context, *postgres.Tx) error{
		"organisation_short_is_one": func(ctx context.Context, tx *postgres.Tx) error {
			return r.PutOrganisation(ctx, tx, party("org_other", "wco"))
		},
		"document_reference_is_one": func(ctx context.Context, tx *postgres.Tx) error {
			d := h.document()
			d.ID = "doc_two"
			return r.AddDocument(ctx, tx, d)
		},
		"version_number_is_one": func(ctx context.Context, tx *postgres.Tx) error {
			v := h.version()
			v.ID, v.Upload, v.Object = "ver_two", "upl_copy", "another object"
			return r.AddVersion(ctx, tx, v)
		},
		"version_is_not_empty": func(ctx context.Context, tx *postgres.Tx) error {
			v := h.version()
			v.ID, v.Upload, v.Object, v.Number, v.Size = "ver_two", "upl_copy", "another object", 2, 0
			return r.AddVersion(ctx, tx, v)
		},
		"one_decision_of_a_kind_per_organisation": func(ctx context.Context, tx *postgres.Tx) error {
			l := h.decision()
			l.ID = "aut_two"
			return r.AddDecision(ctx, tx, l)
		},
		"art4_8_consent_has_evidence": func(ctx context.Context, tx *postgres.Tx) error {
			l := h.decision()
			l.ID, l.Organisation, l.Evidence = "aut_two", unoct, ""
			return r.AddDecision(ctx, tx, l)
		},
		"agreement_text_is_frozen": func(ctx context.Context, tx *postgres.Tx) error {
			a := h.agreement()
			a.ID = "agr_two"
			return r.AddAgreement(ctx, tx, a)
		},
		"signature_pkey": func(ctx context.Context, tx *postgres.Tx) error {
			return r.AddSignature(ctx, tx, thirdParty, h.signature())
		},
		"withdrawal_pkey": func(ctx context.Context, tx *postgres.Tx) error {
			return r.AddWithdrawal(ctx, tx, wco, h.withdrawal())
		},
		"copy_number_is_one": func(_ context.Context, tx *postgres.Tx) error {
			d := h.disclosure()
			d.ID, d.Entry = "dis_two", "ent_two"
			return r.AddDisclosure(tx, d)
		},
		"suspension_of_one_thing": func(ctx context.Context, tx *postgres.Tx) error {
			s := h.suspension()
			s.ID, s.Person = "sus_two", h.bob
			return r.AddSuspension(ctx, tx, s)
		},
		"one_hold_of_a_party_on_a_document": func(ctx context.Context, tx *postgres.Tx) error {
			held := h.hold()
			held.ID = "hld_two"
			return r.AddHold(ctx, tx, held)
		},
		"one_first_person_waits": func(ctx context.Context, tx *postgres.Tx) error {
			p := h.pending()
			p.ID = "pen_two"
			return r.AddPending(ctx, tx, p)
		},
		"one_result_of_a_repeated_act": func(_ context.Context, tx *postgres.Tx) error {
			r.AddAttempt(tx, register.Attempt{Person: h.ann, Operation: "POST /documents", Key: "key", At: at},
				at.Add(-time.Hour))
			return nil
		},
	} {
		if err := h.try(add); postgres.Constraint(err) != rule {
			t.Errorf("%q: %v", rule, err)
		}
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	h := newFixture(t)
	r := h.register
	for name, read := range map[string]func(context.Context, *postgres.Tx) error{
		"organisation": func(ctx context.Context, tx *postgres.Tx) error {
			_, err := r.Organisation(ctx, tx, "org_none")
			return err
		},
		"document": func(ctx context.Context, tx *postgres.Tx) error {
			_, err := r.Document(ctx, tx, "doc_none")
			return err
		},
		"request": func(ctx context.Context, tx *postgres.Tx) error {
			_, err := r.Request(ctx, tx, "req_none")
			return err
		},
		"pending": func(ctx context.Context, tx *postgres.Tx) error {
			_, err := r.PendingOn(ctx, tx, article4.ActMark, "doc_none", at)
			return err
		},
	} {
		err := h.try(read)
		if !errors.Is(err, register.ErrNotFound) || !strings.HasPrefix(err.Error(), name+" ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The columns of a table stand in one list, the fields of its row; this one holds them against the database.
func TestEachColumnStandsInTheOneListOfItsTable(t *testing.T) {
	h := newFixture(t)
	conn, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
	must(t, err)
	defer conn.Close(t.Context())
	apart := []string{"arrangement.only_one", "arrangement.revision", "organisation.state", // the database sets them
		"notice.place"} // given behind the act that tells
	rows, err := conn.Query(t.Context(), `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name = ANY($1)`, slices.Collect(maps.Keys(register.Tables())))
	must(t, err)
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	var listed []string
	for table, columns := range register.Tables() {
		for _, column := range columns {
			listed = append(listed, table+"."+column)
		}
	}
	for _, column := range there {
		if !slices.Contains(listed, column) && !slices.Contains(apart, column) {
			t.Errorf("%s stands in the database and in no row", column)
		}
	}
	for _, column := range listed {
		if !slices.Contains(there, column) {
			t.Errorf("%s stands in a row and not in the database", column)
		}
	}
}
