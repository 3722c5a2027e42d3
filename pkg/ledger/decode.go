package ledger

import (
	"strings"
	"time"
)

// plainBody reads a body in canonical form whose texts need no escape, which is all there is but for oddities: a
// million of them in a second. It accepts no other bytes than Encode writes for what it gives; what it does not know it
// leaves to the slower way.
func plainBody(data []byte) (Body, bool) {
	p := &plain{s: string(data), ok: true} // texts share these bytes
	var b Body
	p.body(&b)
	return b, p.ok && p.s == "" && b.check() == nil
}

// plain is what is left to be read. Members come in the order of the struct, so each is either next or absent.
type plain struct {
	s     string
	ok    bool
	later bool // a member stands before the next one
}

func (p *plain) body(b *Body) {
	p.open("{")
	p.number(`"v":`, &b.Version)
	text(p, `"kind":`, &b.Kind)
	text(p, `"id":`, &b.ID)
	p.time(`"at":`, &b.At)
	maybe(p, `"actor":`, &b.Actor)
	maybe(p, `"organisation":`, &b.Organisation)
	maybe(p, `"issuer":`, &b.Issuer)
	maybe(p, `"client":`, &b.Client)
	maybe(p, `"acr":`, &b.ACR)
	p.maybeTime(`"auth_time":`, &b.AuthTime)
	text(p, `"outcome":`, &b.Outcome)
	p.texts(`"reasons":`, &b.Reasons)
	text(p, `"rules":`, &b.Rules)
	text(p, `"build":`, &b.Build)
	maybe(p, `"configuration":`, &b.Configuration)
	maybe(p, `"document":`, &b.Document)
	maybe(p, `"request":`, &b.Request)
	maybe(p, `"target":`, &b.Target)
	if p.member(`"terms":`) {
		b.Terms = &Terms{}
		p.terms(b.Terms)
	}
	if p.member(`"disclosure":`) {
		b.Disclosure = &Disclosure{}
		p.disclosure(b.Disclosure)
	}
	if p.member(`"completion":`) {
		b.Completion = &Completion{}
		p.completion(b.Completion)
	}
	// A configuration and counted refusals are rare: they take the slower way.
	if p.member(`"private":`) {
		p.private(b)
	}
	p.close("}")
}

func (p *plain) terms(t *Terms) {
	p.open("{")
	p.termsOfDocument(t)
	p.termsOfDecision(t)
	p.termsOfAuthority(t)
	p.close("}")
}

// termsOfDocument reads what the terms say of the document and of its version.
func (p *plain) termsOfDocument(t *Terms) {
	maybe(p, `"discloser":`, &t.Discloser)
	maybe(p, `"recipient":`, &t.Recipient)
	maybe(p, `"recipient_record":`, &t.RecipientRecord)
	maybe(p, `"marking":`, &t.Marking)
	p.flag(`"proprietary":`, &t.Proprietary)
	p.flag(`"personal_data":`, &t.PersonalData)
	p.maybeTime(`"retain_until":`, &t.RetainUntil)
	p.texts(`"entities":`, &t.Entities)
	p.flag(`"entities_none":`, &t.EntitiesNone)
	p.texts(`"purposes":`, &t.Purposes)
	maybe(p, `"document_version":`, &t.DocumentVersion)
	maybe(p, `"version_commitment":`, &t.VersionCommitment)
	if _, there := p.next(`"size":`); there {
		p.long(`"size":`, &t.Size)
		p.ok = p.ok && t.Size != 0
	}
	maybe(p, `"media_type":`, &t.MediaType)
}

// termsOfDecision reads for whom and on what a request or a decision is.
func (p *plain) termsOfDecision(t *Terms) {
	p.texts(`"people":`, &t.People)
	p.flag(`"delivery":`, &t.Delivery)
	p.maybeTime(`"until":`, &t.Until)
	maybe(p, `"form":`, &t.Form)
	p.texts(`"sources":`, &t.Sources)
	maybe(p, `"conditions":`, &t.Conditions)
	p.flag(`"agreement_required":`, &t.AgreementRequired)
	maybe(p, `"agreement":`, &t.Agreement)
	maybe(p, `"agreement_text":`, &t.AgreementText)
	p.flag(`"earlier_serves":`, &t.EarlierServes)
	maybe(p, `"text":`, &t.Text)
	maybe(p, `"decision":`, &t.Decision)
	p.texts(`"relies":`, &t.Relies)
	p.texts(`"withdraws":`, &t.Withdraws)
}

