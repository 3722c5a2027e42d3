package portal

import (
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// factsDetail is the detail that holds what the rules were asked.
const factsDetail = "facts"

// rawDetails are details that are shown as they are kept, and only to whoever wants them: a text that was signed, and
// the evidence of a sign-in.
var rawDetails = []string{factsDetail, "id-token", "evidence-key", "text"}

// theirsSaid are the kinds of entries that name an organisation because its people were stopped or signed out: nothing
// of it is for anybody.
var theirsSaid = []string{"suspension", "operator-ended-sessions"}

// behind words what stands behind an entry: what it says in the open, then its details.
func (c *call) behind(e exchange.LogEntry) []fact {
	var out []fact
	add := func(key, says string) {
		if says != "" {
			out = append(out, fact{Name: c.t(key), Says: says})
		}
	}
	s := e.Said
	if e.Outcome != "refuse" { // why it was refused cites its own paragraphs
		add("said.rests", c.restsOn(s.Rests))
	}
	if s.Discloser != "" {
		add("said.discloser", c.known.org(s.Discloser))
	}
	switch {
	case s.To == "":
	case slices.Contains(theirsSaid, e.Kind):
		add("said.whose", c.known.org(s.To))
	default:
		add("said.to", c.known.org(s.To))
	}
	add("said.marking", c.markingSaid(s))
	add("said.purpose", c.purposesSaid(s.Purposes))
	if s.Form != "" {
		add("said.form", c.t("form."+string(s.Form)))
	}
	add("said.people", c.peopleSaid(s.People))
	out = append(out, c.timesSaid(s)...)
	out = append(out, c.restSaid(s)...)
	for _, d := range e.Details {
		if slices.Contains(rawDetails, d.Field) {
			continue
		}
		add("detail."+d.Field, c.detailSaid(d))
	}
	if !s.SignedInAt.IsZero() {
		add("said.signed-in", when(c.in, s.SignedInAt))
	}
	return out
}

func (c *call) timesSaid(s exchange.LogSaid) (out []fact) {
	add := func(key string, at time.Time, says string) {
		if !at.IsZero() {
			out = append(out, fact{Name: c.t(key), Says: says})
		}
	}
	add("said.from", s.From, day(c.in, s.From))
	add("said.until", s.Until, day(c.in, s.Until.Add(-time.Second)))
	add("said.given", s.Given, day(c.in, s.Given))
	add("said.expires", s.Expires, when(c.in, s.Expires))
	return out
}

// restSaid is what only some kinds say.
func (c *call) restSaid(s exchange.LogSaid) (out []fact) {
	add := func(key string, said bool, says string) {
		if said {
			out = append(out, fact{Name: c.t(key), Says: says})
		}
	}
	add("said.delivery", s.Delivery, c.t("said.delivery.yes"))
	add("said.conditions", s.Conditions && s.CopyNumber != "", c.t("said.conditions.yes"))
	add("said.agreement", s.Agreement, c.t("said.agreement.yes"))
	add("said.evidence", s.Evidence != "", c.t("said.evidence."+s.Evidence))
	add("said.copy", s.CopyNumber != "", s.CopyNumber)
	add("said.acts", len(s.Acts) > 0, c.actsSaid(s.Acts))
	add("said.field", s.Field != "", c.t("detail."+s.Field))
	add("said.size", s.Size > 0, size(c.in, s.Size)+" ("+s.MediaType+")")
	add("said.end", s.End != "", c.t("said.end."+s.End))
	add("said.bytes", s.Length > 0, c.t("said.bytes.of", size(c.in, s.Bytes), size(c.in, s.Length)))
	add("said.pages", s.Pages != "", s.Pages)
	add("said.refusals", s.Refusals > 0, c.t("said.refusals.n", s.Refusals))
	return out
}

// restsOn words "4(4), reading 0111" and "safeguard".
func (c *call) restsOn(rests string) string {
	var out []string
	for one := range strings.SplitSeq(rests, ", ") {
		number, reading := strings.CutPrefix(one, "reading ")
		switch {
		case one == "":
		case one == "safeguard":
			out = append(out, c.t("said.safeguard"))
		case reading:
			out = append(out, c.t("said.reading", number))
		default:
			out = append(out, article(c.in, one))
		}
	}
	return strings.Join(out, ", ")
}

func (c *call) markingSaid(s exchange.LogSaid) string {
	var out []string
	if s.Marking.Valid() {
		out = append(out, c.t("marking."+string(s.Marking)))
	}
	if s.Proprietary {
		out = append(out, c.t("said.proprietary"))
	}
	if s.PersonalData {
		out = append(out, c.t("said.personal-data"))
	}
	return strings.Join(out, ", ")
}

func (c *call) purposesSaid(codes []article4.PurposeCode) string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = c.known.purpose(code).Label
	}
	return strings.Join(out, " · ")
}

