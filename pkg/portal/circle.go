package portal

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// circle is who has a document, and on whose word, as far as the reader is told.
type circle struct {
	Own     string   // what the Discloser's own people had
	Holders []holder // the first of them
	More    []holder
	All     string // where all requests are listed, if there are more than stand here; empty: there are not
}

// holder is an organisation that has a document, may have it, or does not get it.
type holder struct {
	To, Role    string
	State       string // "force", "had", "waits", "refused", "over"
	Word, Under string
	Has         string
	Ways, More  []way
}

// way is one way that a document went or may go to an organisation: a request, or a Release.
type way struct {
	state, word, under string
	Says, Href         string
	Under              []string
}

// mostHolders and mostWays stand on the page; what is beyond opens there.
const mostHolders, mostWays = 8, 3

var circleStates = []string{"force", "had", "waits", "refused", "over"}

func byState(a, b string) int { return slices.Index(circleStates, a) - slices.Index(circleStates, b) }

func (c *call) circle(d exchange.Document) (circle, error) {
	var out circle
	found, err := c.p.cfg.Gateway.Circle(c.ctx, c.actor(), d.ID)
	if err != nil {
		return out, err
	}
	c.learn(found.Names)
	ways := map[article4.OrganisationID][]way{}
	for _, e := range slices.Backward(found.Edges) { // the newest first
		ways[e.To] = append(ways[e.To], c.way(d, e))
	}
	for _, h := range found.Holders {
		if h.Organisation == d.Discloser {
			if had := c.had(h); had != "" {
				out.Own = c.t("circle.own", had)
			}
			h = exchange.Holder{Organisation: h.Organisation, Role: h.Role}
		}
		if one := c.holder(d, h, ways[h.Organisation]); one.State != "" {
			out.Holders = append(out.Holders, one)
		}
	}
	slices.SortStableFunc(out.Holders, func(a, b holder) int { return byState(a.State, b.State) })
	if len(out.Holders) > mostHolders {
		out.Holders, out.More = out.Holders[:mostHolders], out.Holders[mostHolders:]
	}
	if found.More {
		box := "ours"
		if c.organisation().ID == d.Discloser {
			box = "asked-of-us"
		}
		out.All = "/requests?box=" + box + "&document=" + string(d.ID)
	}
	return out, nil
}

// holder is drawn by the best of its ways; without a state, by none: nothing went there, and nobody asked.
func (c *call) holder(d exchange.Document, h exchange.Holder, ways []way) holder {
	out := holder{To: c.known.org(h.Organisation), Role: c.t("role.third-party"), Has: c.had(h)}
	switch h.Organisation {
	case d.Recipient:
		out.Role = c.t("role.recipient")
	case d.Discloser:
		out.Role = c.t("role.discloser")
	}
	slices.SortStableFunc(ways, func(a, b way) int { return byState(a.state, b.state) })
	open := d.Marking == article4.NonConfidential && h.Organisation == d.Recipient
	switch {
	case len(ways) > 0 && (ways[0].state == "force" || h.Copies == 0 && !open):
		out.State, out.Word, out.Under = ways[0].state, ways[0].word, ways[0].under
	case open:
		out.State, out.Word, out.Under = "force", c.t("circle.open"), article(c.in, "4(2)")
	case h.Copies > 0:
		out.State, out.Word = "had", c.t("circle.had")
	}
	for i, one := range ways {
		if one.word != out.Word {
			ways[i].Says = one.word + colon(c.in) + one.Says
		}
	}
	out.Ways = ways
	if len(ways) > mostWays {
		out.Ways, out.More = ways[:mostWays], ways[mostWays:]
	}
	return out
}

// had says how many people of an organisation had how many copies, and when the last; empty: none.
func (c *call) had(h exchange.Holder) string {
	if h.Copies == 0 {
		return ""
	}
	return strings.Join([]string{c.t("circle.people", h.People), c.t("circle.copies", h.Copies),
		c.t("circle.last", day(c.in, h.Last))}, ", ")
}