// termsOfAuthority reads on whose authority it was done, with which evidence, and what else is changed.
func (p *plain) termsOfAuthority(t *Terms) {
	maybe(p, `"delegation":`, &t.Delegation)
	maybe(p, `"evidence":`, &t.Evidence)
	maybe(p, `"evidence_digest":`, &t.EvidenceDigest)
	maybe(p, `"evidence_key":`, &t.EvidenceKey)
	maybe(p, `"digest":`, &t.Digest)
	maybe(p, `"step":`, &t.Step)
	maybe(p, `"subject":`, &t.Subject)
	maybe(p, `"instrument":`, &t.Instrument)
	p.maybeTime(`"given":`, &t.Given)
	p.texts(`"acts":`, &t.Acts)
	p.maybeTime(`"from":`, &t.From)
	maybe(p, `"holder":`, &t.Holder)
	maybe(p, `"closes":`, &t.Closes)
	maybe(p, `"field":`, &t.Field)
	maybe(p, `"series":`, &t.Series)
	p.texts(`"markings":`, &t.Markings)
}

func (p *plain) disclosure(d *Disclosure) {
	p.open("{")
	text(p, `"id":`, &d.ID)
	text(p, `"version":`, &d.Version)
	text(p, `"commitment":`, &d.Commitment)
	text(p, `"from":`, &d.From)
	text(p, `"to":`, &d.To)
	text(p, `"marking":`, &d.Marking)
	p.flag(`"proprietary":`, &d.Proprietary)
	p.flag(`"personal_data":`, &d.PersonalData)
	text(p, `"phase":`, &d.Phase)
	maybe(p, `"purpose":`, &d.Purpose)
	text(p, `"form":`, &d.Form)
	text(p, `"copy_number":`, &d.CopyNumber)
	maybe(p, `"grant":`, &d.Grant)
	p.texts(`"authorizations":`, &d.Authorizations)
	maybe(p, `"consent":`, &d.Consent)
	p.texts(`"source_consents":`, &d.SourceConsents)
	maybe(p, `"delegation":`, &d.Delegation)
	maybe(p, `"agreement":`, &d.Agreement)
	maybe(p, `"conditions":`, &d.Conditions)
	p.time(`"expires":`, &d.Expires)
	p.close("}")
}

func (p *plain) completion(c *Completion) {
	p.open("{")
	text(p, `"disclosure":`, &c.Disclosure)
	text(p, `"closes":`, &c.Closes)
	text(p, `"end":`, &c.End)
	p.long(`"offset":`, &c.Offset)
	p.long(`"length":`, &c.Length)
	p.long(`"bytes":`, &c.Bytes)
	maybe(p, `"copy":`, &c.Copy)
	maybe(p, `"pages":`, &c.Pages)
	p.maybeTime(`"began":`, &c.Began)
	p.close("}")
}

// private reads commitments, sorted by field.
func (p *plain) private(b *Body) {
	b.Private = map[string]string{}
	last := ""
	for p.open("{"); p.ok && !strings.HasPrefix(p.s, "}"); p.later = true {
		if p.later {
			p.literal(",")
		}
		field := p.value()
		p.literal(":")
		p.ok = p.ok && field > last
		b.Private[field], last = p.value(), field
	}
	p.ok = p.ok && last != ""
	p.close("}")
}

func (p *plain) open(bracket string) {
	p.literal(bracket)
	p.later = false
}

func (p *plain) close(bracket string) {
	p.literal(bracket)
	p.later = true
}

func (p *plain) literal(want string) {
	rest, ok := strings.CutPrefix(p.s, want)
	p.s, p.ok = rest, p.ok && ok
}

// next reports whether this is the next member, and gives what stands behind its name.
func (p *plain) next(name string) (string, bool) {
	rest := p.s
	if p.later {
		if len(rest) == 0 || rest[0] != ',' {
			return "", false
		}
		rest = rest[1:]
	}
	if !p.ok || !strings.HasPrefix(rest, name) {
		return "", false
	}
	return rest[len(name):], true
}

