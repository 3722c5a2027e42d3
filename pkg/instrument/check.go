package instrument

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// check gathers what is wrong; seen remembers what must not appear twice.
type check struct {
	lines  lines
	faults []Fault
	seen   map[string]string
	broken bool // nothing was decoded: "missing" would be said of everything
}

// add notes a fault unless the key has one already: a date that cannot be read is not missing as well.
func (c *check) add(field, paragraph, detail string) {
	if slices.ContainsFunc(c.faults, func(f Fault) bool { return f.Field == field }) {
		return
	}
	c.faults = append(c.faults, Fault{Field: field, Line: c.lines.of(field), Paragraph: paragraph, Detail: detail})
}

// once wants a value that no other of its kind has.
func (c *check) once(kind, value, field, paragraph string) {
	if value == "" {
		return
	}
	if first, twice := c.seen[kind+" "+value]; twice {
		c.add(field, paragraph, fmt.Sprintf("%s %q stands at %s already", kind, value, first))
		return
	}
	c.seen[kind+" "+value] = field
}

// words wants 1 to limit printable characters.
func (c *check) words(value string, limit int, field, paragraph string) {
	n := len([]rune(value))
	if strings.TrimSpace(value) == "" {
		c.add(field, paragraph, "missing")
	} else if n > limit || strings.IndexFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		c.add(field, paragraph, fmt.Sprintf("at most %d printable characters are wanted", limit))
	}
}

// day wants a day, 00:00 UTC.
func (c *check) day(at time.Time, field, paragraph string) {
	if at.IsZero() {
		c.add(field, paragraph, "missing: a day as YYYY-MM-DD")
		return
	}
	c.wholeDay(at, field, paragraph)
}

func (c *check) wholeDay(at time.Time, field, paragraph string) {
	if !at.IsZero() && !at.Equal(at.UTC().Truncate(24*time.Hour)) {
		c.add(field, paragraph, "a day as YYYY-MM-DD is wanted, without time and zone")
	}
}

func (c *check) all(in Instrument) {
	c.words(in.Title, 300, "title", "")
	if len(in.Parties) != 2 {
		c.add("parties", "", fmt.Sprintf("the Arrangement is between exactly two Parties; here stand %d",
			len(in.Parties)))
	}
	shorts := make([]string, len(in.Parties))
	for i, p := range in.Parties {
		shorts[i] = p.Short
		c.party(p, fmt.Sprintf("parties[%d]", i))
	}
	for i, t := range in.ThirdParties {
		c.thirdParty(t, shorts, fmt.Sprintf("third_parties[%d]", i))
	}
	c.organisation(in.Operator.Short, in.Operator.Name, in.Operator.Issuer, "operator", "")
	if len(in.Purposes) == 0 {
		c.add("purposes", "4(7)", "missing: every use serves a named purpose")
	}
	for i, p := range in.Purposes {
		c.purpose(p, fmt.Sprintf("purposes[%d]", i))
	}
	paragraphs := make([]string, len(in.Purposes))
	for i, p := range in.Purposes {
		paragraphs[i] = p.Paragraph
	}
	for i, s := range in.SpecificArrangements {
		c.specific(s, paragraphs, fmt.Sprintf("specific_arrangements[%d]", i))
	}
}

var shortForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// organisation checks what every organisation has: an issuer speaks for one organisation only.
func (c *check) organisation(short, name, issuer, path, paragraph string) {
	if !shortForm.MatchString(short) {
		c.add(path+".short", paragraph, "1 to 32 of a-z, 0-9 and hyphen are wanted, a letter first")
	}
	c.words(name, 200, path+".name", paragraph)
	if u, err := url.Parse(issuer); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		c.add(path+".issuer", paragraph, "the address of the organisation's identity provider is wanted")
	}
	c.once("short", short, path+".short", paragraph)
	c.once("name", name, path+".name", paragraph)
	c.once("issuer", issuer, path+".issuer", paragraph)
}

func (c *check) party(p Party, path string) {
	c.organisation(p.Short, p.Name, p.Issuer, path, "")
	c.wholeDay(p.SignedOn, path+".signed_on", "11(1)")
	if f := p.FocalPoint; f != nil {
		c.subject(f.Subject, path+".focal_point.subject", "5(3)")
		c.words(f.Name, 200, path+".focal_point.name", "5(3)")
		c.day(f.DesignatedOn, path+".focal_point.designated_on", "5(3)")
	}
	for i, d := range p.Delegations {
		c.delegation(d, fmt.Sprintf("%s.delegations[%d]", path, i))
	}
}

// subject wants 1 to 255 printable ASCII characters (OpenID Connect Core 2).
func (c *check) subject(s, field, paragraph string) {
	if s == "" {
		c.add(field, paragraph, "missing: the subject at the organisation's identity provider")
	} else if len(s) > 255 || strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e }) >= 0 {
		c.add(field, paragraph, "at most 255 printable ASCII characters are wanted")
	}
}

// Delegable are the acts that a Delegation may name: to lower a marking is "mark".
func Delegable() []string {
	return []string{"authorize", "consent", "refuse", "withdraw", "mark", "recall", "give-notice", "delegate"}
}

func delegableWords() string { return strings.Join(Delegable(), ", ") }

