package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
)

// Instrument is the Arrangement file: what the Parties signed and told each other in writing.
// Dates are days, 00:00 UTC.
type Instrument struct {
	Title        string             `yaml:"title"`
	Parties      []PartyClause      `yaml:"parties"` // exactly two
	ThirdParties []ThirdPartyClause `yaml:"third_parties"`
	Operator     OperatorClause     `yaml:"operator"`
	Purposes     []PurposeClause    `yaml:"purposes"`
	// SpecificArrangements are concluded under Article 6(3), with purposes of their own.
	SpecificArrangements []SpecificClause `yaml:"specific_arrangements"`
	// Digest is the SHA-256 of the file as read.
	Digest article4.Digest `yaml:"-"`
	// SignIn holds, by issuer, the clients through which people sign in. It is the gateway's configuration and not of the file;
	// the log says it so that an auditor can tell what an ID token was meant for.
	SignIn map[string][]string `yaml:"-"`
}

// PartyClause is one Party with its signature, its focal point and its first Delegations.
type PartyClause struct {
	Short       string             `yaml:"short"`
	Name        string             `yaml:"name"`
	Issuer      string             `yaml:"issuer"`
	SignedOn    time.Time          `yaml:"signed_on"` // zero: not yet signed
	FocalPoint  *FocalPointClause  `yaml:"focal_point"`
	Delegations []DelegationClause `yaml:"delegations"`
}

// FocalPointClause designates a focal point (Article 5(3)).
type FocalPointClause struct {
	Subject      string    `yaml:"subject"`
	Name         string    `yaml:"name"`
	DesignatedOn time.Time `yaml:"designated_on"`
}

// DelegationClause names who may decide for a Party, from when until when.
type DelegationClause struct {
	Subject     string          `yaml:"subject"`
	Name        string          `yaml:"name"`
	Acts        []article4.Act  `yaml:"acts"`
	From        time.Time       `yaml:"from"`
	Until       time.Time       `yaml:"until"`
	Instrument  article4.Digest `yaml:"instrument_sha256"`
	FiledBy     string          `yaml:"filed_by"`
	ConfirmedBy string          `yaml:"confirmed_by"`
}

// ends is the instant at which it ends: the file names days, and the last one is still included.
func (d DelegationClause) ends() time.Time { return endOf(d.Until) }

// ThirdPartyClause is a third party that one Party proposed and the other confirmed.
type ThirdPartyClause struct {
	Short       string `yaml:"short"`
	Name        string `yaml:"name"`
	Type        string `yaml:"type"`
	Country     string `yaml:"country"`
	Issuer      string `yaml:"issuer"`
	ProposedBy  string `yaml:"proposed_by"`
	ConfirmedBy string `yaml:"confirmed_by"`
}

// OperatorClause is the organisation that runs the gateway; it decides nothing.
type OperatorClause struct {
	Short  string `yaml:"short"`
	Name   string `yaml:"name"`
	Issuer string `yaml:"issuer"`
}

// PurposeClause is one area of cooperation, its label in our own words, and its paragraph.
type PurposeClause struct {
	Code      article4.PurposeCode `yaml:"code"`
	Label     string               `yaml:"label"`
	Paragraph string               `yaml:"paragraph"`
}

// SpecificClause is a separate arrangement on a specific project (Article 6(3)). Its purposes have codes of their own,
// "sa1.a", and name the paragraph of the Arrangement that they narrow.
type SpecificClause struct {
	Title      string          `yaml:"title"`
	SignedOn   time.Time       `yaml:"signed_on"`
	EndsOn     *time.Time      `yaml:"ends_on"` // the last day in force; absent: no term
	Instrument article4.Digest `yaml:"instrument_sha256"`
	Purposes   []PurposeClause `yaml:"purposes"`
}
