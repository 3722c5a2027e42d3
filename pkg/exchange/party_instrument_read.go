package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"chancery.example/gateway/pkg/article4"
)

// maxInstrument bounds an Arrangement file, in bytes.
const maxInstrument = 1 << 20

// ReadInstrument reads an Arrangement file. Unknown keys are refused. Everything that is wrong is reported at once, as
// *Invalid: each problem with the path of its key ("parties[1].delegations[0].until") and the paragraph that asks for it.
func ReadInstrument(r io.Reader) (Instrument, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInstrument+1))
	if err != nil {
		return Instrument{}, fmt.Errorf("read arrangement file: %w", err)
	}
	if len(data) > maxInstrument {
		return Instrument{}, invalid("instrument", "", fmt.Sprintf("the file is longer than %d bytes", maxInstrument))
	}
	in, problems := decodeInstrument(data)
	check := instrumentCheck{problems: problems, seen: map[string]string{}}
	if !check.unreadable() {
		check.all(in)
	}
	if len(check.problems) > 0 {
		return Instrument{}, &Invalid{Problems: check.problems}
	}
	sum := sha256.Sum256(data)
	in.Digest = article4.Digest(hex.EncodeToString(sum[:]))
	return in, nil
}

// decodeInstrument decodes as much as can be, so that one wrong date does not hide the next.
func decodeInstrument(data []byte) (Instrument, []Problem) {
	var in Instrument
	data, problems := withoutWrongDays(data)
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err := decoder.Decode(&in)
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		return in, append(problems, typeProblems(data, wrong)...)
	}
	if err == nil {
		err = decoder.Decode(&struct{}{})
		if errors.Is(err, io.EOF) {
			return in, problems
		}
		err = errors.New("one document is wanted")
	}
	return in, append(problems, Problem{Name: "instrument", Detail: "not readable as YAML: " + err.Error()})
}

// dayKeys hold days, wherever they stand.
var dayKeys = []string{"signed_on", "designated_on", "from", "until", "ends_on"}

// withoutWrongDays reports every day that is none and takes it out: the decoder would stop at the first.
func withoutWrongDays(data []byte) ([]byte, []Problem) {
	var root yaml.Node
	var problems []Problem
	if yaml.Unmarshal(data, &root) != nil {
		return data, nil
	}
	eachKey(&root, "", func(path, key string, value *yaml.Node) {
		if !slices.Contains(dayKeys, key) || value.Kind == yaml.ScalarNode && (value.Tag == "!!timestamp" || value.Tag == "!!null") {
			return
		}
		problems = append(problems, Problem{Name: "instrument", Field: path, Detail: "a day as YYYY-MM-DD is wanted, without quotes"})
		*value = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	})
	if len(problems) == 0 {
		return data, nil
	}
	without, err := yaml.Marshal(&root)
	if err != nil {
		return data, problems
	}
	return without, problems
}

var (
	typeError    = regexp.MustCompile(`^line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (.*) not found in type .*$`)
	intoType     = regexp.MustCompile(` into .*$`)
)

// typeProblems names keys instead of the lines and Go types that the decoder speaks of.
func typeProblems(data []byte, wrong *yaml.TypeError) []Problem {
	paths := keysByLine(data)
	problems := make([]Problem, 0, len(wrong.Errors))
	for _, text := range wrong.Errors {
		m := typeError.FindStringSubmatch(text)
		if m == nil {
			problems = append(problems, Problem{Name: "instrument", Detail: text})
			continue
		}
		path, detail := paths[m[1]], intoType.ReplaceAllString(m[2], "; another kind of value is wanted")
		if u := unknownField.FindStringSubmatch(m[2]); u != nil {
			detail = "unknown key " + u[1]
			if path != u[1] && !strings.HasSuffix(path, "."+u[1]) {
				path += "." + u[1]
			}
		}
		problems = append(problems, Problem{Name: "instrument", Field: path, Detail: detail})
	}
	return problems
}

// keysByLine says which key stands on which line; of several on one line, the one that holds them.
func keysByLine(data []byte) map[string]string {
	var root yaml.Node
	paths := map[string]string{}
	if yaml.Unmarshal(data, &root) != nil {
		return paths
	}
	eachKey(&root, "", func(path, key string, value *yaml.Node) {
		line := strconv.Itoa(value.Line)
		if _, several := paths[line]; several {
			path = strings.TrimSuffix(strings.TrimSuffix(path, key), ".")
		}
		paths[line] = path
	})
	return paths
}

// eachKey calls visit for every key of the tree, outer ones first; aliases are not followed.
func eachKey(n *yaml.Node, path string, visit func(path, key string, value *yaml.Node)) {
	switch n.Kind {
	case yaml.DocumentNode:
		eachKey(n.Content[0], path, visit)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			eachKey(item, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			below := strings.TrimPrefix(path+"."+key, ".")
			visit(below, key, n.Content[i+1])
			eachKey(n.Content[i+1], below, visit)
		}
	}
}

// instrumentCheck gathers what is wrong; seen remembers what must not stand twice.
type instrumentCheck struct {
	problems []Problem
	seen     map[string]string
}

// unreadable reports whether nothing was decoded, so that "missing" would be said of everything.
func (c *instrumentCheck) unreadable() bool {
	return slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Field == "" })
}

// add notes a problem unless the key has one already: a date that cannot be read is not missing as well.
func (c *instrumentCheck) add(field, paragraph, detail string) {
	if slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Field == field }) {
		return
	}
	c.problems = append(c.problems, Problem{Name: "instrument", Field: field, Detail: detail, Paragraph: paragraph})
}

