package rest_test

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/notify"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

// canary is a word that nobody writes by chance; the field follows where it was put in words of that field.
const canary = "zqcanaryqz"

// aviary puts a canary into every free text that a request brings, and remembers what was sent.
type aviary struct {
	words map[string]bool // fields that take free text, by the contract
	put   map[string]bool // into these, so far
	sent  []sending
	quiet bool // sends as it stands
}

type sending struct {
	person, method, path, body string
	header                     []string
}

// saying is a member of a JSON body that says something in a text.
var saying = regexp.MustCompile(`"(\w+)":\s*"((?:[^"\\]|\\.)*)"`)

func (a *aviary) instead(person, method, path, body string, header []string) string {
	if a.quiet || body == "" {
		return body
	}
	body = saying.ReplaceAllStringFunc(body, func(member string) string {
		m := saying.FindStringSubmatch(member)
		if !a.words[m[1]] || m[1] == "subject" { // who somebody is, is looked for as it stands
			return member
		}
		a.put[m[1]] = true
		return fmt.Sprintf(`"%s":"%s %s"`, m[1], m[2], canary+m[1])
	})
	body = strings.ReplaceAll(body, `filename="`, `filename="`+canary)
	a.sent = append(a.sent, sending{person, method, path, body, header})
	return body
}

// wordsOfTheContract are the members of request bodies that take free text: a text of more than 64 characters with
// neither a list of values nor a form.
func wordsOfTheContract(t *testing.T) map[string]bool {
	p, err := readPromise()
	must(t, err)
	components := p.root["components"].(map[string]any)
	words, seen := map[string]bool{}, map[string]bool{}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		s, is := v.(map[string]any)
		if !is {
			return
		}
		if ref, is := s["$ref"].(string); is {
			_, of, _ := strings.Cut(ref, "#/components/")
			kind, of, _ := strings.Cut(of, "/")
			if !seen[name+of] {
				seen[name+of] = true
				walk(name, components[kind].(map[string]any)[of])
			}
			return
		}
		if s["type"] == "string" && s["enum"] == nil && s["format"] == nil && fmt.Sprint(s["maxLength"]) > "" {
			var most int
			_, err := fmt.Sscan(fmt.Sprint(s["maxLength"]), &most)
			words[name] = words[name] || err == nil && most > 64
		}
		for _, list := range []string{"allOf", "oneOf", "anyOf"} {
			of, _ := s[list].([]any)
			for _, one := range of {
				walk(name, one)
			}
		}
		walk(name, s["items"])
		properties, _ := s["properties"].(map[string]any)
		for property, of := range properties {
			walk(property, of)
		}
		content, _ := s["content"].(map[string]any)
		for _, of := range content {
			walk("", of.(map[string]any)["schema"])
		}
	}
	for _, route := range p.routes {
		walk("", route.does["requestBody"])
	}
	return words
}

// No free text stands in clear in any entry, nor in what is published of the log, in the operator's log, in the
// database, in a mail, or in a header of an answer: every act of the contract is done once, and tried once more by
// somebody who is refused, with a canary in each of its free texts; and with one where a code or an identifier belongs.
// Nor do people's addresses stand anywhere but on the mails to them.
func TestNoFreeTextStandsInClearInAnyEntryOrBesideTheLog(t *testing.T) {
	a := &aviary{words: wordsOfTheContract(t), put: map[string]bool{}}
	w := newWorld(t, func(w *world) {
		w.mirror, w.instead = true, a.instead
		w.settings.CopyPatience = time.Hour // a marked copy is waited for, however slow the machine is
	})
	h := &headers{}
	w.heard = h.hear
	r := &repeater{world: w, done: map[string]bool{}}
	r.everything()
	for field, isWords := range a.words {
		if isWords && !a.put[field] && !slices.Contains([]string{"subject", "id_token", "if_match"}, field) {
			t.Errorf("no request had a canary in %q: the walk leaves it out", field)
		}
	}
	a.quiet = true
	r.refusedAndMisplaced(a.sent)
	r.kindsAreThere()

	needles := []string{canary, secret, "other.wco"}
	h.have(t, needles)
	r.inNoMail(needles)
	needles = append(needles, mailed)
	r.inNoEntry(needles)
	r.inNoTile(needles)
	r.inNoRow(needles)
	for line := range strings.Lines(r.journal.String()) {
		if holds(line, needles) != "" {
			t.Errorf("the operator reads %s", line)
		}
	}
}

