package ledger

// Fields that several kinds share.
var (
	ofChange = []string{"document", "terms.discloser", "terms.recipient", "terms.marking", "terms.relies"}
	mayMark  = []string{"terms.proprietary", "terms.personal_data"}
	decided  = []string{"document", "request", "terms.discloser", "terms.recipient", "terms.document_version", "terms.purposes", "terms.form", "terms.relies",
		"terms.text", "terms.decision"}
	mayDecide = []string{"terms.recipient_record", "terms.people", "terms.until", "terms.conditions", "terms.entities_none", "terms.delegation", "terms.earlier_serves",
		"terms.agreement_required", "terms.agreement", "terms.agreement_text"}
	words = []string{"statement", "conditions", "text"}
)

func and(fields []string, more ...string) []string {
	return append(fields[:len(fields):len(fields)], more...)
}

// Grammar is the table of all kinds, in the order in which a document lives: one row a kind. A kind that stands in none is
// never written, and not judged.
var Grammar = []Row{
	{
		Kind: KindConfiguration, Records: "What the gateway runs on, at a start where that differs from the last: the Parties and when they signed, " +
			"whose identity provider speaks for whom, Delegations of the Arrangement file, settings that make it accept less.",
		Rests: "4(8), 5(3), 11(1)", By: []Writer{ByGateway}, Opens: OpensBoth, Steps: OnePerson, Needs: []string{"configured"}, Refused: PermitsOnly,
	},
	{
		Kind: KindDeposit, Records: "A document came in, with its first version.", Rests: "4(9)", By: []Writer{ByDiscloser}, Opens: OpensBoth, Steps: OnePerson,
		Once: "document", Needs: []string{"document", "terms.discloser", "terms.recipient", "terms.marking", "terms.purposes", "terms.document_version", "terms.version_commitment"},
		May:     and(mayMark, "terms.retain_until", "terms.size", "terms.media_type"),
		Private: []string{"title", "file-name", "purpose-statement", "handling", "marking-confirmation", "entities"}, Refused: EitherOutcome,
	},
	{
		Kind: KindDescribe, Records: "Somebody asked for what describes a document, and was refused. A permitted look has no entry: it is no disclosure.",
		Rests: "4(5)", By: []Writer{ByAnybody}, Opens: OpensOwn, Steps: OnePerson, Refused: RefusalsOnly,
	},
	{
		Kind: KindRequest, Records: "Somebody asked for one version, for a recipient, a purpose and a time.", Rests: "4(7)", By: []Writer{ByParty, ByRecipient},
		Opens: OpensByWriter, Steps: OnePerson, After: []After{AfterDeposit}, Once: "request",
		Needs: []string{"document", "request", "terms.discloser", "terms.recipient", "terms.document_version", "terms.purposes", "terms.until", "terms.form", "terms.relies"},
		May:   []string{"terms.recipient_record", "terms.marking", "terms.people"}, Private: []string{"statement"}, Refused: EitherOutcome,
	},
	{
		Kind: KindMessage, Records: "A question or an answer on a request.", Rests: "safeguard", By: []Writer{ByAnybody}, Opens: OpensByWriter, Steps: OnePerson,
		After: []After{AfterRequest}, Once: "terms.subject", Needs: []string{"document", "request", "terms.subject", "terms.relies"}, Private: []string{"text"},
		Refused: EitherOutcome,
	},
	{
		Kind: KindAuthorization, Records: "The Discloser, or an entity concerned, authorized what a request asks for.", Rests: "4(4)",
		By: []Writer{ByDiscloser, ByEntity}, Opens: OpensByWriter, Steps: OnePerson, After: []After{AfterRequest}, Once: "terms.decision",
		Needs: decided, May: mayDecide, Private: words, Refused: EitherOutcome,
	},
	{
		Kind: KindFiling, Records: "The Discloser filed the authorization of an entity concerned that has no account, with its instrument.", Rests: "4(4)",
		By: []Writer{ByDiscloser}, Opens: OpensDiscloser, Steps: TwoPeople, After: []After{AfterRequest}, Once: "terms.decision",
		Needs: and(decided, "terms.step"), May: and(mayDecide, "terms.instrument", "terms.given"), Private: []string{"entity", "given-by", "statement"}, Refused: EitherOutcome,
	},
	{
		Kind: KindConsent, Records: "The Discloser consented in writing to the disclosure to a third party.", Rests: "4(8)", By: []Writer{ByDiscloser}, Opens: OpensBoth,
		Steps: OnePerson, After: []After{AfterRequest}, Once: "terms.decision", Needs: and(decided, "terms.evidence"),
		May: and(mayDecide, "terms.evidence_digest", "terms.evidence_key"), Private: and(words, "id-token", "evidence-key"), Refused: EitherOutcome,
	},
	{
		Kind: KindRefusal, Records: "The Discloser, or an entity concerned, said no to a request.", Rests: "4(4), 4(8)", By: []Writer{ByDiscloser, ByEntity},
		Opens: OpensByWriter, Steps: OnePerson, After: []After{AfterRequest}, Once: "terms.decision", Needs: decided, May: mayDecide, Private: words, Refused: EitherOutcome,
	},
	{
		Kind: KindAdmission, Records: "The organisation that reads admitted people of its own to what was granted.", Rests: "4(6)", By: []Writer{ByRecipient}, Opens: OpensByWriter,
		Steps: OnePerson, After: []After{AfterRequest}, Needs: []string{"document", "request", "terms.discloser", "terms.recipient", "terms.people", "terms.relies"},
		Refused: EitherOutcome,
	},
	{
		Kind: KindWithdrawal, Records: "Decisions were taken back, or the request given up by who made it; for the future only.", Rests: "reading 0006",
		By: []Writer{ByAnybody}, Opens: OpensByWriter, Steps: OnePerson, After: []After{AfterRequest},
		Needs: []string{"document", "request", "terms.discloser", "terms.recipient", "terms.relies"}, May: []string{"terms.document_version", "terms.withdraws", "terms.delegation"},
		Private: []string{"statement"}, Refused: EitherOutcome,
	},
	{
		Kind: KindLapse, Records: "Nobody answered a request in time.", Rests: "reading 0007", By: []Writer{ByGateway}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterRequest}, Once: "request", Needs: []string{"document", "request", "terms.relies"}, Refused: PermitsOnly,
	},
	{
		Kind: KindExpiry, Records: "What was granted on a request came to the end of its term.", Rests: "4(8)", By: []Writer{ByGateway}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterRequest}, Once: "request", Needs: []string{"document", "request", "terms.relies"}, Refused: PermitsOnly,
	},
	{
		Kind: KindRelease, Records: "A non-confidential document was released to a third party.", Rests: "4(2)", By: []Writer{ByParty}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterDeposit}, Once: "terms.subject", Needs: and(ofChange, "terms.purposes", "terms.subject"), May: and(mayMark, "terms.recipient_record"),
		Private: []string{"statement", "transfer-basis"}, Refused: EitherOutcome,
	},
	{
		Kind: KindAgreement, Records: "The text of a Confidentiality Agreement was put to a third party.", Rests: "4(8)", By: []Writer{ByParty}, Opens: OpensBoth, Steps: OnePerson,
		Once: "terms.agreement", Needs: []string{"terms.recipient", "terms.agreement", "terms.agreement_text"}, May: []string{"document"}, Refused: EitherOutcome,
	},
	{
		Kind: KindSignature, Records: "The third party signed that text.", Rests: "4(8)", By: []Writer{ByRecipient}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterAgreement}, Once: "terms.agreement", Needs: []string{"terms.recipient", "terms.agreement", "terms.agreement_text", "terms.relies"},
		Private: []string{"name", "function", "authority"}, Refused: EitherOutcome,
	},
	{
		Kind: KindDisclosure, Records: "One version may leave for one person. No byte leaves before this entry stands in a signed tree.", Rests: "4(4), 4(8)",
		By: []Writer{ByReader}, Opens: OpensDisclosure, Steps: OnePerson, After: []After{AfterDeposit, AfterAuthority}, Once: "disclosure",
		Needs: []string{"document", "disclosure"}, May: []string{"request"}, Private: []string{"statement", "required"}, Refused: EitherOutcome,
	},
	{
		Kind: KindCopy, Records: "The marked copy of a disclosure was made, before its first byte leaves; refused: it could not be made.", Rests: "4(6)", By: []Writer{ByReader},
		Opens: OpensLike, Steps: OnePerson, After: []After{AfterDisclosure}, Once: "terms.subject",
		Needs: []string{"document", "terms.subject", "terms.document_version", "terms.media_type", "terms.digest", "terms.relies"}, May: []string{"terms.size"}, Refused: EitherOutcome,
	},
	{
		Kind: KindCompletion, Records: "How one transfer of a disclosure ended, or that nobody fetched it.", Rests: "4(6)", By: []Writer{ByReader, ByGateway}, Opens: OpensLike,
		Steps: OnePerson, After: []After{AfterDisclosure}, Needs: []string{"document", "completion"}, Refused: PermitsOnly,
	},
	{
		Kind: KindMarking, Records: "A document was marked otherwise.", Rests: "4(9), reading 0002", By: []Writer{ByDiscloser}, Opens: OpensBoth, Steps: OneOrTwo,
		After: []After{AfterDeposit}, Needs: ofChange, May: and(mayMark, "terms.step"), Private: []string{"reason", "entities"}, Refused: EitherOutcome,
	},
	{
		Kind: KindEntities, Records: "Entities concerned were added, or one taken off.", Rests: "4(4)", By: []Writer{ByDiscloser}, Opens: OpensDiscloser, Steps: OneOrTwo,
		After: []After{AfterDeposit}, Needs: ofChange, May: and(mayMark, "terms.step"), Private: []string{"added", "removed", "reason"}, Refused: EitherOutcome,
	},
	{
		Kind: KindCorrection, Records: "A new version came in, and may have closed the one before.", Rests: "4(9)", By: []Writer{ByDiscloser}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterDeposit}, Once: "terms.document_version", Needs: and(ofChange, "terms.document_version", "terms.version_commitment", "terms.subject"),
		May: and(mayMark, "terms.size", "terms.media_type", "terms.closes"), Private: []string{"explanation", "file-name", "marking-confirmation", "entities"}, Refused: EitherOutcome,
	},
	{
		Kind: KindRecall, Records: "A document was recalled: every decision on it ended.", Rests: "reading 0006", By: []Writer{ByDiscloser}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterDeposit}, Needs: ofChange, May: and(mayMark, "terms.withdraws", "terms.delegation"), Private: []string{"reason", "entities"}, Refused: EitherOutcome,
	},
	{
		Kind: KindDestruction, Records: "The key of a version was destroyed; the entries stay.", Rests: "safeguard", By: []Writer{ByDiscloser}, Opens: OpensBoth, Steps: TwoPeople,
		After: []After{AfterDeposit}, Needs: and(ofChange, "terms.document_version", "terms.step"), May: and(mayMark, "terms.version_commitment", "terms.delegation"),
		Private: []string{"reason", "entities"}, Refused: EitherOutcome,
	},
	{
		Kind: KindAcknowledgement, Records: "A holder of copies, or who was told something, answered a notice.", Rests: "4(10)", By: []Writer{ByAnybody}, Opens: OpensBoth,
		Steps: OnePerson, Once: "terms.subject", Needs: []string{"terms.subject"}, May: []string{"document"}, Private: []string{"disposition", "statement"}, Refused: EitherOutcome,
	},
	{
		Kind: KindSuspension, Records: "A Party stopped a document, a person or a third party.", Rests: "4(6)", By: []Writer{ByParty}, Opens: OpensBoth, Steps: OnePerson,
		Once: "terms.subject", Needs: []string{"terms.subject"}, May: []string{"document", "terms.people", "terms.recipient"}, Private: []string{"reason"}, Refused: EitherOutcome,
	},
	{
		Kind: KindLeak, Records: "A leak was reported: every grant on the document is suspended.", Rests: "4(6)", By: []Writer{ByAnybody}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterDeposit}, Once: "terms.subject", Needs: []string{"document", "terms.discloser", "terms.subject"}, Private: []string{"statement"}, Refused: EitherOutcome,
	},
	{
		Kind: KindLifting, Records: "The Party that stopped something lifted that.", Rests: "4(6)", By: []Writer{ByParty}, Opens: OpensBoth, Steps: TwoPeople,
		Needs: []string{"terms.subject", "terms.step"}, May: []string{"document", "terms.relies"}, Private: []string{"reason"}, Refused: EitherOutcome,
	},
	{
		Kind: KindHold, Records: "Nothing of a document may be erased or destroyed.", Rests: "safeguard", By: []Writer{ByParty}, Opens: OpensBoth, Steps: OnePerson,
		After: []After{AfterDeposit}, Once: "terms.subject", Needs: and(ofChange, "terms.subject"), May: mayMark, Private: []string{"reason"}, Refused: EitherOutcome,
	},
	{
		Kind: KindHoldEnded, Records: "The Party that placed a hold ended it.", Rests: "safeguard", By: []Writer{ByParty}, Opens: OpensBoth, Steps: TwoPeople, After: []After{AfterHold},
		Needs: []string{"document", "terms.subject", "terms.relies", "terms.step"}, Private: []string{"reason"}, Refused: EitherOutcome,
	},
	{
		Kind: KindDesignation, Records: "A Party named its focal point.", Rests: "5(3)", By: []Writer{ByParty}, Opens: OpensBySteps, Steps: TwoPeople,
		Needs: []string{"terms.subject", "terms.step"}, May: []string{"terms.instrument", "terms.given", "terms.delegation", "terms.relies"}, Private: []string{"subject", "name"},
		Refused: EitherOutcome,
	},
	{
		Kind: KindDelegation, Records: "A Party filed a Delegation of an official, or ended one.", Rests: "4(8)", By: []Writer{ByParty}, Opens: OpensBySteps, Steps: TwoPeople,
		Needs: []string{"terms.subject", "terms.step"}, May: []string{"terms.instrument", "terms.delegation", "terms.acts", "terms.from", "terms.until", "terms.holder", "terms.relies"},
		Private: []string{"subject", "name"}, Refused: EitherOutcome,
	},
	{
		Kind: KindRecognition, Records: "One Party proposed a third party, or a change of one, and the other confirmed it.", Rests: "4(8)", By: []Writer{ByParty}, Opens: OpensBoth,
		Steps: TwoPeople, Needs: []string{"terms.subject", "terms.recipient_record", "terms.step"}, May: []string{"terms.delegation", "terms.relies"}, Private: []string{"name", "issuer"},
		Refused: EitherOutcome,
	},
	{
		Kind: KindNotice, Records: "A Party gave notice of termination.", Rests: "11(4)", By: []Writer{ByParty}, Opens: OpensBySteps, Steps: TwoPeople,
		Needs: []string{"terms.subject", "terms.given", "terms.step"}, May: []string{"terms.delegation", "terms.relies"}, Private: []string{"statement"}, Refused: EitherOutcome,
	},
	{
		Kind: KindErasure, Records: "What stood behind a private field of an entry was removed, or who a person is; commitments stay.", Rests: "4(3)", By: []Writer{ByParty},
		Opens: OpensSubject, Steps: TwoPeople, Needs: []string{"terms.subject", "terms.step"}, May: []string{"document", "terms.field", "terms.delegation", "terms.relies"},
		Private: []string{"legal-basis"}, Refused: EitherOutcome,
	},
	{
		Kind: KindExplanation, Records: "Somebody asked what the rules would say, of themselves or of others.", Rests: "4(6)", By: []Writer{ByAnybody}, Opens: OpensOwn, Steps: OnePerson,
		May: []string{"document", "request", "terms.recipient", "terms.people"}, Refused: EitherOutcome,
	},
	{
		Kind: KindTracing, Records: "Somebody asked whose copy it is that was found.", Rests: "4(6)", By: []Writer{ByParty}, Opens: OpensOwn, Steps: OnePerson,
		May: []string{"terms.digest", "terms.people"}, Private: []string{"clue"}, Refused: EitherOutcome,
	},
	{
		Kind: KindAccounting, Records: "Somebody read who had a document.", Rests: "4(6)", By: []Writer{ByAnybody}, Opens: OpensOwn, Steps: OnePerson,
		After: []After{AfterDeposit}, Needs: []string{"document"}, Refused: EitherOutcome,
	},
	{
		Kind: KindReading, Records: "An auditor read the log, or took a bundle of it.", Rests: "safeguard", By: []Writer{ByParty}, Opens: OpensOwn, Steps: OnePerson,
		Needs: []string{"terms.subject"}, Refused: EitherOutcome,
	},
	{
		Kind: KindTooMany, Records: "How many refusals of one person came too fast for an entry each.", Rests: "safeguard", By: []Writer{ByAnybody}, Opens: OpensOwn, Steps: OnePerson,
		Refused: RefusalsOnly,
	},
}
