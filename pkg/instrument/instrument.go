// Package instrument reads the Arrangement file: what the Parties signed and told each other in writing.
//
// Read decodes the file and checks it whole. It answers with an Instrument that the gateway can apply, or with every
// fault at once, each with its line, its key and the paragraph that asks for it. The package imports nothing of the
// gateway, so that whoever drafts such a file can check it with this package alone; pkg/exchange applies what it
// read.
package instrument

import (
	"fmt"
	"strings"
	"time"
)

// Instrument is the Arrangement file. Dates are days, 00:00 UTC.
type Instrument struct {
	Title        string       `yaml:"title"`
	Parties      []Party      `yaml:"parties"` // exactly two
	ThirdParties []ThirdParty `yaml:"third_parties"`
	Operator     Operator     `yaml:"operator"`
	Purposes     []Purpose    `yaml:"purposes"`
	// SpecificArrangements are concluded under Article 6(3), with purposes of their own.
	SpecificArrangements []Specific `yaml:"specific_arrangements"`
	// Digest is the SHA-256 of the file as read, in hexadecimal.
	Digest string `yaml:"-"`
	// SignIn says, by issuer, how its tokens are read. It is the gateway's configuration and not of the file; the log
	// says it, so that an auditor can tell what an ID token was meant for, what was taken for a sign-in by which
	// somebody may decide, and who had which role.
	SignIn map[string]SignIn `yaml:"-"`
}

// SignIn is how the tokens of an issuer are read.
type SignIn struct {
	Clients   []string          // through which people sign in
	ACR       []string          // any of these is a sign-in that deciding acts want; none: every sign-in is
	ACRClaim  string            // where a token has it; "": in acr
	RoleClaim string            // where a token has the groups of a person
	Roles     map[string]string // the role of each group
}

// Party is one Party with its signature, its focal point and its first Delegations.
type Party struct {
	Short       string       `yaml:"short"`
	Name        string       `yaml:"name"`
	Issuer      string       `yaml:"issuer"`
	SignedOn    time.Time    `yaml:"signed_on"` // zero: not yet signed
	FocalPoint  *FocalPoint  `yaml:"focal_point"`
	Delegations []Delegation `yaml:"delegations"`
}

// FocalPoint designates a focal point (Article 5(3)).
type FocalPoint struct {
	Subject      string    `yaml:"subject"`
	Name         string    `yaml:"name"`
	DesignatedOn time.Time `yaml:"designated_on"`
}

// Delegation names who may decide for a Party, from when until when. The gateway names a Delegation by the digest of
// this struct as JSON: its fields keep their names and their order.
type Delegation struct {
	Subject     string    `yaml:"subject"`
	Name        string    `yaml:"name"`
	Acts        []string  `yaml:"acts"` // some of Delegable
	From        time.Time `yaml:"from"`
	Until       time.Time `yaml:"until"`             // the last day, included
	Instrument  string    `yaml:"instrument_sha256"` // of the signed paper, in hexadecimal
	FiledBy     string    `yaml:"filed_by"`
	ConfirmedBy string    `yaml:"confirmed_by"`
}

// Ends is the instant at which the Delegation ends: the end of its last day.
func (d Delegation) Ends() time.Time { return d.Until.AddDate(0, 0, 1) }

// ThirdParty is a third party that one Party proposed and the other confirmed.
type ThirdParty struct {
	Short       string `yaml:"short"`
	Name        string `yaml:"name"`
	Type        string `yaml:"type"` // one of ThirdPartyTypes
	Country     string `yaml:"country"`
	Issuer      string `yaml:"issuer"`
	ProposedBy  string `yaml:"proposed_by"`
	ConfirmedBy string `yaml:"confirmed_by"`
	// Mandates are the first: both Parties signed the file.
	Mandates []Mandate `yaml:"mandates"`
}

// Mandate names who may decide and sign for a third party, from when until when. The gateway names a Mandate by the
// digest of this struct as JSON: its fields keep their names and their order.
type Mandate struct {
	Subject    string    `yaml:"subject"`
	Name       string    `yaml:"name"`
	Function   string    `yaml:"function"`  // what the person is there
	Authority  string    `yaml:"authority"` // by what the person may decide and sign
	From       time.Time `yaml:"from"`
	Until      time.Time `yaml:"until"`             // the last day, included
	Instrument string    `yaml:"instrument_sha256"` // of the signed paper, in hexadecimal
}

// Ends is the instant at which the Mandate ends: the end of its last day.
func (m Mandate) Ends() time.Time { return m.Until.AddDate(0, 0, 1) }

// Operator is the organisation that runs the gateway; it decides nothing.
type Operator struct {
	Short  string `yaml:"short"`
	Name   string `yaml:"name"`
	Issuer string `yaml:"issuer"`
}

// Purpose is one area of cooperation, its label in our own words, and its paragraph.
type Purpose struct {
	Code      string `yaml:"code"`
	Label     string `yaml:"label"`
	LabelFR   string `yaml:"label_fr"` // in French; may be empty
	Paragraph string `yaml:"paragraph"`
}

// Specific is a separate arrangement on a specific project (Article 6(3)). Its purposes have codes of their own,
// "sa1.a", and name the paragraph of the Arrangement that they narrow.
type Specific struct {
	Title      string     `yaml:"title"`
	SignedOn   time.Time  `yaml:"signed_on"`
	EndsOn     *time.Time `yaml:"ends_on"`           // the last day in force; absent: no term
	Instrument string     `yaml:"instrument_sha256"` // empty: not named
	Purposes   []Purpose  `yaml:"purposes"`
}

// Invalid says that a file is no Arrangement file that the gateway can apply.
type Invalid struct {
	Faults []Fault // never empty
}

// Fault is one thing wrong with the file.
type Fault struct {
	Field     string // path of the key, "parties[1].delegations[0].until"; empty where the file as a whole is meant
	Line      int    // 1 is the first; of a key that is missing, the line of what it is missing from; 0: no line
	Paragraph string // of the Arrangement, that asks for it: "4(8)"; may be empty
	Detail    string // what is wrong and what is wanted
}

func (e *Invalid) Error() string {
	parts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		parts[i] = f.String()
	}
	return "arrangement file: " + strings.Join(parts, "; ")
}

// String is the fault in one line.
func (f Fault) String() string {
	text := f.Detail
	if f.Field != "" {
		text = f.Field + ": " + text
	}
	if f.Line > 0 {
		text = fmt.Sprintf("line %d: %s", f.Line, text)
	}
	if f.Paragraph != "" {
		text += " (Article " + f.Paragraph + ")"
	}
	return text
}