// headers are those of all answers, but for the names under which content is handed out.
type headers struct {
	mu      sync.Mutex
	lines   []string
	handed  int // names of files, which whoever is handed the content is told
	answers int
}

func (h *headers) hear(answer *http.Response) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers++
	for name, values := range answer.Header {
		if name == "Content-Disposition" && answer.StatusCode < 300 &&
			strings.HasSuffix(answer.Request.URL.Path, "/content") {
			h.handed++
			continue
		}
		h.lines = append(h.lines, answer.Request.Method+" "+answer.Request.URL.Path+": "+name+": "+
			strings.Join(values, ", "))
	}
}

func (h *headers) have(t *testing.T, needles []string) {
	for _, line := range h.lines {
		_, says, _ := strings.Cut(line, ": ")
		if holds(says, needles) != "" {
			t.Errorf("%q stands in a header: %s", holds(says, needles), line)
		}
	}
	t.Logf("%d answers with %d headers, %d of which hand out content", h.answers, len(h.lines), h.handed)
	if h.answers < 200 || h.handed == 0 {
		t.Error("this shows nothing of the headers")
	}
}

// inNoMail has all mail sent that is due, and reads it.
func (r *repeater) inNoMail(needles []string) {
	server, err := devstack.StartMail(r.t.Context(), devstack.MailConfig{Dir: r.t.TempDir()})
	must(r.t, err)
	defer server.Stop()
	keysets, err := vault.OpenKeysets(r.keysets)
	must(r.t, err)
	records, err := register.New(keysets)
	must(r.t, err)
	worker, err := notify.New(notify.Config{
		DB:       r.open(r.db, "_app", postgres.App),
		Register: records,
		Link:     "https://gateway.example/notices",
		Logger:   r.logger(),
		Server: notify.Server{
			Host:     server.Host(),
			Port:     server.Port(),
			From:     "chancery@gateway.example",
			Username: server.Username,
			Password: server.Password,
			Roots:    server.Roots(),
		},
	})
	must(r.t, err)
	must(r.t, worker.Once(r.t.Context()))
	sent, err := server.Sent()
	must(r.t, err)
	notices := 0
	for _, one := range sent {
		notices += strings.Count(one.Text, "not_")
		text := strings.ReplaceAll(one.Raw+one.Subject+one.Text, one.To, "")
		if found := holds(text, append(needles, mailed, "doc_", "req_")); found != "" {
			r.t.Errorf("%q stands in a mail to %s: %s", found, one.To, one.Raw)
		}
	}
	if r.t.Logf("%d mails of %d notices", len(sent), notices); len(sent) == 0 || notices < 50 {
		r.t.Error("this shows nothing of the mails")
	}
}

// everything does each act of the contract, and what else has an entry.
func (r *repeater) everything() {
	r.unrepeated()
	r.acts()
	r.as("auditor.wco", "POST", "/log/exports", `{}`)
	_, at := r.putToCustoms()
	want[api.Lowering](r.t, r.as("focal.customs", "POST", at+"/decisions", `{"act":"refuse","statement":"S"}`), 201)
}

