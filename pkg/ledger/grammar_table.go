package ledger

import "slices"

// Fields that several kinds share.
var (
	ofChange = []string{"document", "terms.discloser", "terms.recipient", "terms.marking", "terms.relies"}
	mayMark  = []string{"terms.proprietary", "terms.personal_data"}
	decided  = []string{"document", "request", "terms.discloser", "terms.recipient", "terms.document_version",
		"terms.purposes", "terms.form", "terms.relies",
		"terms.text", "terms.decision"}
	mayDecide = []string{"terms.recipient_record", "terms.people", "terms.until", "terms.conditions",
		"terms.entities_none", "terms.delegation", "terms.earlier_serves",
		"terms.agreement_required", "terms.agreement", "terms.agreement_text"}
	evidence   = []string{"terms.evidence", "terms.evidence_digest", "terms.evidence_key"}
	words      = []string{"statement", "conditions", "text"}
	ofLowering = []string{"document", "terms.discloser", "terms.recipient", "terms.marking", "terms.document_version",
		"terms.decision", "terms.relies"}
)

func and(fields []string, more ...string) []string {
	return append(fields[:len(fields):len(fields)], more...)
}

// Grammar is the table of all kinds, in the order in which a document lives: one row a kind. A kind that stands in none
// is never written, and not judged.
var Grammar = slices.Concat(decisionRows, documentRows, partyRows)
