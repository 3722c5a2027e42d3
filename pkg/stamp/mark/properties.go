package mark

import (
	"encoding/xml"
	"slices"
	"strings"
)

// Property is one line of a document's properties. Keys are plain ASCII.
type Property struct{ Key, Value string }

// Properties are the same in every format.
func (m Mark) Properties() []Property {
	proprietary := ""
	if m.Proprietary {
		proprietary = "yes"
	}
	all := []Property{
		{"ChanceryMarking", m.Word()},
		{"ChanceryProprietary", proprietary},
		{"ChanceryDiscloser", m.Discloser},
		{"ChanceryRecipient", m.Recipient},
		{"ChanceryGivenTo", m.GivenTo},
		{"ChanceryPerson", m.Person},
		{"ChanceryCopyNumber", m.CopyNumber},
		{"ChanceryAuthority", m.Authority},
		{"ChanceryParagraph", m.Paragraph},
		{"ChanceryPurpose", m.Purpose},
		{"ChanceryPurposeWords", m.PurposeWords},
		{"ChanceryHandling", m.Handling},
		{"ChanceryConditions", m.Conditions},
		{"ChanceryDate", m.isoDay()},
		{"ChanceryReference", m.Reference},
		{"ChanceryNotice", m.Notice},
	}
	return slices.DeleteFunc(all, func(p Property) bool { return p.Value == "" })
}

func (m Mark) isoDay() string {
	if m.Date.IsZero() {
		return ""
	}
	return m.Date.UTC().Format("2006-01-02")
}

// EscapeXML escapes s for element content and attributes.
func EscapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