// wantedDigest is said of what is no digest of an instrument.
const wantedDigest = "the SHA-256 of the written instrument is wanted: 64 characters of 0-9 and a-f"

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// delegation rests on 4(8): written consent is given by somebody who may write for the Discloser.
func (c *check) delegation(d Delegation, path string) {
	c.subject(d.Subject, path+".subject", "4(8)")
	c.words(d.Name, 200, path+".name", "4(8)")
	if len(d.Acts) == 0 {
		c.add(path+".acts", "4(8)", "missing: some of "+delegableWords())
	}
	for i, act := range d.Acts {
		if !slices.Contains(Delegable(), act) {
			c.add(fmt.Sprintf("%s.acts[%d]", path, i), "4(8)", fmt.Sprintf("%q is none of %s", act, delegableWords()))
		}
	}
	c.day(d.From, path+".from", "4(8)")
	c.day(d.Until, path+".until", "4(8)")
	if !d.From.IsZero() && !d.Until.IsZero() && !d.From.Before(d.Until) {
		c.add(path+".until", "4(8)", "must be later than from")
	}
	if !digestForm.MatchString(d.Instrument) {
		c.add(path+".instrument_sha256", "4(8)", wantedDigest)
	}
	c.subject(d.FiledBy, path+".filed_by", "4(8)")
	c.subject(d.ConfirmedBy, path+".confirmed_by", "4(8)")
	if d.FiledBy != "" && d.FiledBy == d.ConfirmedBy {
		c.add(path+".confirmed_by", "4(8)", "a second official confirms, not the one who filed")
	}
}

// ThirdPartyTypes are the types of organisation that a third party may be of.
func ThirdPartyTypes() []string {
	return []string{"member-state-authority", "passenger-information-unit", "international-organisation",
		"regional-organisation", "carrier", "contractor"}
}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

func (c *check) thirdParty(t ThirdParty, parties []string, path string) {
	c.organisation(t.Short, t.Name, t.Issuer, path, "4(8)")
	if !slices.Contains(ThirdPartyTypes(), t.Type) {
		c.add(path+".type", "4(8)", "one of "+strings.Join(ThirdPartyTypes(), ", ")+" is wanted")
	}
	if t.Country != "" && !countryForm.MatchString(t.Country) {
		c.add(path+".country", "4(8)", "two letters of ISO 3166-1 are wanted")
	}
	if t.Country == "" && (t.Type == "member-state-authority" || t.Type == "passenger-information-unit") {
		c.add(path+".country", "4(8)", "missing: this type of organisation belongs to a State")
	}
	if !slices.Contains(parties, t.ProposedBy) {
		c.add(path+".proposed_by", "4(8)", "the short name of a Party is wanted")
	}
	if !slices.Contains(parties, t.ConfirmedBy) {
		c.add(path+".confirmed_by", "4(8)", "the short name of a Party is wanted")
	} else if t.ProposedBy == t.ConfirmedBy {
		c.add(path+".confirmed_by", "4(8)", "the other Party confirms, not the one that proposed")
	}
	for i, m := range t.Mandates {
		c.mandate(m, fmt.Sprintf("%s.mandates[%d]", path, i))
	}
}

// mandate rests on 4(8): an agreement is signed by somebody who may sign for the third party.
func (c *check) mandate(m Mandate, path string) {
	c.subject(m.Subject, path+".subject", "4(8)")
	c.words(m.Name, 200, path+".name", "4(8)")
	c.words(m.Function, 200, path+".function", "4(8)")
	c.words(m.Authority, 200, path+".authority", "4(8)")
	c.day(m.From, path+".from", "4(8)")
	c.day(m.Until, path+".until", "4(8)")
	if !m.From.IsZero() && !m.Until.IsZero() && !m.From.Before(m.Until) {
		c.add(path+".until", "4(8)", "must be later than from")
	}
	if !digestForm.MatchString(m.Instrument) {
		c.add(path+".instrument_sha256", "4(8)", wantedDigest)
	}
}

var (
	purposeForm   = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,31}$`)
	articleForm   = regexp.MustCompile(`^art(\d+)\.([a-z])$`)
	paragraphForm = regexp.MustCompile(`^\d{1,2}(\([0-9a-z]{1,3}\))*$`)
)

// labelFR holds for words, where there are any.
func (c *check) labelFR(p Purpose, path, paragraph string) {
	if p.LabelFR != "" {
		c.words(p.LabelFR, 200, path+".label_fr", paragraph)
	}
}

func (c *check) purpose(p Purpose, path string) {
	if !purposeForm.MatchString(p.Code) {
		c.add(path+".code", "4(7)", `a code such as "art2.e" is wanted`)
	}
	c.once("code", p.Code, path+".code", "4(7)")
	c.words(p.Label, 200, path+".label", "4(7)")
	c.labelFR(p, path, "4(7)")
	if !paragraphForm.MatchString(p.Paragraph) {
		c.add(path+".paragraph", "4(7)", `the paragraph of the Arrangement is wanted, such as "2(e)"`)
		return
	}
	if m := articleForm.FindStringSubmatch(p.Code); m != nil && p.Paragraph != m[1]+"("+m[2]+")" {
		c.add(path+".paragraph", "4(7)", fmt.Sprintf("%q stands for %s(%s)", p.Code, m[1], m[2]))
	}
	c.once("paragraph", p.Paragraph, path+".paragraph", "4(7)")
}
