package article4

import "slices"

// Entry is what the table says of one code. The words are plain: what is missing, and who can supply it.
type Entry struct {
	Code      Code
	Paragraph string // "4(8)"; "gateway" where the code serves no single paragraph
	Basis     string // "text", "reading 0001" …, "safeguard"; only for text may one say "Article 4(x) says"
	Status    int    // 503, 429, 401, 403, 422 or 409, see Worst
	Remedy    Remedy
	Effect    Effect // what did not happen
	English   Words
	French    Words
}

// Words are a title of one line, and a detail of a sentence or two.
type Words struct {
	Title  string
	Detail string
}

// Remedy is the kind of thing that helps; whoever renders a refusal turns it into a place to go.
type Remedy string

// The remedies.
const (
	RemedyRequestAccess     Remedy = "request-access"
	RemedyAskLonger         Remedy = "ask-longer"
	RemedyAskAuthorization  Remedy = "ask-authorization"
	RemedyAskConsent        Remedy = "ask-consent"
	RemedySignAgreement     Remedy = "sign-agreement"
	RemedyProposeAgreement  Remedy = "propose-agreement" // another text, by the Party whose text was declined
	RemedyAcceptConditions  Remedy = "accept-conditions"
	RemedyAskAdmission      Remedy = "ask-admission"
	RemedyAskRelease        Remedy = "ask-release"
	RemedyStepUp            Remedy = "step-up"
	RemedyStatePurpose      Remedy = "state-purpose"
	RemedyOtherPurpose      Remedy = "other-purpose" // one of the document's own
	RemedyCorrectMetadata   Remedy = "correct-metadata"
	RemedyChooseForm        Remedy = "choose-form"
	RemedyShortenUntil      Remedy = "shorten-until"
	RemedyAskColleague      Remedy = "ask-colleague" // another person of the same organisation can do it
	RemedyRetryLater        Remedy = "retry-later"
	RemedyContactFocalPoint Remedy = "contact-focal-point"
	RemedySeeOwnLimits      Remedy = "see-own-limits"  // of a machine client: what is listed for it
	RemedySeeArrangement    Remedy = "see-arrangement" // nobody can help; the Arrangement's dates say why
)

// Lookup finds the entry of a code; false for a code that does not exist.
func Lookup(code Code) (Entry, bool) {
	at := position(code)
	if at == len(table) {
		return Entry{}, false
	}
	return table[at].worded(), true
}

// Codes lists every code in the order of the paragraphs, the codes of the gateway last.
func Codes() []Code {
	codes := make([]Code, len(table))
	for i := range table {
		codes[i] = table[i].Code
	}
	return codes
}

// position is the place of a code in the table; a code that does not exist comes last.
func position(code Code) int {
	for i := range table {
		if table[i].Code == code {
			return i
		}
	}
	return len(table)
}

// Worst is the status that answers for all reasons together: 503, 429, 401, 403, 422, 409, the first of them that
// occurs. A code that does not exist counts as 403, and so does a refusal without reasons.
func Worst(reasons []Reason) int {
	for _, status := range []int{503, 429, 401, 403, 422, 409} {
		if slices.ContainsFunc(reasons, func(r Reason) bool { return statusOf(r.Code) == status }) {
			return status
		}
	}
	return 403
}

func statusOf(code Code) int {
	at := position(code)
	if at == len(table) {
		return 403
	}
	return table[at].Status
}
