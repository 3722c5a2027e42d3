package article4

import "time"

// The acts on what was deposited, asked and agreed before, and on the Arrangement's own records.
const (
	ActAsk    Act = "ask"    // a question to the asker, by whoever is to decide
	ActAnswer Act = "answer" // the asker's answer; silence counts anew from here (reading 0007)
	// the authorization of an entity without an account, filed with its instrument
	ActFile       Act = "file"
	ActRelease    Act = "release"     // a non-confidential document to a third party (Article 4(2))
	ActEndRelease Act = "end-release" // by whoever released, or by the Discloser; for the future only
	ActMark       Act = "mark"        // change the marking, or drop proprietary (reading 0002)
	// change what a document says of itself: its title and other words, and the purposes that it may be used for
	ActAmend     Act = "amend"
	ActAddEntity Act = "add-entity" // name further entities concerned; suspends until they authorize
	// two people of the Discloser and a reason, only before anything was put to the entity
	ActRemoveEntity Act = "remove-entity"
	ActNotConcerned Act = "not-concerned" // an entity named says itself that it is not concerned (reading 0001)
	// what an entity concerned says of a lowering that was put to it, and that it takes that back (readings 0001, 0006)
	ActAuthorizeLowering Act = "authorize-lowering"
	ActRefuseLowering    Act = "refuse-lowering"
	ActWithdrawLowering  Act = "withdraw-lowering"
	ActCorrect           Act = "correct"     // a new version: corrects, updates or replaces (Article 4(9))
	ActAcknowledge       Act = "acknowledge" // a holder answers a notice
	ActRecall            Act = "recall"      // end every grant and ask the holders
	ActDestroy           Act = "destroy"     // a wrong file: two people destroy the version's key
	ActSuspend           Act = "suspend"     // emergency stop by a Party over its own documents or people
	ActLift              Act = "lift"        // end a suspension; two people
	// a Hold on a document: nothing about it is erased or destroyed; a signatory or auditor of a Party
	ActHold    Act = "hold"
	ActEndHold Act = "end-hold" // two people of the Party that placed it
	// what stands behind a private field of the log; two signatories of the Party whose field it is
	ActErase     Act = "erase"
	ActDesignate Act = "designate" // a Party's focal point (Article 5(3)); two people
	ActDelegate  Act = "delegate"  // a Party's Delegation, or its end; two people
	ActRecognise Act = "recognise" // a third party and its issuer: one Party proposes, the other confirms
	// who may decide and sign for a third party: proposed by one Party or by its own focal point, confirmed by the
	// other Party or by both; or the end of that
	ActMandate    Act = "mandate"
	ActGiveNotice Act = "give-notice" // notice of termination (Article 11(4)); two people
	ActKeepOffice Act = "keep-office" // a desk of a Party that the other may address, and who sits at it
	// what people of a Party have with the pages, on whichever browser, by a signatory of that Party
	ActEndSessions Act = "end-sessions"
	// an address to which the gateway sends what a Party is told; two people, or with an end one
	ActKeepWebhook Act = "keep-webhook"
	// the signed paper of an instrument, or of a letter that a decision rests on, before what names it by its digest
	ActDepositInstrument Act = "deposit-instrument"
	// a series of documents of one Discloser, within stated bounds; an authorization that stands for all of it; and its
	// end (reading 0111)
	ActOpenSeries      Act = "open-series"
	ActAuthorizeSeries Act = "authorize-series"
	ActWithdrawSeries  Act = "withdraw-series"
	// a dry run of the rules, about others only for the Discloser's signatories and auditors
	ActExplain Act = "explain"
	ActAccount Act = "account" // the accounting of disclosures of one document
	// from a found copy or its number: whose it was; a signatory or auditor of a Party
	ActTrace      Act = "trace"
	ActReportLeak Act = "report-leak" // by anyone with standing: suspends every grant until the Discloser decides
	ActReadLog    Act = "read-log"    // entries, proofs and bundles of the log, by the Parties' auditors
)

// SecondFacts is the first half of an act that takes two people; nil in ChangeFacts means that this person is the
// first.
type SecondFacts struct {
	First        PersonID
	Organisation OrganisationID // of the first person
	Same         bool           // the second person hands in the same as the first
	Delegated    bool           // ActDelegate: a Delegation of the first person names it
	At           time.Time      // when the first person came
}

