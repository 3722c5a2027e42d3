package instrument

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// specificForm are the codes of purposes of specific arrangements: the part before the dot names the arrangement.
var specificForm = regexp.MustCompile(`^(sa[1-9][0-9]{0,2})\.[a-z0-9]{1,8}$`)

// specific checks a separate arrangement under Article 6(3). Its purposes only narrow: each stands on a paragraph
// that the Arrangement's own purposes name.
func (c *check) specific(s Specific, paragraphs []string, path string) {
	c.words(s.Title, 300, path+".title", "6(3)")
	c.day(s.SignedOn, path+".signed_on", "6(3)")
	if s.EndsOn != nil {
		c.wholeDay(*s.EndsOn, path+".ends_on", "6(3)")
		if !s.EndsOn.IsZero() && s.EndsOn.Before(s.SignedOn) {
			c.add(path+".ends_on", "6(3)", "must not be before signed_on")
		}
	}
	if s.Instrument != "" && !digestForm.MatchString(s.Instrument) {
		c.add(path+".instrument_sha256", "6(3)", wantedDigest)
	}
	if len(s.Purposes) == 0 {
		c.add(path+".purposes", "6(3)", "missing: a specific arrangement has purposes of its own")
	}
	for i, p := range s.Purposes {
		c.specificPurpose(p, s.Prefix(), paragraphs, fmt.Sprintf("%s.purposes[%d]", path, i))
	}
	c.once("specific arrangement", s.Prefix(), path+".purposes", "6(3)")
}

func (c *check) specificPurpose(p Purpose, prefix string, paragraphs []string, path string) {
	switch {
	case !specificForm.MatchString(p.Code):
		c.add(path+".code", "6(3)", `a code such as "sa1.a" is wanted`)
	case !strings.HasPrefix(p.Code, prefix+"."):
		c.add(path+".code", "6(3)",
			fmt.Sprintf("the purposes of one specific arrangement begin alike, here with %q", prefix+"."))
	}
	c.once("code", p.Code, path+".code", "6(3)")
	c.words(p.Label, 200, path+".label", "6(3)")
	c.labelFR(p, path, "6(3)")
	if !slices.Contains(paragraphs, p.Paragraph) {
		c.add(path+".paragraph", "6(3)",
			"the paragraph of one of the Arrangement's own purposes is wanted: a specific arrangement narrows it")
	}
}

// Prefix names the arrangement among codes: "sa1". Empty while its first code has another form.
func (s Specific) Prefix() string {
	if len(s.Purposes) == 0 {
		return ""
	}
	if m := specificForm.FindStringSubmatch(s.Purposes[0].Code); m != nil {
		return m[1]
	}
	return ""
}
