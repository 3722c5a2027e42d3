package portal

import (
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// reviewing is the page on which a focal point takes the figures of a period along to a review (Article 5(4)).
func (p *Portal) reviewing() []deed {
	return []deed{{"/review", p.reviewPage, p.review}}
}

// reviews reports whether the reader may have a review: a focal point of a Party.
func (c *call) reviews() bool {
	return c.organisation().Kind == article4.Party && c.has(article4.RoleFocalPoint)
}

func (p *Portal) reviewPage(c *call) (sheet, view, error) {
	body, v, err := c.plain(c.t("review.title"), "arrangement", link{Says: c.t("nav.arrangement"),
		Href: "/arrangement"})
	if err != nil {
		return body, v, err
	}
	if !c.reviews() {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	body.Lede = c.t("review.lede")
	body.Forms = []form{{
		Do:     "count",
		Button: c.t("review.button"),
		Questions: []question{
			{Name: "from", Label: c.t("audit.from"), Kind: "day", Needed: true,
				Value: today.AddDate(0, -3, 0).Format(time.DateOnly)},
			{
				Name:   "to",
				Label:  c.t("audit.to"),
				Hint:   c.t("review.hint"),
				Kind:   "day",
				Needed: true,
				Value:  today.Format(time.DateOnly),
			},
			{Name: "table", Label: c.t("audit.table"), Kind: "tick"},
		},
	}}
	return body, v, nil
}

func (p *Portal) review(c *call, _ string) (string, error) {
	from, to := dayIn(c.said("from")), dayIn(c.said("to"))
	found, err := p.cfg.Gateway.Review(c.ctx, c.actor(), from, to.AddDate(0, 0, 1))
	switch {
	case isInvalid(err):
		d, _, _ := p.deedAt("/review")
		return "", p.showSheet(c, d, []fault{{"to", c.t("review.hint")}})
	case err != nil:
		return "", err
	case c.said("table") == "yes":
		return "", c.reviewTable(found)
	}
	v := view{Title: c.t("review.title"), Nav: "arrangement"}
	body := sheet{
		Crumbs: []link{{Says: c.t("review.title"), Href: "/review"}},
		Lede:   c.t("review.period", day(c.in, from), day(c.in, to)),
		Notes:  []string{c.t("review.several")},
	}
	for _, of := range found.Disclosers() {
		body.Tables = append(body.Tables, c.reviewListing(c.t("review.of", c.known.orgName(of)), found, of))
	}
	body.Tables = append(body.Tables, c.openListing(found))
	return "", c.sheet(body, v, nil)
}

// reviewListing is what was done with the documents of one Party; what never was is left out.
func (c *call) reviewListing(title string, r exchange.Review, of article4.OrganisationID) listing {
	out := listing{Title: title, None: c.t("review.none"), Figures: true, Columns: []string{c.t("col.what"),
		c.t("col.count"), c.t("col.marking"), c.t("review.purposes")}}
	for _, one := range r.Counts {
		if one.Discloser != of || one.Count == 0 {
			continue
		}
		var markings, purposes []string
		for _, m := range []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential} {
			if n := one.ByMarking[m]; n > 0 {
				markings = append(markings, c.figure(c.t("marking."+string(m)), n))
			}
		}
		for _, code := range sortedKeys(texts(one.ByPurpose)) {
			purposes = append(purposes, c.figure(c.known.purpose(article4.PurposeCode(code)).Label,
				one.ByPurpose[article4.PurposeCode(code)]))
		}
		out.Rows = append(out.Rows, []cell{{Says: c.t("review." + string(one.What))},
			{Says: strconv.Itoa(one.Count)}, eachOnALine(markings), eachOnALine(purposes)})
	}
	return out
}

// figure is how many there are of something; the number stands on no line alone.
func (c *call) figure(name string, n int) string {
	return name + strings.TrimSuffix(colon(c.in), " ") + "\u00a0" + strconv.Itoa(n)
}

// eachOnALine is a field of several figures, or of none.
func eachOnALine(all []string) cell {
	if len(all) == 0 {
		return cell{Says: "–"}
	}
	return cell{Lines: all}
}

func texts[K ~string](in map[K]int) map[string]int {
	out := map[string]int{}
	for key, n := range in {
		out[string(key)] = n
	}
	return out
}

// openListing is what waits for the focal point now.
func (c *call) openListing(r exchange.Review) listing {
	out := listing{Title: c.t("review.open", when(c.in, r.At)), Columns: []string{c.t("col.what"), c.t("col.count")}}
	for _, one := range []struct {
		key string
		n   int
	}{{"to-decide", r.Open.ToDecide}, {"questions", r.Open.Questions}, {"confirmations", r.Open.Confirmations},
		{"notices", r.Open.Notices}, {"to-sign", r.Open.AgreementsToSign}, {"ending", r.Open.EndingSoon},
		{"overdue", r.Open.Overdue}} {
		out.Rows = append(out.Rows, []cell{{Says: c.t("review." + one.key)}, {Says: strconv.Itoa(one.n)}})
	}
	return out
}

// reviewTable sends the figures as comma-separated values.
func (c *call) reviewTable(r exchange.Review) error {
	c.Header("Content-Type", "text/csv; charset=utf-8; header=present")
	c.Header("Content-Disposition", `attachment; filename="review.csv"`)
	w := csv.NewWriter(c.Writer)
	w.UseCRLF = true
	_ = w.Write(exchange.ReviewColumns()) // what cannot be written is said by Flush
	_ = w.WriteAll(r.Table())
	return w.Error()
}
