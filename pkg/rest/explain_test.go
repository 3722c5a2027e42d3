package rest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/web"
)

// everybody is somebody of each kind that there is.
var everybody = []string{"staff.wco", "other.wco", "focal.wco", "deputy.wco", "auditor.wco", "machine.wco",
	"operator.operator", "staff.unoct", "focal.unoct", "auditor.unoct", "machine.unoct", "staff.piu", "focal.piu",
	"machine.piu"}

// explained asks what a deposit would be answered.
func (w *world) explained(person string, change fields) answer {
	w.t.Helper()
	_, metadata, _ := strings.Cut(depositOf(person, change, file{}).body, "\r\n\r\n")
	metadata, _, _ = strings.Cut(metadata, "\r\n--")
	return w.as(person, "POST", "/explain", `{"action":"deposit","deposit":`+metadata+`}`)
}

// toOther names the other Party as Recipient.
func toOther(person string) string {
	if strings.HasSuffix(person, ".unoct") {
		return "org_wco"
	}
	return "org_unoct"
}

func codesIn[R any](reasons []R, code func(R) string) []string {
	var out []string
	for _, r := range reasons {
		out = append(out, code(r))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestADepositIsExplainedAsItWouldBeAnsweredAndNothingIsKept(t *testing.T) {
	w := newWorld(t)
	source := w.put(fields{"title": "A source", "marking": "restricted"})
	changes := []fields{nil, {"title": ""}, {"marking": nil}, {"marking": "secret"}, {"purposes": nil},
		{"purposes": []string{"art2.f"}}, {"purposes": []string{"art9.z"}}, {"marking": "restricted"},
		{"personal_data": nil}, {"personal_data": fields{"present": true}}, {"entities_concerned": nil},
		{"entities_concerned": []string{"org_elsewhere"}}, {"recipient": "org_wco"}, {"derived_from": nil},
		{"derived_from": []string{source}, "marking": "non-confidential"}, {"derived_from": []string{"doc_1"}},
		{"title": "", "marking": nil, "derived_from": nil, "personal_data": nil, "entities_concerned": nil}}
	for _, person := range everybody {
		for _, change := range changes {
			if change["recipient"] == nil {
				change = maps.Clone(change)
				if change == nil {
					change = fields{}
				}
				change["recipient"] = toOther(person)
			}
			before := w.remembered()
			said := want[api.Explanation](t, w.explained(person, change), 200)
			if after := w.remembered(); after != before {
				t.Fatalf("%s, %v: kept %v, and then %v", person, change, before, after)
			}
			a := w.do(depositOf(person, change, file{content: secret + person}))
			if (a.StatusCode == 201) != said.Allowed {
				t.Errorf("%s, %v: explained %+v, answered %s", person, change, said, a.body)
			}
			if said.Allowed {
				continue
			}
			p := refused(t, a, a.StatusCode)
			told := codesIn(said.Reasons, func(r api.Reason) string { return r.Code })
			given := codesIn(p.Reasons, func(r web.Reason) string { return r.Code })
			if !slices.Equal(told, given) || len(told) == 0 || said.LogEntry != nil || said.Rules == "" {
				t.Errorf("%s, %v: explained %q, refused %q", person, change, told, given)
			}
		}
	}
}

func TestAQuestionIsOfADocumentOrOfADeposit(t *testing.T) {
	w := newWorld(t)
	for body, faults := range map[string][]string{
		`{"action":"deposit"}`: {"missing-field deposit"},
		`{"action":"deposit","deposit":{},"document":"doc_1","person":"per_1"}`: {"not-together document",
			"not-together person"},
		`{"action":"disclose"}`:                                {"missing-field document"},
		`{"action":"request","document":"doc_1","deposit":{}}`: {"not-together deposit"},
		`{"action":"deposit","deposit":{"titel":"x","size":"big"}}`: {"unknown-field deposit.titel",
			"wrong-type deposit.size"},
		`{"action":"deposit","deposit":{"countries":["xx"]}}`: {"not-a-country deposit.countries[0]"},
	} {
		var got []string
		for _, fault := range refused(t, w.as("staff.wco", "POST", "/explain", body), 400).Errors {
			got = append(got, strings.TrimPrefix(fault.Code, "request/")+" "+fault.Field)
		}
		slices.Sort(got)
		if slices.Sort(faults); !slices.Equal(got, faults) {
			t.Errorf("%s: answered %q, want %q", body, got, faults)
		}
	}
}

// remembered is what a gateway remembers of a deposit: entries, documents, uploads.
func (w *world) remembered() (n [3]int) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(w.t.Context())
	must(w.t, conn.QueryRow(w.t.Context(), `SELECT (SELECT count(*) FROM log_entry), (SELECT count(*) FROM document),
		(SELECT count(*) FROM upload)`).Scan(&n[0], &n[1], &n[2]))
	return n
}

func TestMeTellsWhetherOneMayDeposit(t *testing.T) {
	w := newWorld(t)
	may := 0
	for _, person := range everybody {
		me := want[api.Me](t, w.as(person, "GET", "/me", ""), 200)
		said, told := me.Permissions["deposit"]
		a := w.do(depositOf(person, fields{"recipient": toOther(person)}, file{content: "Of " + person}))
		if !told || said.Allowed != (a.StatusCode == 201) {
			t.Errorf("%s is told %+v, and answered %d: %s", person, said, a.StatusCode, a.body)
		}
		if said.Allowed {
			may++
		} else {
			given := refused(t, a, a.StatusCode).Reasons
			if told := codesIn(said.Reasons, func(r api.Reason) string { return r.Code }); !slices.Equal(told,
				codesIn(given, func(r web.Reason) string { return r.Code })) {
				t.Errorf("%s is told %q, and refused %+v", person, told, given)
			}
		}
		machine := strings.HasPrefix(person, "machine.")
		if (me.Service != nil) != machine {
			t.Errorf("%s: service %+v", person, me.Service)
		}
		if machine && (!slices.Equal(me.Service.Purposes, []string{"art2.e"}) || len(me.Service.Markings) != 2) {
			t.Errorf("%s is told %+v of its limits", person, *me.Service)
		}
	}
	if may != 8 {
		t.Errorf("%d may deposit, want the staff, officials and machines of both Parties: 8", may)
	}
}