// ChangeFacts is what an act on an existing record brings. Fields that the act does not need stay zero.
type ChangeFacts struct {
	ReasonPresent bool         // reason, explanation, statement or answer: words were given
	Second        *SecondFacts // acts that take two people

	Marking         Marking // ActMark: the marking wanted
	KeepProprietary bool    // ActMark: proprietary stays as it is, or is set

	// AddsProprietary, ActMark: the actor states that the document is proprietary, and marks it no otherwise
	AddsProprietary bool

	NothingPut bool // ActRemoveEntity: no request was ever put to the entity; false where nobody looked
	// ActMark: somebody looked, and no version that is kept holds passenger data; false where nobody looked
	NoPassengers bool
	Lowering     []LoweringFacts // ActMark, and the acts on a lowering: what the entities concerned said of it
	// the acts of an entity concerned: a lowering of the document was put to its organisation, and waits still
	LoweringPut, LoweringOpen bool

	// ActAddEntity, ActRemoveEntity, ActFile: each is an organisation in force, and concerned where it must be
	EntitiesKnown bool

	EntityHasAccount bool // ActFile: people of the entity sign in here, so it authorizes itself

	Kind CorrectionKind // ActCorrect

	AddsPurposes []PurposeCode // ActAmend: that the document could not be used for before
	// TakesBack, ActAmend: decisions that stand are for a purpose that is taken off, and end with it
	TakesBack bool

	Held bool // ActErase, ActDestroy: a Hold stands on the document
	// OnlyOthersHold: ActDestroy: every Hold that stands is the other Party's, and this version was never disclosed to
	// that Party; false where nobody looked.
	OnlyOthersHold bool
	Erasable       bool // ActErase: the field is there, and is not the name of an official who decided

	// ActSuspend, ActLift, ActHold, ActEndHold, ActErase, ActDesignate, ActDelegate, ActKeepOffice,
	// ActEndSessions, ActKeepWebhook, ActAcknowledge:
	// the subject is the actor's own Party's (acknowledge: the notice is to the actor; ActMandate: it is of the actor's
	// own organisation; ActEndRelease: the actor's own Party released, or is the Discloser; ActDepositInstrument: a
	// letter is for a decision of the actor's own organisation)
	OwnSubject bool

	MalwareFound bool // ActDepositInstrument: in the paper
	NotInspected bool // ActDepositInstrument: and the configuration does not admit that
	Letter       bool // ActDepositInstrument: a decision on a request is to rest on it
	// ActFile, ActDesignate, ActDelegate, ActMandate, ActRecognise of an associated office: the written instrument, by
	// its hash
	InstrumentPresent bool
	From, Until       time.Time // ActDelegate
	Ends              bool      // ActDelegate, ActMandate, ActKeepWebhook: an earlier one ends, and none is given
	// ActDelegate: neither of the two people is the one who is to hold it; false where nobody looked
	NotSubject bool
	ActsKnown  bool // ActDelegate: each act exists and may be delegated

	GivenOn time.Time // ActGiveNotice: a day, 00:00 UTC; never before today (reading 0008)

	ProposedBy OrganisationID // ActRecognise, ActMandate: the Party that proposed; empty for a proposal
	// ActRecognise: name, type, country and issuer are there and nobody else's. ActMandate: it is of a third party in
	// force, its term is to come, and what ends it ends one that stands
	Complete bool

	// Associates, ActRecognise: the record is of an associated office of a Party (reading 0005); OwnSubject: of the
	// actor's own
	Associates bool

	// ActReportLeak: content of the document was disclosed to the reporter's organisation, or the reporter quotes a
	// copy number of it
	HadDocument bool

	AboutOthers bool // ActExplain: the dry run is about another person or organisation
}

// LoweringFacts is what one entity concerned said when a lowering was put to it (readings 0001 and 0002): it names the
// version that it saw, and what would be lowered to what.
type LoweringFacts struct {
	By              OrganisationID
	State           DecisionState
	Version         VersionID
	Marking         Marking // that the document would bear
	KeepProprietary bool    // whether proprietary would stay as it is
	Until           time.Time
	Authority       bool // of whoever decided, when it was given
}

// CorrectionKind says what a new version is to the one before.
type CorrectionKind string

// The kinds of new version.
const (
	Corrects CorrectionKind = "corrects"
	Updates  CorrectionKind = "updates"
	Replaces CorrectionKind = "replaces"
)

// Valid reports whether k is one of the kinds.
func (k CorrectionKind) Valid() bool { return k == Corrects || k == Updates || k == Replaces }

// ReleaseAsked is a new Release (ActRelease).
type ReleaseAsked struct {
	To               OrganisationID
	ToKind           OrganisationKind
	ToInForce        bool
	Purpose          PurposeCode
	StatementPresent bool
	TransferBasis    bool // a legal basis for this transfer was given (Article 4(3))
}
