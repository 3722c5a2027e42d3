package article4

import "time"

// Facts is everything that the rules look at for one decision. It is plain data: no clock, no I/O.
// A part that the act does not need stays nil; a part that the act needs and that is nil is refused.
type Facts struct {
	Act         Act
	Now         time.Time // the database clock, read after the locks; UTC
	Arrangement ArrangementFacts
	Actor       ActorFacts

	Deposit  *DepositFacts  // ActDeposit
	Document *DocumentFacts // every act on a document or on a request for one
	// ActAuthorize, ActConsent, ActRefuse, ActAdmit, ActWithdraw, and ActDescribe of a request
	Request   *RequestFacts
	Ask       *AskFacts       // ActRequest
	Access    *AccessFacts    // ActDisclose
	Agreement *AgreementFacts // ActPropose, ActSign, ActDecline
	Change    *ChangeFacts    // the acts of facts_life.go, ActRelease excepted
	Release   *ReleaseAsked   // ActRelease
	Series    *SeriesFacts    // ActOpenSeries, ActAuthorizeSeries, ActWithdrawSeries
}

// ArrangementFacts is the life of the Arrangement at Facts.Now, as Article 11 and Article 5(3) matter to the act.
type ArrangementFacts struct {
	Phase  Phase
	EndsAt time.Time // last instant in effect, 24:00 UTC of the 90th day after notice; zero while no notice is given
	// OpenPurposes are the purposes that are neither closed nor beyond the end of the arrangement they belong to.
	// After the end only those of a specific arrangement in force remain (reading 0009).
	OpenPurposes []PurposeCode
	// Surviving are those of the open purposes that belong to a specific arrangement in force: neither notice nor the
	// end of the Arrangement touches them (Article 11(4)).
	Surviving []PurposeCode
	// EndedPurposes are the purposes that nothing but the end of the Arrangement closed; none before it.
	EndedPurposes []PurposeCode
	// KnownPurposes are all codes that there are, closed ones included: a purpose is one of them or absent, for
	// everybody.
	KnownPurposes []PurposeCode
	// FocalPoints are the Parties that have designated one (Article 5(3)).
	FocalPoints []OrganisationID
}

// ActorFacts is who asks.
type ActorFacts struct {
	Person       PersonID
	Organisation OrganisationID
	Kind         OrganisationKind
	// AssociatedWith: the Party of which the organisation, a third party else, is an associated office, by an
	// instrument in force that the other Party confirmed (reading 0005); empty: it is none.
	AssociatedWith OrganisationID
	Roles          []Role
	Delegated      bool           // a Delegation for this act is in force for this person
	Mandated       bool           // of a third party: a Mandate is in force by which this person decides for it
	SignIn         SignIn         // whether the sign-in satisfies what a deciding act wants (RFC 9470)
	Service        *ServiceLimits // set for a machine client, nil for a person
	// the person or the organisation is suspended by its own Party or, a third party, by a Party
	Suspended bool
}

// SignIn says how the sign-in compares with what deciding acts want: auth_time at most 10 minutes old and the issuer's
// acr.
type SignIn string

// The strengths of a sign-in.
const (
	SignInFresh SignIn = "fresh"
	SignInStale SignIn = "stale" // too old: gateway/step-up
	SignInWeak  SignIn = "weak"  // without the acr that the issuer's binding asks for: gateway/sign-in-too-weak
)

// ServiceLimits confines a machine client of one organisation.
type ServiceLimits struct {
	Purposes []PurposeCode
	Markings []Marking
}

// DepositFacts is what a deposit declares and, the second time it is decided, what was found in the file.
type DepositFacts struct {
	Marking           Marking // empty or unknown: unmarked
	TitlePresent      bool
	PurposeStatement  bool // the purpose in words is there
	Purposes          []PurposeCode
	Recipient         OrganisationID
	RecipientIsOther  bool // the named Recipient is the other Party
	PersonalData      PersonalDataFacts
	EntitiesDeclared  bool // a list, or the explicit "none"
	EntitiesConcerned []OrganisationID
	EntitiesKnown     bool // each named entity is an organisation in force
	Proprietary       bool
	SourcesDeclared   bool // derived_from: a list, or the explicit "none" (reading 0110)
	Sources           []SourceFacts
	// ResemblanceSettled: what it resembles is named as a source, or a second person of the Party confirmed with a
	// reason that it is not one.
	ResemblanceSettled bool
	// the depositor confirmed the marking with a reason although the file's own headers show another
	MarkingConfirmed bool
	Found            *FoundFacts // nil before a byte was read

	SeriesNamed bool         // the deposit says of which series the document is
	Series      *SeriesFacts // nil where it names none, or none that the depositor may know of
}

