package article4

// Code names one reason, "art4.8/no-written-consent"; a code without a rule does not exist.
type Code string

// Reason is one thing that stands in the way. Words, basis, paragraph, status and remedy stand in the table: see
// Lookup.
type Reason struct {
	Code Code
	From OrganisationID // who can supply what is missing; empty when nobody in particular
}

// Ruling is the answer to Facts: a permit, or every reason why not, sorted by paragraph.
type Ruling struct {
	Permit  bool
	Reasons []Reason // empty if and only if Permit
	// Relies is the grant that a permitted disclosure rests on; nil when none is needed.
	Relies *GrantFacts
	// Nearest is the request that came nearest to permitting a refused disclosure; empty when the reader's organisation
	// has none.
	Nearest RequestID
	// Forms are what a permitted disclosure may hand out; nil for other acts.
	Forms *Forms
}

// Missing is one thing that an open request still needs.
type Missing struct {
	What Code           // the reason that its absence gives
	From OrganisationID // who can supply it
}