// member takes the name, if it is the next one's.
func (p *plain) member(name string) bool {
	rest, ok := p.next(name)
	if ok {
		p.s, p.later = rest, true
	}
	return ok
}

// must is a member that is always there.
func (p *plain) must(name string) { p.ok = p.member(name) }

// value is a text without escapes.
func (p *plain) value() string {
	if len(p.s) < 2 || p.s[0] != '"' {
		p.ok = false
		return ""
	}
	for i := 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			out := p.s[1:i]
			p.s = p.s[i+1:]
			return out
		case c < ' ' || c > '~' || c == '\\':
			p.ok = false
			return ""
		}
	}
	p.ok = false
	return ""
}

func text[T ~string](p *plain, name string, to *T) {
	p.must(name)
	*to = T(p.value())
}

// maybe is a text that is left out when it is empty.
func maybe[T ~string](p *plain, name string, to *T) {
	if p.member(name) {
		*to = T(p.value())
		p.ok = p.ok && *to != ""
	}
}

func (p *plain) texts(name string, to *[]string) {
	if !p.member(name) {
		return
	}
	p.open("[")
	for more := true; more && p.ok; more = strings.HasPrefix(p.s, ",") {
		if len(*to) > 0 {
			p.literal(",")
		}
		*to = append(*to, p.value())
	}
	p.close("]")
}

// flag is left out when it is false.
func (p *plain) flag(name string, to *bool) {
	if p.member(name) {
		p.literal("true")
		*to = true
	}
}

func (p *plain) number(name string, to *int) {
	var n int64
	p.long(name, &n)
	*to = int(n)
}

// long is a number that is always there, of at most 18 digits; one that is negative takes the slower way.
func (p *plain) long(name string, to *int64) {
	p.must(name)
	digits := 0
	for digits < len(p.s) && p.s[digits] >= '0' && p.s[digits] <= '9' {
		digits++
	}
	*to = decimal(p.s[:digits])
	p.ok = p.ok && digits > 0 && digits <= 18 && (digits == 1 || p.s[0] != '0')
	p.s = p.s[digits:]
}

// decimal is the number that digits write.
func decimal(digits string) (n int64) {
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

func (p *plain) maybeTime(name string, to *time.Time) {
	if _, there := p.next(name); there {
		p.time(name, to)
	}
}

// time reads RFC 3339 in UTC, with as many digits of the second as are needed, at most six; from the year 1000 on.
func (p *plain) time(name string, to *time.Time) {
	p.must(name)
	s := p.value()
	if p.ok = p.ok && isTime(s); !p.ok {
		return
	}
	part := func(from, to int) int { return int(decimal(s[from:to])) }
	month, day, hour, minute, second := time.Month(part(5, 7)), part(8, 10), part(11, 13), part(14, 16), part(17, 19)
	micros, ok := microsecondsOf(s[len(secondsForm) : len(s)-1])
	*to = time.Date(part(0, 4), month, day, hour, minute, second, micros*1000, time.UTC)
	p.ok = ok && hour < 24 && minute < 60 && second < 60 && to.Month() == month && to.Day() == day
}

// secondsForm is how a time is written up to its whole second: zeros stand for digits.
const secondsForm = "0000-00-00T00:00:00"

// isTime reports whether s has the form of a time in UTC, whatever its numbers, from the year 1000 on.
func isTime(s string) bool {
	if len(s) <= len(secondsForm) || s[len(s)-1] != 'Z' || s[0] == '0' {
		return false
	}
	for i, wanted := range []byte(secondsForm) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (wanted == '0') || !digit && s[i] != wanted {
			return false
		}
	}
	return true
}

// microsecondsOf reads ".123456", ".5" or nothing.
func microsecondsOf(fraction string) (int, bool) {
	if fraction == "" {
		return 0, true
	}
	digits := fraction[1:]
	if fraction[0] != '.' || digits == "" || len(digits) > 6 || digits[len(digits)-1] == '0' {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
	}
	n := decimal(digits)
	for range 6 - len(digits) {
		n *= 10
	}
	return int(n), true
}
