package portal

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// detailsPage is what a document says of itself, to be changed by the Discloser.
func (p *Portal) detailsPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("details.title"))
	if err != nil {
		return body, v, err
	}
	if c.organisation().ID != d.Discloser || !d.Whole {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	shown := question{Name: "show_title", Label: c.t("deposit.show-title"), Kind: "tick"}
	if d.ShowTitle {
		shown.Values = []string{"yes"}
	}
	review := question{Name: "review_by", Label: c.t("details.review"), Hint: c.t("details.review.hint"), Kind: "day"}
	if !d.ReviewBy.IsZero() {
		review.Value = d.ReviewBy.Format(time.DateOnly)
	}
	body.Forms = []form{{
		Do:     "amend",
		Denied: c.denied(article4.ActAmend, d.Permissions[article4.ActAmend]),
		Hidden: []fact{{Name: "etag", Says: d.ETag}},
		Effect: c.t("details.effect"),
		Button: c.t("details.button"),
		Back:   "/documents/" + string(d.ID),
		Questions: []question{
			{Name: "title", Label: c.t("deposit.name"), Value: d.Title, Needed: true},
			shown,
			{Name: "handling", Label: c.t("deposit.handling"), Kind: "text", Value: d.Handling},
			{Name: "alias", Label: c.t("details.alias"), Hint: c.t("details.alias.hint"), Value: d.Alias},
			{Name: "countries", Label: c.t("details.countries"), Hint: c.t("details.countries.hint"),
				Value: strings.Join(d.Countries, ", ")},
			review, c.askPurposes(d.Purposes), c.askWhy()},
	}}
	return body, v, nil
}

// askPurposes offers the purposes that are open, and those that a document has already.
func (c *call) askPurposes(have []article4.PurposeCode) question {
	q := question{Name: "purposes", Label: c.t("deposit.purposes"), Hint: c.t("details.purposes.hint"), Kind: "several",
		Needed: true}
	for _, purpose := range c.known.purposes {
		if purpose.Open || slices.Contains(have, purpose.Code) {
			q.Options = append(q.Options, option{Value: string(purpose.Code), Says: purpose.Label,
				Hint: article(c.in, purpose.Paragraph)})
		}
	}
	for _, code := range have {
		q.Values = append(q.Values, string(code))
	}
	return q
}

func (p *Portal) amend(c *call, _ string) (string, error) {
	id := of[article4.DocumentID](c, "id")
	title, handling, alias, shown := c.said("title"), c.said("handling"), c.said("alias"), c.said("show_title") != ""
	countries := strings.FieldsFunc(strings.ToUpper(c.said("countries")),
		func(r rune) bool { return r == ',' || r == ' ' })
	review, said := dayIn(c.said("review_by")), c.said("review_by")
	if said != "" && review.IsZero() {
		return "", invalid.One(invalid.NotADay, "review_by", "4(9)")
	}
	var purposes []article4.PurposeCode
	for _, code := range c.Request.PostForm["purposes"] {
		purposes = append(purposes, article4.PurposeCode(code))
	}
	_, err := p.cfg.Gateway.Amend(c.ctx, c.actor(), id, exchange.Amendment{
		Title:     &title,
		ShowTitle: &shown,
		Handling:  &handling,
		Alias:     &alias,
		Countries: &countries,
		ReviewBy:  &review,
		Purposes:  &purposes,
		Reason:    c.said("reason"),
		IfMatch:   c.said("etag"),
	})
	return "/documents/" + url.PathEscape(string(id)) + "?done=amend", err
}