// SourceFacts is a document that another contains or derives from, as it stands now.
type SourceFacts struct {
	Discloser         OrganisationID
	Marking           Marking
	Proprietary       bool
	PersonalData      bool
	EntitiesConcerned []OrganisationID
}

// PersonalDataFacts is the declaration of Article 4(3).
type PersonalDataFacts struct {
	Declared    bool // yes or no was said
	Present     bool
	Regime      bool // named
	LegalBasis  bool // named
	RetainUntil time.Time
}

// FoundFacts is what one streaming pass found.
type FoundFacts struct {
	Empty         bool
	TooLarge      bool
	SizeMatches   bool // or no size was declared
	DigestMatches bool // or no digest was declared
	TypeMatches   bool // or no media type was declared
	PassengerData bool
	// the same bytes, or a marked copy of them, were disclosed to the depositor's organisation by the other Party
	DisclosedToOwn bool

	// ResemblesReceived: it resembles something that the other Party disclosed to the depositor's organisation (reading
	// 0110).
	ResemblesReceived   bool
	MarkingContradicted bool // the file's own headers show another marking than the one declared (Article 4(9))
	MalwareFound        bool
	NotInspected        bool // for malware, where the configuration does not admit that
}

// DocumentFacts is a document as one of its versions stands now.
type DocumentFacts struct {
	ID                DocumentID
	Version           VersionID // the version that the act is about
	Discloser         OrganisationID
	Recipient         OrganisationID
	Depositor         PersonID
	Marking           Marking
	Proprietary       bool
	Purposes          []PurposeCode
	PersonalData      bool
	RetainUntil       time.Time // zero when there is no personal data
	EntitiesConcerned []OrganisationID
	SourceDisclosers  []OrganisationID // of the documents that it derives from
	Series            SeriesID         // empty: none
	// EntitiesConfirmed: "none" was declared and the Discloser's first decision repeated it, or entities are named.
	EntitiesConfirmed bool
	Suspended         bool // an emergency stop stands over the document (Article 4(6))
	VersionClosed     bool // the version that the act is about was superseded and closed, not destroyed (Article 4(9))
	Showable          bool // the version can be shown page by page
	VersionDestroyed  bool // its key was destroyed: nobody has it any more, the Discloser's own people neither
}

// RequestFacts is a request together with what an act on it brings.
type RequestFacts struct {
	Grant        GrantFacts
	AskedBy      PersonID
	AskedByOrg   OrganisationID
	LastAnswered time.Time // when it was made, or the asker's last answer: silence counts from here
	Delivery     bool      // it asks for nothing: the Discloser gives

	// Brought by authorize, consent, refuse.
	StatementPresent bool
	Until            time.Time // zero: the request's own
	Form             Form      // zero: the request's own
	EntitiesRepeated bool      // the decision repeats "entities concerned: none"
	Evidence         Evidence
	EvidenceValid    bool
	EvidenceAdmitted bool // EvidenceNone only where the setting admits it
	TransferBasis    bool // consent: a legal basis for this transfer of personal data was given (Article 4(3))
	SecondSignatory  bool // consent: another signatory of the Discloser, with a Delegation in force, confirmed the same
	// Brought by admit.
	AdmitOwnPeople bool // everybody to be admitted belongs to the beneficiary organisation
}

// AskFacts is a new request (ActRequest).
type AskFacts struct {
	For          OrganisationID
	ForKind      OrganisationKind
	ForInForce   bool // the organisation is known and in force
	PeopleBelong bool // the named people, if any, are of that organisation; of a Delivery somebody is named
	Delivery     bool // nobody asks: the Discloser gives
	// CopyHeld: a copy of this version was disclosed to the Recipient, and is not said to be returned or destroyed;
	// false where nobody looked
	CopyHeld         bool
	Purpose          PurposeCode
	StatementPresent bool
	Until            time.Time
	Form             Form
}

// GrantFacts is a request with every decision given on it: what a disclosure may rely on.
type GrantFacts struct {
	Request      RequestID
	Version      VersionID
	For          OrganisationID
	ForKind      OrganisationKind
	AskedBy      PersonID
	People       []PersonID // named in the request
	Admitted     []PersonID // admitted by the beneficiary's focal point (Article 4(6): inside the grant)
	Purpose      PurposeCode
	Until        time.Time
	Form         Form
	MadeAt       time.Time // or the asker's last answer
	LapseAfter   time.Duration
	Withdrawn    bool // by its asker, or by the Discloser as a whole
	Lapsed       bool // the gateway recorded its lapse: nothing that comes later revives it (reading 0007)
	Decisions    []DecisionFacts
	Agreements   AgreementsFacts
	ConditionsOf Digest // hash of the conditions in force on this grant; empty: none
}

