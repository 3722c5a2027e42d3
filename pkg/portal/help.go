package portal

import (
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/web"
)

// rules answers GET /rules: the ten paragraphs, word for word.
func (p *Portal) rules(c *call) error {
	return c.show("rules", view{Title: c.t("rules.title"), Nav: "rules", Body: article4.Paragraphs()})
}

// ruled is one paragraph, and every reason that rests on it.
type ruled struct {
	article4.Paragraph
	Reasons []web.Reason
}

// rule answers GET /rules/{paragraph}.
func (p *Portal) rule(c *call) error {
	quote, found := article4.Quote(c.Param("paragraph"))
	if !found {
		return web.Fail(web.KindNotFound, nil)
	}
	body := ruled{Paragraph: quote}
	for _, code := range article4.Codes() {
		if entry, _ := article4.Lookup(code); entry.Paragraph == quote.Number {
			body.Reasons = append(body.Reasons, reasonIn(c.in, article4.Reason{Code: code}))
		}
	}
	return c.show("rule", view{Title: article(c.in, quote.Number), Nav: "rules", Body: body})
}

func (p *Portal) help(c *call) error {
	var focal []focalLine
	if c.session != nil {
		if _, err := c.directory(); err != nil {
			return err
		}
		for _, f := range c.known.focal {
			focal = append(focal, focalLine{f, c.known.orgName(f.Organisation)})
		}
	}
	return c.show("help", view{Title: c.t("help.title"), Nav: "help", Body: focal})
}

func (p *Portal) accessibility(c *call) error {
	return c.show("text", view{Title: c.t("accessibility.title"), Body: strings.Split(c.t("accessibility.text"), "\n")})
}

func (p *Portal) privacy(c *call) error {
	return c.show("text", view{Title: c.t("privacy.title"), Body: strings.Split(c.t("privacy.text"), "\n")})
}
