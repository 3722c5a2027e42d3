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
	all := []Property{
		{"ChanceryMarking", m.Word()}, {"ChanceryDiscloser", m.Discloser}, {"ChanceryRecipient", m.Recipient},
		{"ChanceryPerson", m.Person}, {"ChanceryCopyNumber", m.CopyNumber}, {"ChanceryPurpose", m.Purpose},
		{"ChanceryDate", m.isoDay()}, {"ChanceryReference", m.Reference}, {"ChanceryNotice", m.Notice},
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
