package ledger

import "time"

// Kind says what an entry records.
type Kind string

// The kinds of entry. A verifier treats a kind that it does not know as opaque but counted.
const (
	KindDeposit       Kind = "deposit"
	KindRequest       Kind = "request"
	KindAuthorization Kind = "authorization"
	KindConsent       Kind = "consent"
	KindRefusal       Kind = "refusal" // a signatory's or entity's "no" to a request
	KindAdmission     Kind = "admission"
	KindWithdrawal    Kind = "withdrawal"
	KindAgreement     Kind = "agreement" // the text of a Confidentiality Agreement put to a third party
	KindSignature     Kind = "signature"
	KindDisclosure    Kind = "disclosure"
	KindCompletion    Kind = "completion" // how one transfer of a disclosure ended
	KindLapse         Kind = "lapse"      // by the gateway
	KindExpiry        Kind = "expiry"     // by the gateway
	KindReading       Kind = "reading"    // somebody read the log
	KindConfiguration Kind = "configuration"
	KindDescribe      Kind = "describe" // only ever refused: a permitted look at a stub is no disclosure
)

// Outcome says whether the rules permitted the act.
type Outcome string

// The outcomes. A completion, lapse, expiry or configuration entry is recorded as permitted.
const (
	Permitted Outcome = "permit"
	Refused   Outcome = "refuse"
)

// Body is what an entry says. Its canonical encoding (Encode) is what is hashed and stored; at most MaxBody bytes.
// Identifiers are those of the gateway; names, titles and sentences never stand here, only commitments to them.
type Body struct {
	Version       int       `json:"v"` // 1
	Kind          Kind      `json:"kind"`
	ID            string    `json:"id"` // "ent_…"
	At            time.Time `json:"at"` // UTC, microseconds
	Actor         string    `json:"actor,omitempty"`
	Organisation  string    `json:"organisation,omitempty"`
	Issuer        string    `json:"issuer,omitempty"`
	Client        string    `json:"client,omitempty"`
	ACR           string    `json:"acr,omitempty"`
	AuthTime      time.Time `json:"auth_time,omitzero"`
	Outcome       Outcome   `json:"outcome"`
	Reasons       []string  `json:"reasons,omitempty"`
	Rules         string    `json:"rules"` // digest of the rules in force, "sha256:…"
	Build         string    `json:"build"`
	Configuration string    `json:"configuration,omitempty"` // id of the configuration entry in force

	Document string `json:"document,omitempty"`
	Request  string `json:"request,omitempty"`
	// Target is set instead of Document and Request when the target is absent or not to be known:
	// a salted hash of what was asked for.
	Target string `json:"target,omitempty"`

	Terms      *Terms      `json:"terms,omitempty"`
	Disclosure *Disclosure `json:"disclosure,omitempty"`
	Completion *Completion `json:"completion,omitempty"`
	Configured *Configured `json:"configured,omitempty"`
	Counted    *Counted    `json:"counted,omitempty"`

	// Private maps a field ("title", "file-name", "statement", …) to its salted commitment, lower-case hex.
	Private map[string]string `json:"private,omitempty"`
}

