package article4

// Identifiers are opaque: a prefix and random characters. They count nothing and tell nothing.
type (
	// OrganisationID names an organisation ("org_…").
	OrganisationID string
	// PersonID names a person without saying who it is ("per_…").
	PersonID string
	// DocumentID names a document ("doc_…").
	DocumentID string
	// VersionID names one immutable version of a document ("ver_…").
	VersionID string
	// SeriesID names a series of documents of one Discloser ("ser_…").
	SeriesID string
	// RequestID names an access request ("req_…").
	RequestID string
	// DecisionID names an authorization ("aut_…") or a consent ("cns_…").
	DecisionID string
	// AgreementID names the text of a Confidentiality Agreement put to one third party ("agr_…").
	AgreementID string
	// DisclosureID names one authorised disclosure ("dis_…").
	DisclosureID string
	// DelegationID names a Delegation ("del_…").
	DelegationID string
)

// Digest is a SHA-256 in lower-case hexadecimal, 64 characters; the zero value means "none".
type Digest string