// unrepeated does what has words or an entry, and is not done under a key.
func (r *repeater) unrepeated() {
	t := r.t
	full := `{"title":"T","marking":"confidential","purpose_statement":"P","purposes":["art2.e"],"recipient":"org_unoct",
		"personal_data":{"present":true,"regime":"R","legal_basis":"L","retain_until":"2090-01-01"},
		"entities_concerned":"none","derived_from":"none","handling":"H","alias":"A","marking_confirmation":"M",
		"not_derived":"N"}`
	doc := r.depositAs("staff.wco", full)
	path := "/documents/" + doc.Id
	want[api.Document](t, r.as("staff.wco", "PATCH", path, `{"title":"T","handling":"H2","alias":"A2","statement":"S"}`,
		"If-Match", r.as("staff.wco", "GET", path, "").Header.Get("ETag")), 200)
	q := r.ask("staff.unoct", doc.Id, "org_unoct")
	want[api.AccessRequest](t, r.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions",
		`{"act":"authorize","statement":"S","conditions":"C"}`, "If-Match", r.etag(q.Id)), 201)
	want[api.CanonicalText](t, r.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions/draft",
		`{"act":"refuse","statement":"S","conditions":"C"}`), 200)
	granted := want[api.AccessRequest](t, r.as("staff.unoct", "GET", "/requests/"+q.Id, ""), 200)
	made := want[api.Disclosure](t, r.as("staff.unoct", "POST", path+"/disclosures",
		`{"purpose":"art2.e","statement":"S","form":"original","conditions_sha256":"`+*granted.ConditionsSha256+`"}`),
		201)
	r.as("staff.unoct", "GET", "/disclosures/"+made.Id+"/content", "")
	stamped := want[api.Disclosure](t, r.as("staff.wco", "POST", path+"/disclosures",
		`{"purpose":"art2.e","statement":"S","form":"stamped"}`), 201)
	r.as("staff.wco", "GET", "/disclosures/"+stamped.Id+"/content", "")
	r.as("staff.wco", "GET", path+"/history", "")
	r.as("staff.wco", "GET", "/documents?q="+canary, "")
	r.as("staff.wco", "GET", "/documents/doc_"+canary, "")
	r.as("staff.unoct", "POST", "/explain", `{"document":"`+doc.Id+`","action":"disclose"}`)
	r.as("auditor.wco", "POST", "/trace", `{"text":"T"}`)
	r.as("auditor.wco", "GET", "/log/entries?kind=deposit", "")
	// a leak told by somebody who never had it; released for a transfer on a legal basis; refused
	told := r.depositAs("staff.wco", declared)
	r.as("staff.unoct", "POST", "/documents/"+told.Id+"/leak-reports", `{"statement":"S"}`)
	free := r.depositAs("staff.wco", strings.Replace(full, "confidential", "non-confidential", 1))
	want[api.Release](t, r.as("focal.wco", "POST", "/documents/"+free.Id+"/releases",
		`{"organisation":"org_piu-exampleland","purpose":"art2.e","statement":"S","transfer_basis":"B"}`), 201)
	no := r.ask("staff.unoct", told.Id, "org_unoct")
	want[api.AccessRequest](t, r.as("focal.wco", "POST", "/requests/"+no.Id+"/decisions",
		`{"act":"refuse","statement":"S"}`, "If-Match", r.etag(no.Id)), 201)
	unit := r.ask("focal.unoct", told.Id, "org_piu-exampleland")
	want[api.AccessRequest](t, r.as("focal.wco", "POST", "/requests/"+unit.Id+"/decisions",
		`{"act":"consent","statement":"S","evidence":{"kind":"none"}}`, "If-Match", r.etag(unit.Id)), 201)
	r.signedIn("staff.wco")
	want[api.SessionsEnded](t, r.as("focal.wco", "DELETE", "/people/"+r.personOf("staff.wco")+"/sessions", ""), 200)
}

// refusedAndMisplaced sends all of it again as people who are refused, and with a canary in the place of each code.
func (r *repeater) refusedAndMisplaced(sent []sending) {
	tried := map[string]bool{}
	for _, s := range sent {
		for _, person := range []string{"staff.customs", "other.unoct"} {
			r.as(person, s.method, s.path, s.body, keyless(s.header)...)
		}
		verb := s.method + regexp.MustCompile(`[a-z]{3}_[0-9a-z]+`).ReplaceAllString(s.path, "*")
		for _, m := range saying.FindAllStringSubmatchIndex(s.body, -1) {
			field := s.body[m[2]:m[3]]
			if strings.Contains(s.body[m[4]:m[5]], canary) || tried[verb+field] || field == "subject" {
				continue
			}
			tried[verb+field] = true
			odd := s.body[:m[4]] + canary + s.body[m[5]:]
			if got := r.as(s.person, s.method, s.path, odd, keyless(s.header)...); got.StatusCode >= 500 {
				r.t.Errorf("%s with %q for a code: %d %s", verb, field, got.StatusCode, got.body)
			}
		}
	}
}