// Terms is what a deposit, request, authorization, consent, refusal, admission, withdrawal, agreement or signature
// says.
type Terms struct {
	Discloser string `json:"discloser,omitempty"`
	// the other Party at deposit; the beneficiary in a request and in a decision
	Recipient         string    `json:"recipient,omitempty"`
	RecipientRecord   string    `json:"recipient_record,omitempty"`
	Marking           string    `json:"marking,omitempty"`
	Proprietary       bool      `json:"proprietary,omitempty"`
	PersonalData      bool      `json:"personal_data,omitempty"`
	RetainUntil       time.Time `json:"retain_until,omitzero"`
	Entities          []string  `json:"entities,omitempty"`
	EntitiesNone      bool      `json:"entities_none,omitempty"`
	Purposes          []string  `json:"purposes,omitempty"`
	DocumentVersion   string    `json:"document_version,omitempty"`
	VersionCommitment string    `json:"version_commitment,omitempty"` // salted digest of the version's bytes
	Size              int64     `json:"size,omitempty"`
	MediaType         string    `json:"media_type,omitempty"`
	People            []string  `json:"people,omitempty"`
	Delivery          bool      `json:"delivery,omitempty"` // of a request: nobody asks, the Discloser gives
	Until             time.Time `json:"until,omitzero"`
	Form              string    `json:"form,omitempty"`
	Sources           []string  `json:"sources,omitempty"`    // documents that this one derives from (reading 0110)
	Conditions        string    `json:"conditions,omitempty"` // SHA-256, hex
	AgreementRequired bool      `json:"agreement_required,omitempty"`
	Agreement         string    `json:"agreement,omitempty"`
	AgreementText     string    `json:"agreement_text,omitempty"` // SHA-256, hex
	// a signature of an earlier agreement text serves (Article 4(8))
	EarlierServes  bool     `json:"earlier_serves,omitempty"`
	Text           string   `json:"text,omitempty"`            // SHA-256 of the canonical text that was decided on
	Decision       string   `json:"decision,omitempty"`        // "aut_…", "cns_…"
	Relies         []string `json:"relies,omitempty"`          // body hashes of the entries that this one rests on
	Withdraws      []string `json:"withdraws,omitempty"`       // body hashes of the decisions withdrawn
	Delegation     string   `json:"delegation,omitempty"`      // body hash or digest of the Delegation
	Evidence       string   `json:"evidence,omitempty"`        // oidc, letter, none
	EvidenceDigest string   `json:"evidence_digest,omitempty"` // SHA-256 of the ID token or the letter
	EvidenceKey    string   `json:"evidence_key,omitempty"`    // RFC 7638 thumbprint of the issuer's key
	Digest         string   `json:"digest,omitempty"`          // SHA-256 of a marked copy: it is one person's alone
	Step           Step     `json:"step,omitempty"`            // of an act that takes two people
	// person, organisation, suspension or notice that the act is about
	Subject    string    `json:"subject,omitempty"`
	Instrument string    `json:"instrument,omitempty"` // SHA-256 of the written instrument
	Given      time.Time `json:"given,omitzero"`       // the day that a notice or an authorization on paper bears
	Acts       []string  `json:"acts,omitempty"`       // of a Delegation
	From       time.Time `json:"from,omitzero"`        // of a Delegation; Until is its end
	Holder     string    `json:"holder,omitempty"`     // of a Delegation: HolderOf
	Closes     string    `json:"closes,omitempty"`     // the version that a new one closes
	// an erasure: which private field of the entry that Subject names
	Field string `json:"field,omitempty"`
	// of a document, of the Delivery that it began with, and of an authorization that stands: "ser_…" (reading 0111)
	Series   string   `json:"series,omitempty"`
	Markings []string `json:"markings,omitempty"` // that the documents of a series may bear
}

// Disclosure is the authority on which one version may leave for one person.
type Disclosure struct {
	ID             string   `json:"id"` // "dis_…"
	Version        string   `json:"version"`
	Commitment     string   `json:"commitment"` // salted digest of the version's bytes
	From           string   `json:"from"`       // organisation of the Discloser
	To             string   `json:"to"`         // organisation of the reader
	Marking        string   `json:"marking"`
	Proprietary    bool     `json:"proprietary,omitempty"`
	PersonalData   bool     `json:"personal_data,omitempty"`
	Phase          string   `json:"phase"`
	Purpose        string   `json:"purpose,omitempty"`
	Form           string   `json:"form"`
	CopyNumber     string   `json:"copy_number"`
	Grant          string   `json:"grant,omitempty"`           // body hash of the request's entry
	Authorizations []string `json:"authorizations,omitempty"`  // body hashes
	Consent        string   `json:"consent,omitempty"`         // body hash
	SourceConsents []string `json:"source_consents,omitempty"` // body hashes: of the Disclosers of its sources
	// digest of that on which the Discloser's own decision rests
	Delegation string    `json:"delegation,omitempty"`
	Agreement  string    `json:"agreement,omitempty"`  // body hash of the signature
	Conditions string    `json:"conditions,omitempty"` // SHA-256 of the conditions accepted
	Expires    time.Time `json:"expires"`              // GETs of the content begin before this instant
}