// DecisionKind tells an authorization (4(4)) from a consent (4(8)); the one is never the other (reading 0001).
type DecisionKind string

// The kinds of decision.
const (
	Authorization DecisionKind = "authorization"
	Consent       DecisionKind = "consent"
)

// DecisionState is what became of a decision.
type DecisionState string

// The states of a decision.
const (
	DecisionGiven     DecisionState = "given"
	DecisionRefused   DecisionState = "refused"
	DecisionWithdrawn DecisionState = "withdrawn"
)

// DecisionFacts is one authorization or consent as recorded.
type DecisionFacts struct {
	ID      DecisionID
	Kind    DecisionKind
	By      OrganisationID
	State   DecisionState
	Version VersionID
	// a standing authorization between the Parties (reading 0111): for the documents of a series instead of a version,
	// of these markings, and of no document that whoever gave it deposited
	Series        SeriesID
	Markings      []Marking
	GivenBy       PersonID // of a standing authorization: who gave it
	Recipient     OrganisationID
	SameRecipient bool // the recipient's record is the one that the decision named
	Purpose       PurposeCode
	Until         time.Time
	Authority     bool // the Delegation that it rests on was in force when it was given
	TransferBasis bool // consents: a legal basis for this transfer of personal data stands in it (Article 4(3))
	EvidenceValid bool // the stored evidence checks out now; of a refusal and of a withdrawal none is asked
}

// AgreementStanding is what became of the Confidentiality Agreement that a grant asks for (Article 4(8)).
type AgreementStanding string

// The standings of an agreement.
const (
	AgreementNotRequired AgreementStanding = "not-required"
	AgreementSigned      AgreementStanding = "signed"
	AgreementUnsigned    AgreementStanding = "unsigned"
	// an earlier text was signed and the Discloser did not say that it serves
	AgreementSuperseded AgreementStanding = "superseded"
	// the evidence of the signature does not show whose it is (reading 0010)
	AgreementUnproven AgreementStanding = "unproven"
	// the third party declined the text: it binds nobody, and what was required of it is not there (decision 0380)
	AgreementDeclined AgreementStanding = "declined"
)

// AgreementsFacts are the texts of Confidentiality Agreements that bind a third party, each by itself: that one Party's
// text was signed answers for no other. A standing that is not said is unsigned; where no text is asked for, it says
// so.
type AgreementsFacts struct {
	Named       AgreementStanding // the text that the Discloser's consent names
	OfDiscloser AgreementStanding // the newest text that the Discloser put to the third party
	OfRecipient AgreementStanding // the newest that the Recipient put to it
}

// AccessFacts is what a reader hands in, and what there is to rely on.
type AccessFacts struct {
	Purpose          PurposeCode // empty: none stated
	StatementPresent bool
	Form             Form
	Conditions       Digest       // hash of the conditions that the reader accepted
	StampAvailable   bool         // the gateway can make marked copies of this media type
	File             bool         // a file is asked for, and not a page of it
	Grants           []GrantFacts // those for the actor's organisation on this document, any version
	Releases         []ReleaseFacts
}

// ReleaseFacts is a recorded Release of a non-confidential document to a third party (Article 4(2)).
type ReleaseFacts struct {
	To            OrganisationID
	Purpose       PurposeCode
	TransferBasis bool // a legal basis for this transfer of personal data is recorded (Article 4(3))
	ByDiscloser   bool // the Discloser's written decision for proprietary material (reading 0004)
}

// AgreementFacts is what ActPropose, ActSign and ActDecline bring.
type AgreementFacts struct {
	Organisation     OrganisationID // the third party that is to sign
	OrganisationKind OrganisationKind
	ProposedBy       OrganisationID // the Party that put it; of ActSign and ActDecline
	TextPresent      bool
	// the text_sha256 handed in is that of the agreement, and it is the newest of its Party or named by a consent
	CurrentText bool
	Declined    bool // the third party declined this text
	// name, function, authority and accepts were given; of ActDecline: the reason
	StatementsPresent bool
	// a signature brings evidence as decisions do (reading 0010)
	Evidence         Evidence
	EvidenceValid    bool
	EvidenceAdmitted bool // EvidenceNone only where the setting admits it
}
