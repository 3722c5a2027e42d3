package rest_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// Article 5(4) over the API: the figures of a period to a focal point, as JSON and as a table, and to nobody else; of a
// period that is reversed or ten years long to nobody.
func TestArticle5_4TheReviewOfAPeriodIsForFocalPoints(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	day := func(n int) string { return time.Now().AddDate(0, 0, n).UTC().Format(time.RFC3339) }
	path := "/arrangement/review?since=" + day(-1) + "&until=" + day(1)
	for _, focal := range []string{"focal.wco", "focal.unoct"} {
		found := want[api.Review](t, w.as(focal, "GET", path, ""), 200)
		if len(found.Counts) == 0 || found.Counts[0].DocumentsOf != found.Organisation ||
			found.Organisation != "org_"+strings.TrimPrefix(focal, "focal.") {
			t.Errorf("%s: %+v", focal, found)
		}
		deposited := 0
		for _, c := range found.Counts {
			if c.DocumentsOf == "org_wco" && c.What == "deposited" {
				deposited = c.Count
			}
		}
		table := w.as(focal, "GET", path, "", "Accept", "text/csv")
		rows, err := csv.NewReader(strings.NewReader(string(table.body))).ReadAll()
		if err != nil || len(rows) < len(found.Counts) || strings.Join(rows[0], " ") !=
			"documents_of what marking purpose count" || deposited != 1 {
			t.Errorf("%s: %d deposited; the table is %q: %v", focal, deposited, rows, err)
		}
		if strings.Contains(string(table.body), doc.Id) || strings.Contains(string(table.body), *doc.Title) {
			t.Errorf("%s: a document stands in the table", focal)
		}
	}
	for _, other := range []string{"staff.wco", "auditor.wco", "staff.unoct", "focal.piu", "focal.customs",
		"operator.operator"} {
		refused(t, w.as(other, "GET", path, ""), 404, "request/not-found")
	}
	for name, period := range map[string]string{"reversed": "?since=" + day(1) + "&until=" + day(-1),
		"ten years": "?since=" + day(-3650) + "&until=" + day(0)} {
		if a := w.as("focal.wco", "GET", "/arrangement/review"+period, ""); a.StatusCode != 400 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
}