// Completion says how one transfer ended, or that a disclosure was never fetched.
type Completion struct {
	Disclosure string `json:"disclosure"`
	Closes     string `json:"closes"` // body hash of the disclosure's entry
	End        End    `json:"end"`
	Offset     int64  `json:"offset"` // first byte asked for
	Length     int64  `json:"length"` // bytes asked for
	Bytes      int64  `json:"bytes"`  // bytes handed to the network; 0 <= Bytes <= Length
	// SHA-256 of the marked copy; the original's is committed to where it was disclosed
	Copy  string `json:"copy,omitempty"`
	Pages string `json:"pages,omitempty"` // that were shown, e.g. "1-3,7"
	// Began is when the transfer was decided, behind the locks; zero when there was none.
	Began time.Time `json:"began,omitzero"`
}

// End is how a transfer, or an unfetched disclosure, ended.
type End string

// The ends of a transfer.
const (
	EndComplete End = "complete"
	EndAborted  End = "aborted"
	EndUnknown  End = "unknown" // no heartbeat; a replica closed it for another
	EndUnused   End = "unused"  // the permit is over and no transfer ever began: no byte left
	EndShown    End = "shown"   // pages were shown one by one, and by this no file was handed out
)

// Counted stands for refusals of one person that came too fast for an entry each.
type Counted struct {
	Refusals int       `json:"refusals"`
	From     time.Time `json:"from"` // of the first
	To       time.Time `json:"to"`   // of the last
}

// Configured is what the configuration says: digests, and of the Arrangement file what a disclosure is held against.
type Configured struct {
	Arrangement string       `json:"arrangement"`
	Claims      string       `json:"claims"`
	Bindings    string       `json:"bindings"` // digest of all of them, the operator's too
	Custody     string       `json:"custody"`
	Weakening   []string     `json:"weakening,omitempty"`   // settings that make the gateway accept less, by name
	Signed      []Signed     `json:"signed,omitempty"`      // each Party once
	Specific    []Specific   `json:"specific,omitempty"`    // arrangements under Article 6(3)
	Delegations []Delegation `json:"delegations,omitempty"` // of the Arrangement file
	// Organisations says whose identity provider speaks for whom: of the Parties and the third parties of the
	// Arrangement file.
	Organisations []Binding `json:"organisations,omitempty"`
}

// Binding is an organisation and the one identity provider that may assert its people, and how that provider's tokens
// are read.
type Binding struct {
	Organisation string   `json:"organisation"`
	Issuer       string   `json:"issuer"`
	Clients      []string `json:"clients,omitempty"` // through which people sign in: an ID token is meant for one
	// ACR are the sign-ins of which deciding acts want one (RFC 9470), as the token says them in ACRClaim, or else in
	// acr; none: every sign-in is one.
	ACR       []string          `json:"acr,omitempty"`
	ACRClaim  string            `json:"acr_claim,omitempty"`
	RoleClaim string            `json:"role_claim,omitempty"` // where a token has the groups of a person
	Roles     map[string]string `json:"roles,omitempty"`      // the role of each group
}

// Signed is the day on which a Party signed the Arrangement (Article 11(1)); without one it has not.
type Signed struct {
	Party string    `json:"party"`
	On    time.Time `json:"on,omitzero"`
}

// Specific is a specific arrangement: its purposes are open from the day of its signature through its last.
type Specific struct {
	Purposes []string  `json:"purposes"`
	Signed   time.Time `json:"signed"`
	Ends     time.Time `json:"ends,omitzero"`
}

// Delegation says what an official of a Party may decide, and when: From <= at < Until. Digest is of the whole clause,
// which names the official.
type Delegation struct {
	Digest       string    `json:"digest"`
	Organisation string    `json:"organisation"`
	Acts         []string  `json:"acts"`
	From         time.Time `json:"from"`
	Until        time.Time `json:"until"`
	Holder       string    `json:"holder,omitempty"` // HolderOf
}

// HolderOf ties a Delegation to its holder without naming the person: an auditor who is shown a subject, as an ID token
// shows it, can tell whether the Delegation is that person's (docs/decisions/0091). delegation is its digest.
func HolderOf(delegation, issuer, subject string) string {
	return digestOf("chancery delegation holder v1\n" + delegation + "\n" + issuer + "\n" + subject)
}