// keyless leaves out the key under which something was done once.
func keyless(header []string) (out []string) {
	for i := 0; i < len(header); i += 2 {
		if header[i] != "Idempotency-Key" {
			out = append(out, header[i], header[i+1])
		}
	}
	return out
}

// kindsAreThere wants an entry of every kind; those that the gateway alone writes, of nobody's words, are left out.
func (r *repeater) kindsAreThere() {
	own := []ledger.Kind{ledger.KindLapse, ledger.KindExpiry, ledger.KindTooMany, ledger.KindOperatorEndedSessions}
	var there []string
	r.rows(`SELECT DISTINCT kind FROM log_entry`, func(kind string) { there = append(there, kind) })
	for _, row := range ledger.Grammar {
		if !slices.Contains(there, string(row.Kind)) && !slices.Contains(own, row.Kind) {
			r.t.Errorf("no entry of the kind %s was written", row.Kind)
		}
		if slices.Contains(own, row.Kind) && len(row.Private) > 0 {
			r.t.Errorf("%s has words: it is to be written here", row.Kind)
		}
	}
}

func (r *repeater) rows(query string, each func(text string)) {
	conn, err := pgx.Connect(r.t.Context(), r.db.SuperuserURL())
	must(r.t, err)
	defer conn.Close(r.t.Context())
	rows, err := conn.Query(r.t.Context(), query)
	must(r.t, err)
	for rows.Next() {
		var text string
		must(r.t, rows.Scan(&text))
		each(text)
	}
	must(r.t, rows.Err())
}

// holds is the first of the needles that stands in a text: as it is, in hex, or escaped as in an address.
func holds(text string, needles []string) string {
	for _, needle := range needles {
		for _, form := range []string{needle, hex.EncodeToString([]byte(needle)), url.QueryEscape(needle)} {
			if strings.Contains(text, form) {
				return needle
			}
		}
	}
	return ""
}

func (r *repeater) inNoEntry(needles []string) {
	entries := 0
	r.rows(`SELECT kind || ' ' || convert_from(body, 'UTF8') FROM log_entry`, func(text string) {
		if entries++; holds(text, needles) != "" {
			r.t.Errorf("%q stands in clear in %s", holds(text, needles), text)
		}
	})
	r.t.Logf("%d entries", entries)
}

// inNoTile looks through all that the store holds once the log is published whole.
func (r *repeater) inNoTile(needles []string) {
	whole := int64(r.entries())
	r.as("auditor.wco", "GET", "/log/entries/"+r.newestEntry()+"/proof", "") // waits for the tree
	for {
		_, signed := r.mirrored("/checkpoint")
		if c, err := ledger.OpenCheckpoint(signed, r.log); err == nil && c.Size() >= whole {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	files := 0
	root := filepath.Join(r.store.RawDir(), r.bucket)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if files++; err == nil && (holds(string(data), needles) != "" || holds(path, needles) != "") {
			r.t.Errorf("%q stands in clear in the store, at %s", holds(path+string(data), needles), path)
		}
		return err
	})
	must(r.t, err)
	r.t.Logf("%d objects", files)
}

func (r *repeater) newestEntry() (id string) {
	r.rows(`SELECT id FROM log_entry ORDER BY at DESC LIMIT 1`, func(text string) { id = text })
	return id
}

// inNoRow looks through every table.
func (r *repeater) inNoRow(needles []string) {
	var tables []string
	r.rows(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
		func(name string) { tables = append(tables, name) })
	if len(tables) < 20 {
		r.t.Fatalf("%d tables", len(tables))
	}
	for _, table := range tables {
		r.rows(`SELECT e.field || ' ' || e.says FROM `+table+` t, jsonb_each_text(to_jsonb(t)) e (field, says)`+
			` WHERE e.says IS NOT NULL`, func(text string) {
			if slices.Contains([]string{"organisation", "office"}, table) && strings.HasPrefix(text, "name ") {
				return // what an organisation, or a desk of one, is called stands in clear (docs/trust.md)
			}
			if holds(text, needles) != "" {
				r.t.Errorf("%q stands in clear in %s: %.300s", holds(text, needles), table, text)
			}
		})
	}
}