// once wants a value that stands nowhere else among its kind.
func (c *instrumentCheck) once(kind, value, field, paragraph string) {
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
func (c *instrumentCheck) words(value string, limit int, field, paragraph string) {
	n := len([]rune(value))
	if strings.TrimSpace(value) == "" {
		c.add(field, paragraph, "missing")
	} else if n > limit || strings.IndexFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		c.add(field, paragraph, fmt.Sprintf("at most %d printable characters are wanted", limit))
	}
}

// day wants a day, 00:00 UTC.
func (c *instrumentCheck) day(at time.Time, field, paragraph string) {
	if at.IsZero() {
		c.add(field, paragraph, "missing: a day as YYYY-MM-DD")
		return
	}
	c.wholeDay(at, field, paragraph)
}

func (c *instrumentCheck) wholeDay(at time.Time, field, paragraph string) {
	if !at.IsZero() && !at.Equal(at.UTC().Truncate(24*time.Hour)) {
		c.add(field, paragraph, "a day as YYYY-MM-DD is wanted, without time and zone")
	}
}

func (c *instrumentCheck) all(in Instrument) {
	c.words(in.Title, 300, "title", "")
	if len(in.Parties) != 2 {
		c.add("parties", "", fmt.Sprintf("the Arrangement is between exactly two Parties; here stand %d", len(in.Parties)))
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
func (c *instrumentCheck) organisation(short, name, issuer, path, paragraph string) {
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

func (c *instrumentCheck) party(p PartyClause, path string) {
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
func (c *instrumentCheck) subject(s, field, paragraph string) {
	if s == "" {
		c.add(field, paragraph, "missing: the subject at the organisation's identity provider")
	} else if len(s) > 255 || strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e }) >= 0 {
		c.add(field, paragraph, "at most 255 printable ASCII characters are wanted")
	}
}

// delegable holds the acts that a Delegation may name: to lower a marking is "mark".
var delegable = []article4.Act{article4.ActAuthorize, article4.ActConsent, article4.ActRefuse, article4.ActWithdraw, article4.ActMark,
	article4.ActRecall, article4.ActGiveNotice, article4.ActDelegate}

func delegableWords() string { return strings.Join(texts(delegable), ", ") }

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// delegation rests on 4(8): written consent is given by somebody who may write for the Discloser.
func (c *instrumentCheck) delegation(d DelegationClause, path string) {
	c.subject(d.Subject, path+".subject", "4(8)")
	c.words(d.Name, 200, path+".name", "4(8)")
	if len(d.Acts) == 0 {
		c.add(path+".acts", "4(8)", "missing: some of "+delegableWords())
	}
	for i, act := range d.Acts {
		if !slices.Contains(delegable, act) {
			c.add(fmt.Sprintf("%s.acts[%d]", path, i), "4(8)", fmt.Sprintf("%q is none of %s", act, delegableWords()))
		}
	}
	c.day(d.From, path+".from", "4(8)")
	c.day(d.Until, path+".until", "4(8)")
	if !d.From.IsZero() && !d.Until.IsZero() && !d.From.Before(d.Until) {
		c.add(path+".until", "4(8)", "must be later than from")
	}
	if !digestForm.MatchString(string(d.Instrument)) {
		c.add(path+".instrument_sha256", "4(8)", "the SHA-256 of the written instrument is wanted: 64 characters of 0-9 and a-f")
	}
	c.subject(d.FiledBy, path+".filed_by", "4(8)")
	c.subject(d.ConfirmedBy, path+".confirmed_by", "4(8)")
	if d.FiledBy != "" && d.FiledBy == d.ConfirmedBy {
		c.add(path+".confirmed_by", "4(8)", "a second official confirms, not the one who filed")
	}
}

// thirdPartyTypes are those of the design's "Words".
var thirdPartyTypes = []string{"member-state-authority", "passenger-information-unit", "international-organisation",
	"regional-organisation", "carrier", "contractor"}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)

func (c *instrumentCheck) thirdParty(t ThirdPartyClause, parties []string, path string) {
	c.organisation(t.Short, t.Name, t.Issuer, path, "4(8)")
	if !slices.Contains(thirdPartyTypes, t.Type) {
		c.add(path+".type", "4(8)", "one of "+strings.Join(thirdPartyTypes, ", ")+" is wanted")
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
}

var (
	purposeForm   = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,31}$`)
	articleForm   = regexp.MustCompile(`^art(\d+)\.([a-z])$`)
	paragraphForm = regexp.MustCompile(`^\d{1,2}(\([0-9a-z]{1,3}\))*$`)
)

func (c *instrumentCheck) purpose(p PurposeClause, path string) {
	if !purposeForm.MatchString(string(p.Code)) {
		c.add(path+".code", "4(7)", `a code such as "art2.e" is wanted`)
	}
	c.once("code", string(p.Code), path+".code", "4(7)")
	c.words(p.Label, 200, path+".label", "4(7)")
	if !paragraphForm.MatchString(p.Paragraph) {
		c.add(path+".paragraph", "4(7)", `the paragraph of the Arrangement is wanted, such as "2(e)"`)
		return
	}
	if m := articleForm.FindStringSubmatch(string(p.Code)); m != nil && p.Paragraph != m[1]+"("+m[2]+")" {
		c.add(path+".paragraph", "4(7)", fmt.Sprintf("%q stands for %s(%s)", p.Code, m[1], m[2]))
	}
	c.once("paragraph", p.Paragraph, path+".paragraph", "4(7)")
}
