package portal

import (
	"slices"
	"strconv"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// answering is the page on which the Discloser sees what became of the copies that it asked about.
func (p *Portal) answering() []deed {
	return []deed{{"/documents/:id/answers", p.answersPage, nil}}
}

// putToHolders are the notices that whoever holds copies answers.
var putToHolders = []string{"correction", "recall", "withdrawal", "marking"}

// answersPage is the board of a document: each holder that was told of something, with what it said of each copy. The
// Gateway shows it to the Discloser's focal points and signatories; to others the page does not exist.
func (p *Portal) answersPage(c *call) (sheet, view, error) {
	d, body, v, err := c.seen(c.t("answers.title"))
	if err != nil {
		return body, v, err
	}
	if !c.seesAnswers(d) {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	found, cut, err := whole(c, func(page exchange.Paging) (exchange.Page[exchange.Notice], error) {
		return p.cfg.Gateway.Notices(c.ctx, c.actor(), exchange.NoticeQuery{Document: d.ID, Paging: page})
	})
	if err != nil {
		return body, v, err
	}
	if cut {
		body.Notes = []string{c.t("cut", mostRead)}
	}
	table := listing{None: c.t("answers.none"), Columns: []string{c.t("col.who"), c.t("answers.of"), c.t("col.copy"),
		c.t("answers.said"), c.t("col.when")}}
	said, open := 0, 0
	for _, n := range found {
		if !slices.Contains(putToHolders, n.Kind) || n.To == c.organisation().ID {
			continue
		}
		for _, row := range c.answerRows(n) {
			if row[3].Sign == "yes" {
				said++
			} else {
				open++
			}
			table.Rows = append(table.Rows, row)
		}
	}
	if said+open > 0 {
		body.Facts = []fact{{Name: c.t("answers.answered"), Says: strconv.Itoa(said)},
			{Name: c.t("answers.open"), Says: strconv.Itoa(open)}}
	}
	body.Tables = []listing{table}
	return body, v, nil
}

// seesAnswers reports whether what became of the notices about a document is the reader's to see.
func (c *call) seesAnswers(d exchange.Document) bool {
	return c.organisation().ID == d.Discloser && (c.has(article4.RoleFocalPoint) || c.has(article4.RoleSignatory))
}

// answerRows has a row for each copy, and one where the notice names none.
func (c *call) answerRows(n exchange.Notice) [][]cell {
	who, of := cell{Says: c.who(n.Person, n.To)}, cell{Says: c.t("notice." + n.Kind), Under: when(c.in, n.At)}
	waits := cell{Says: c.t("answers.waits"), Sign: "wait"}
	if len(n.CopyNumbers) == 0 {
		row := []cell{who, of, {Says: "–"}, waits, {Says: "–"}}
		if a := n.Acknowledged; a != nil {
			row[3] = cell{Says: c.t("disposition." + a.Disposition), Under: a.Statement, Sign: "yes"}
			row[4] = cell{Says: when(c.in, a.At)}
		}
		return [][]cell{row}
	}
	var out [][]cell
	for _, number := range n.CopyNumbers {
		row := []cell{who, of, {Says: number, Mono: true}, waits, {Says: "–"}}
		for _, a := range n.Answers {
			if a.Number == number {
				row[3] = cell{Says: c.t("disposition." + a.Disposition), Under: a.Statement, Sign: "yes"}
				row[4] = cell{Says: when(c.in, a.At)}
			}
		}
		out = append(out, row)
	}
	return out
}