func (c *call) peopleSaid(ids []article4.PersonID) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = c.who(id, "")
	}
	return strings.Join(out, " · ")
}

func (c *call) actsSaid(acts []string) string {
	out := make([]string, len(acts))
	for i, act := range acts {
		out[i] = act
		if said, found := lookUp(c.in, "act-short."+act); found {
			out[i] = said
		}
	}
	return strings.Join(out, ", ")
}

// orgDetails are details that hold identifiers of organisations.
var orgDetails = []string{"entities", "added", "removed", "entity", "required"}

// detailSaid is a detail as it is read; that it is not shown, where it is sealed for others, or erased.
func (c *call) detailSaid(d exchange.LogDetail) string {
	if d.Value == "" {
		return c.t("entry.sealed")
	}
	if d.Field == "backups" {
		return c.backupsSaid(d.Value)
	}
	if !slices.Contains(orgDetails, d.Field) {
		return d.Value
	}
	var out []string
	for line := range strings.SplitSeq(strings.ReplaceAll(d.Value, ",", "\n"), "\n") {
		id, _, _ := strings.Cut(line, " ") // behind it stand the hashes of its authorizations
		said := c.known.org(article4.OrganisationID(id))
		if id == "none" {
			said = c.t("asked.is.none")
		}
		out = append(out, said)
	}
	return strings.Join(out, ", ")
}

// backupsSaid words what backups still hold of what was destroyed, which an entry keeps as an English sentence: until a
// day, or that nobody said until when. Any other sentence is shown as it is kept.
func (c *call) backupsSaid(kept string) string {
	_, until, found := strings.Cut(kept, ", until ")
	switch at := dayIn(until); {
	case found && !at.IsZero():
		return c.t("said.backups.until", day(c.in, at))
	case strings.HasSuffix(kept, "has not said until when they are kept"):
		return c.t("said.backups.unknown")
	}
	return kept
}

// askedOf is what the rules were asked in one decision, in words: what was so, what was not, and the rest.
type askedOf struct {
	Yes, No []string
	Others  []fact
}

// asked words the facts of a decision, which stand in the log as lines of words: the act; what is so; what is not; and
// names with their values.
func (c *call) asked(facts string) *askedOf {
	lines := strings.Split(strings.TrimSuffix(facts, "\n"), "\n")
	out := &askedOf{}
	for _, line := range lines[1:] {
		words := strings.Split(line, " ")
		switch words[0] {
		case "yes":
			out.Yes = c.flags(words[1:])
		case "no":
			out.No = c.flags(words[1:])
		default:
			said := c.values(words[0], words[1:])
			out.Others = append(out.Others, fact{Name: c.t("asked.name." + words[0]), Says: said})
		}
	}
	return out
}

func (c *call) flags(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = c.t("asked." + name)
	}
	return out
}

// values words what a name of the facts has: one value ("=…"), or those of a set.
func (c *call) values(name string, all []string) string {
	family := "asked.is."
	switch name {
	case "roles":
		family = "role."
	case "form", "grant_form":
		family = "form."
	}
	var out []string
	for _, value := range all {
		if value = strings.TrimPrefix(value, "="); value == "" {
			continue
		}
		said, found := lookUp(c.in, family+value)
		if !found {
			said = c.t("asked.is." + value)
		}
		out = append(out, said)
	}
	if len(out) == 0 {
		return c.t("asked.is.none")
	}
	return strings.Join(out, ", ")
}
