package article4_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

// refusedFor decides and compares with "code from" for each reason.
func refusedFor(t *testing.T, f article4.Facts, want ...string) {
	t.Helper()
	d := load(t).Decide(f)
	if got := spoken(t, d.Reasons, tableOrder()); !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhoBringsLimitsIsAMachineClientWhateverItsRole(t *testing.T) {
	f := say(t, "who: staff of unoct", "grant for: unoct")
	f.Actor.Service = &article4.ServiceLimits{Purposes: []article4.PurposeCode{"art2.b"},
		Markings: []article4.Marking{article4.Restricted}}
	refusedFor(t, f, "gateway/service-limited org_unoct")

	f = say(t, "act: consent", "who: signatory of wco with a Delegation")
	f.Actor.Service = &article4.ServiceLimits{}
	refusedFor(t, f, "art4.8/no-authority org_wco")
}

func TestTheAskerIsKnownFromTheRequestOrFromItsGrant(t *testing.T) {
	f := say(t, "act: refuse", "who: signatory of wco with a Delegation")
	f.Request.AskedBy = f.Actor.Person
	refusedFor(t, f, "gateway/own-request org_wco")

	f = say(t, "act: refuse", "who: signatory of wco with a Delegation")
	f.Request.Grant.AskedBy = f.Actor.Person
	refusedFor(t, f, "gateway/own-request org_wco")
}

func TestABeneficiaryIsWhatTheDocumentSaysOfIt(t *testing.T) {
	f := say(t, "act: request", "who: staff of wco", "asks for: unoct")
	f.Ask.ForKind = article4.ThirdParty
	refusedFor(t, f, "art4.6/not-admitted org_wco")

	f = say(t, "act: request", "who: staff of unoct", "asks for: piu")
	f.Ask.ForKind = article4.Party
	refusedFor(t, f, "art4.6/not-admitted org_unoct")
}

func TestOfSeveralReleasesTheOneThatServesBestCounts(t *testing.T) {
	plain := article4.ReleaseFacts{To: piu, Purpose: purpose}
	full := article4.ReleaseFacts{To: piu, Purpose: purpose, TransferBasis: true, ByDiscloser: true}
	other := article4.ReleaseFacts{To: customs, Purpose: purpose, TransferBasis: true, ByDiscloser: true}
	for _, releases := range [][]article4.ReleaseFacts{{plain, full}, {full, plain}, {other, full}, {full, other}} {
		f := say(t, "who: staff of piu", "marking: non-confidential", "proprietary: yes",
			"personal data kept until: in 30 days")
		f.Access.Releases = releases
		refusedFor(t, f)
	}
}

func TestAReleaseForNoPurposeIsNone(t *testing.T) {
	f := say(t, "who: staff of piu", "marking: non-confidential", "purpose: none")
	f.Access.Releases = []article4.ReleaseFacts{{To: piu}}
	refusedFor(t, f, "art4.2/no-purpose org_piu", "art4.2/not-released org_wco")
}

func TestARecipientThatIsNobodyOrOneselfIsNotTheOtherParty(t *testing.T) {
	for _, recipient := range []article4.OrganisationID{"", wco} {
		f := say(t, "act: deposit", "who: staff of wco")
		f.Deposit.Recipient = recipient
		refusedFor(t, f, "art4.5/not-the-recipient org_wco")
	}
}

func TestWithoutPersonalDataThereIsNothingToRetain(t *testing.T) {
	f := say(t, "act: deposit", "who: staff of wco")
	f.Deposit.PersonalData.RetainUntil = now.AddDate(-1, 0, 0)
	refusedFor(t, f)

	f = say(t, "who: staff of piu")
	f.Document.RetainUntil = now.AddDate(-1, 0, 0)
	refusedFor(t, f)
}

func TestPersonalDataWithoutARetentionIsOver(t *testing.T) {
	f := say(t, "who: staff of piu")
	f.Document.PersonalData = true
	refusedFor(t, f, "art4.3/retention-over org_wco")
}