func (c *call) way(d exchange.Document, e exchange.Edge) way {
	w := way{state: "over", word: c.t("edge.consent"), under: article(c.in, "4(8)")}
	if e.To == d.Recipient || e.To == d.Discloser {
		w.word, w.under = c.t("edge.authorized"), article(c.in, "4(4)")
	}
	if e.Request != "" {
		w.Href = "/requests/" + string(e.Request)
	}
	switch e.State {
	case exchange.Authorized, exchange.Consented:
		w.state, w.Says = "force", c.t("until", day(c.in, e.Until))
		if e.Standing != nil { // it rests on what stands for the series of the document (reading 0111)
			w.word = c.t("edge.standing")
		}
	case exchange.Released:
		w.state, w.word, w.under = "force", c.t("edge.released"), article(c.in, "4(2)")
		w.Says = c.t("circle.released", day(c.in, e.At))
	case exchange.Waits:
		w.state, w.word, w.Says = "waits", c.t("edge.waits"), c.t("lapses", day(c.in, e.Lapses))
	case exchange.EdgeState(article4.StateRefused):
		w.state, w.word, w.Says = "refused", c.t("state.refused"), c.t("nothing-sent")
	default:
		w.word = c.t("state." + string(e.State))
		w.Says = c.t("asked-on", day(c.in, e.At))
	}
	w.Under = c.peopleOf(e)
	return w
}

// peopleOf are who may read on a way, and on whose word.
func (c *call) peopleOf(e exchange.Edge) []string {
	var out, readers, words []string
	add := func(to *[]string, name string) {
		if !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	for _, id := range e.Readers {
		add(&readers, c.who(id, e.To))
	}
	refused := e.State == exchange.EdgeState(article4.StateRefused)
	for _, word := range e.Words {
		if refused == (word.Act == article4.ActRefuse) {
			add(&words, c.who(word.By, word.Organisation))
		}
	}
	if len(readers) > 0 {
		out = append(out, strings.Join(readers, "; "))
	}
	if len(words) > 0 {
		out = append(out, c.t("circle.word", strings.Join(words, "; ")))
	}
	return out
}

// reached are whom an act on a document reaches, in numbers: whose grants it ends where it ends them, and who holds
// copies and is told. It is what the reader is told of who has it.
func (c *call) reached(d exchange.Document, act article4.Act) ([]string, error) {
	if act != article4.ActMark && act != article4.ActRecall {
		return nil, nil
	}
	found, err := c.p.cfg.Gateway.Circle(c.ctx, c.actor(), d.ID)
	if err != nil {
		return nil, err
	}
	var out, holders []string
	for _, h := range found.Holders {
		if had := c.had(h); had != "" && h.Organisation != d.Discloser { // its own people are told nothing
			holders = append(holders, c.known.orgName(h.Organisation)+", "+had)
		}
	}
	if act == article4.ActRecall {
		out = c.ended(found)
	}
	if len(holders) == 0 {
		return append(out, c.t("reach.nobody")), nil
	}
	for _, one := range holders {
		out = append(out, c.t("reach."+string(act), one))
	}
	return out, nil
}

// ended says how many grants and Releases are in force, and whose.
func (c *call) ended(found exchange.Circle) []string {
	var out []string
	for key, states := range map[string][]exchange.EdgeState{
		"reach.grants": {exchange.Authorized, exchange.Consented}, "reach.releases": {exchange.Released}} {
		n := 0
		var whose []string
		for _, e := range found.Edges {
			if !slices.Contains(states, e.State) {
				continue
			}
			n++
			if name := c.known.org(e.To); !slices.Contains(whose, name) {
				whose = append(whose, name)
			}
		}
		if n > 0 {
			out = append(out, c.t(key, n, strings.Join(slices.Sorted(slices.Values(whose)), "; ")))
		}
	}
	if len(out) == 0 {
		return []string{c.t("reach.none")}
	}
	slices.Sort(out)
	return out
}
