package ledger

// The kinds of entry about what happens to documents, requests and the Arrangement's own records after they were made.
const (
	KindMessage Kind = "message" // a question or an answer on a request
	KindFiling  Kind = "filing"  // the authorization of an entity without an account, with its instrument
	// a series of documents of one Discloser, an authorization that stands for it, and that this was taken back
	KindSeries             Kind = "series"
	KindStanding           Kind = "standing-authorization"
	KindStandingWithdrawal Kind = "series-withdrawal"
	KindAgreementDeclined  Kind = "agreement-declined" // the third party does not sign that text
	// the signed paper of an instrument, or of a letter on which a decision is to rest
	KindInstrument      Kind = "instrument"
	KindRelease         Kind = "release"
	KindReleaseEnded    Kind = "release-ended"
	KindMarking         Kind = "marking"
	KindAmendment       Kind = "amendment" // of what a document says of itself, and of its purposes
	KindEntities        Kind = "entities"
	KindNotConcerned    Kind = "not-concerned" // an entity concerned took itself off
	KindCorrection      Kind = "correction"    // a new version
	KindAcknowledgement Kind = "acknowledgement"
	KindRecall          Kind = "recall"
	KindDestruction     Kind = "destruction" // of a version's key; the entries stay
	KindSuspension      Kind = "suspension"
	KindLifting         Kind = "lifting" // of a suspension
	KindHold            Kind = "hold"
	KindHoldEnded       Kind = "hold-ended"
	KindOffice          Kind = "office" // a desk of a Party that the other may address, and who sits at it
	// what people have with the pages, ended by a signatory of their Party, or by the operator at the host
	KindSessionsEnded         Kind = "sessions-ended"
	KindOperatorEndedSessions Kind = "operator-ended-sessions"

	KindWebhook      Kind = "webhook" // an address to which the gateway sends what a Party is told
	KindWebhookEnded Kind = "webhook-ended"
	KindDesignation  Kind = "designation"
	KindDelegation   Kind = "delegation"
	KindRecognition  Kind = "recognition" // of a third party and its issuer
	// of who decides and signs for a third party: proposed by one Party, confirmed by the other
	KindMandate      Kind = "mandate"
	KindMandateEnded Kind = "mandate-ended"
	KindNotice       Kind = "notice"      // of termination, Article 11(4)
	KindExplanation  Kind = "explanation" // a dry run of the rules
	KindCopy         Kind = "copy"        // the marked copy of a disclosure was made; before its first byte leaves
	KindTracing      Kind = "tracing"     // somebody asked whose copy was found
	KindLeak         Kind = "leak"        // a leak was reported; every grant is suspended
	KindLeakTold     Kind = "leak-told"   // a leak was reported to the Discloser, who decides; nothing is suspended
	// what stood behind a private field of an entry was removed; its commitment stays
	KindErasure    Kind = "erasure"
	KindTooMany    Kind = "too-many"   // how many refusals of one person have no entry each
	KindAccounting Kind = "accounting" // somebody read the accounting of disclosures of a document
)

// The kinds of entry about a lowering that was put to the entities concerned.
const (
	KindLoweringAuthorization Kind = "lowering-authorization"
	KindLoweringRefusal       Kind = "lowering-refusal"
	KindLoweringWithdrawal    Kind = "lowering-withdrawal" // of what an entity decided on it
)

// Step says which half of an act that takes two people an entry records; empty for acts of one.
type Step string

// The steps.
const (
	StepFirst  Step = "first"
	StepSecond Step = "second"
)
