package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
)

const secret = "Indicators: three ports, two carriers, one pattern."

// declared is metadata of the WCO for UNOCT with nothing missing.
const declared = `{"title":"Sea-passenger risk indicators, Q3","marking":"confidential",
	"purpose_statement":"Joint training on maritime passenger data","purposes":["art2.e"],"recipient":"org_unoct",
	"personal_data":{"present":false},"entities_concerned":"none","derived_from":"none"}`

// deposit deposits as staff.wco.
func (w *world) deposit(metadata, content string) answer {
	w.t.Helper()
	return w.depositBy("staff.wco", metadata, content)
}

func (w *world) depositBy(person, metadata, content string) answer {
	w.t.Helper()
	body, kind := deposit(part{"metadata", "", metadata}, part{"content", "../été \u202efdp.txt", content})
	return w.as(person, "POST", "/documents", body, "Content-Type", kind)
}

func (w *world) ask(person, document, organisation string) api.AccessRequest {
	w.t.Helper()
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	return want[api.AccessRequest](w.t, w.as(person, "POST", "/documents/"+document+"/requests",
		`{"for":{"organisation":"`+organisation+`"},"purpose":"art2.e","statement":"Joint training in May","until":"`+
			until+`","form":"original"}`), 201)
}

const reading = `{"purpose":"art2.e","statement":"Preparing the joint training","form":"original"}`

func (w *world) etag(request string) string {
	return w.as("focal.wco", "GET", "/requests/"+request, "").Header.Get("ETag")
}

// authorized deposits and authorizes for the Recipient.
func (w *world) authorized(content string) (api.Document, api.AccessRequest) {
	w.t.Helper()
	doc := want[api.Document](w.t, w.deposit(declared, content), 201)
	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	q = want[api.AccessRequest](w.t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions",
		`{"act":"authorize","statement":"Agreed for the training"}`, "If-Match", w.etag(q.Id)), 201)
	return doc, q
}

func TestMainWayThroughTheGateway(t *testing.T) {
	w := newWorld(t)
	unmarked := strings.Replace(declared, `"confidential"`, `""`, 1)
	p := refused(t, w.deposit(unmarked, secret), 422, "art4.9/unmarked")
	if p.Reasons[0].Paragraph != "4(9)" || p.Reasons[0].Basis != "text" || p.LogEntry == "" || p.Rules == "" {
		t.Errorf("the refusal is %+v", p)
	}
	refused(t, w.deposit(`{}`, secret), 422, "art4.9/unmarked", "art4.9/no-purpose", "art4.3/undeclared",
		"art4.4/entities-undeclared")

	made := w.deposit(declared, secret)
	doc := want[api.Document](t, made, 201)
	if made.Header.Get("Location") != "/api/v1/documents/"+doc.Id || made.Header.Get("ETag") == "" ||
		*doc.FileName == "" {
		t.Errorf("made %+v with %v", doc, made.Header)
	}
	stub := want[api.Document](t, w.as("staff.unoct", "GET", "/documents/"+doc.Id, ""), 200)
	if stub.Whole || stub.Title != nil || stub.Sha256 != nil {
		t.Errorf("the Recipient sees %+v", stub)
	}
	disclose := (*stub.Permissions)["disclose"]
	if disclose.Allowed || len(disclose.Reasons) == 0 || disclose.Reasons[0].Paragraph == "" {
		t.Errorf("permissions: %+v", disclose)
	}
	path := "/documents/" + doc.Id + "/disclosures"
	refused(t, w.as("staff.unoct", "POST", path, reading), 403, "art4.4/authorization-missing")
	p = refused(t, w.as("staff.unoct", "POST", path, reading, "Accept-Language", "fr"), 403,
		"art4.4/authorization-missing")
	if !strings.Contains(p.Title, "autorisation") {
		t.Errorf("in French: %q", p.Title)
	}

	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	decisions := "/requests/" + q.Id + "/decisions"
	const authorize = `{"act":"authorize","statement":"Agreed for the training"}`
	refused(t, w.as("focal.wco", "POST", decisions, authorize), 428, "request/precondition-required")
	refused(t, w.as("focal.wco", "POST", decisions, authorize, "If-Match", `"another"`), 412, "request/changed")
	decided := w.as("focal.wco", "POST", decisions, authorize, "If-Match", w.etag(q.Id))
	if q = want[api.AccessRequest](t, decided, 201); q.State != api.RequestStateInForce ||
		decided.Header.Get("ETag") == "" {
		t.Errorf("decided: %s, missing %v", q.State, q.Missing)
	}

	given := w.as("staff.unoct", "POST", path, reading)
	d := want[api.Disclosure](t, given, 201)
	content := strings.TrimPrefix(given.Header.Get("Location"), "/api/v1")
	w.checkContent(content, d)
	refused(t, w.as("other.unoct", "GET", content, ""), 404, "request/not-found")

	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/withdrawal", `{"statement":"Cancelled"}`),
		201)
	refused(t, w.as("staff.unoct", "GET", content, ""), 403, "art4.4/authorization-withdrawn")
	refused(t, w.as("staff.unoct", "POST", path, reading), 403, "art4.4/authorization-withdrawn")
	if log := w.journal.String(); strings.Contains(log, "indicators") || strings.Contains(log, "three ports") ||
		strings.Contains(log, "fdp") {
		t.Errorf("the operations log:\n%s", log)
	}
}

// checkContent fetches whole and in parts.
func (w *world) checkContent(path string, d api.Disclosure) {
	t := w.t
	t.Helper()
	sum := sha256.Sum256([]byte(secret))
	whole := w.as("staff.unoct", "GET", path, "")
	if whole.StatusCode != 200 || string(whole.body) != secret || whole.ContentLength != int64(len(secret)) {
		t.Fatalf("whole: %d %q", whole.StatusCode, whole.body)
	}
	for name, value := range map[string]string{
		"Repr-Digest":            "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
		"ETag":                   `"` + fmt.Sprintf("%x", sum) + `"`,
		"Accept-Ranges":          "bytes",
		"Chancery-Marking":       "confidential",
		"X-Content-Type-Options": "nosniff",
		"Content-Disposition":    "attachment; filename*=UTF-8''%C3%A9t%C3%A9%20fdp.txt",
		"Cache-Control":          "no-store",
	} {
		if got := whole.Header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	for spec, expected := range map[string]string{
		"bytes=0-9": secret[:10], "bytes=-8": secret[len(secret)-8:], "bytes=20-": secret[20:],
		"bytes=5-100000": secret[5:],
	} {
		a := w.as("staff.unoct", "GET", path, "", "Range", spec)
		if a.StatusCode != 206 || string(a.body) != expected ||
			a.Header.Get("Repr-Digest") != whole.Header.Get("Repr-Digest") {
			t.Errorf("%s: %d %q", spec, a.StatusCode, a.body)
		}
	}
	beyond := w.as("staff.unoct", "GET", path, "", "Range", "bytes=1000-")
	refused(t, beyond, 416, "request/range")
	if length := beyond.Header.Get("Content-Range"); length != fmt.Sprintf("bytes */%d", len(secret)) {
		t.Errorf("beyond the end: Content-Range %q", length)
	}
	for condition, status := range map[string]int{whole.Header.Get("ETag"): 206, `"other"`: 200} {
		if a := w.as("staff.unoct", "GET", path, "", "Range", "bytes=0-0", "If-Range",
			condition); a.StatusCode != status {
			t.Errorf("If-Range %s: %d", condition, a.StatusCode)
		}
	}
	if a := w.as("staff.unoct", "GET", path, "", "Range", "bytes=0-1,3-4"); a.StatusCode != 200 ||
		string(a.body) != secret {
		t.Errorf("several ranges: %d", a.StatusCode)
	}
	head := w.as("staff.unoct", "HEAD", path, "")
	if head.StatusCode != 200 || head.ContentLength != *d.Size || len(head.body) != 0 {
		t.Errorf("HEAD: %d, %d bytes announced", head.StatusCode, head.ContentLength)
	}
}

func TestThirdPartyNeedsConsentAndSignature(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	put := w.as("focal.wco", "POST", "/agreements",
		`{"organisation":"org_piu-exampleland","text":"We keep it to ourselves."}`)
	agreement := want[api.Agreement](t, put, 201)
	q := w.ask("focal.unoct", doc.Id, "org_piu-exampleland")
	path := "/documents/" + doc.Id + "/disclosures"
	refused(t, w.as("staff.piu", "POST", path, reading), 404, "request/not-found")

	const consent = `{"act":"consent","statement":"For the training","evidence":{"kind":"none"}}`
	draft := want[api.CanonicalText](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions/draft", consent), 200)
	if sum := sha256.Sum256([]byte(draft.Text)); draft.TextSha256 != fmt.Sprintf("%x", sum) ||
		draft.Nonce != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("draft %+v", draft)
	}
	if again := want[api.AccessRequest](t, w.as("focal.wco", "GET", "/requests/"+q.Id, ""),
		200); len(again.Decisions) != 0 {
		t.Error("a draft decided")
	}
	_, nonced, err := w.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	proven := strings.Replace(consent, `{"kind":"none"}`, `{"kind":"oidc","id_token":"`+nonced+`"}`, 1)
	draft = want[api.CanonicalText](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions/draft", proven), 200)
	q = want[api.AccessRequest](t,
		w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions", proven, "If-Match", w.etag(q.Id)), 201)
	if q.State != api.RequestStateOpen || len(q.Missing) != 1 || q.Missing[0].What != "art4.8/agreement-unsigned" ||
		*q.Missing[0].Paragraph != "4(8)" {
		t.Fatalf("%s, missing %+v", q.State, q.Missing)
	}
	signing := `{"text_sha256":"` + agreement.TextSha256 +
		`","name":"P. Focal","function":"Head","authority":"Decree 4","accepts":true}`
	signed := want[api.Agreement](t, w.as("focal.piu", "POST", "/agreements/"+agreement.Id+"/signatures", signing), 201)
	if signed.State != api.Signed || signed.Signature.Function != "Head" {
		t.Errorf("signed %+v", signed)
	}
	refused(t, w.as("staff.piu", "POST", path, reading), 403, "art4.6/not-admitted")
	me := want[api.Me](t, w.as("staff.piu", "GET", "/me", ""), 200)
	want[api.AccessRequest](t, w.as("focal.piu", "POST", "/requests/"+q.Id+"/admissions",
		`{"people":["`+me.Person+`"]}`), 201)
	given := w.as("staff.piu", "POST", path, reading)
	want[api.Disclosure](t, given, 201)
	got := w.as("staff.piu", "GET", strings.TrimPrefix(given.Header.Get("Location"), "/api/v1"), "")
	if got.StatusCode != 200 || string(got.body) != secret {
		t.Errorf("the third party read %d %q", got.StatusCode, got.body)
	}
}

func TestDecidingAsksForAFreshSignIn(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	q := w.ask("staff.unoct", doc.Id, "org_unoct")
	for name, o := range map[string]devstack.TokenOptions{
		"stale": {AuthTime: time.Now().Add(-20 * time.Minute)},
		"weak":  {ACR: devstack.ACRPassword},
	} {
		a := w.as("focal.wco", "POST", "/requests/"+q.Id+"/decisions", `{"act":"authorize","statement":"x"}`,
			"If-Match", w.etag(q.Id), "Authorization", "Bearer "+w.token("focal.wco", o))
		want[map[string]any](t, a, 401)
		challenge := a.Header.Get("WWW-Authenticate")
		if !strings.Contains(challenge, `error="insufficient_user_authentication"`) ||
			!strings.Contains(challenge, `acr_values="mfa", max_age=600`) {
			t.Errorf("%s: %s", name, challenge)
		}
	}
}

func TestEvidenceThatCannotBeCheckedDecidesNothing(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	q := w.ask("focal.unoct", doc.Id, "org_piu-exampleland")
	etag := w.etag(q.Id)
	const consent = `{"act":"consent","statement":"For the training","evidence":{"kind":"oidc"`
	decisions := "/requests/" + q.Id + "/decisions"
	draft := want[api.CanonicalText](t, w.as("focal.wco", "POST", decisions+"/draft", consent+"}}"), 200)
	_, id, err := w.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	w.issuers.Pause()
	a := w.as("focal.wco", "POST", decisions, consent+`,"id_token":"`+id+`"}}`, "If-Match", etag)
	w.issuers.Resume()
	if refused(t, a, 503, "unavailable"); a.Header.Get("Retry-After") == "" {
		t.Error("nothing says when to come again")
	}
	if w.etag(q.Id) != etag {
		t.Error("the request changed")
	}
}

func TestWithdrawalCutsARunningDownload(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(strings.Repeat("0123456789abcdef", 3<<20))
	given := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading)
	d := want[api.Disclosure](t, given, 201)
	response, err := w.begun("staff.unoct", "GET", strings.TrimPrefix(given.Header.Get("Location"), "/api/v1"), "")
	must(t, err)
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/withdrawal", `{"statement":"Stop"}`), 201)
	w.cuts(1) // a reader who reads nothing meanwhile, too
	n, err := io.Copy(io.Discard, response.Body)
	if err == nil || n+1<<20 >= *d.Size {
		t.Errorf("after the withdrawal the client got %d more bytes of %d and %v", n, d.Size, err)
	}
}

func TestWhatIsRefusedLeavesNothingInTheStore(t *testing.T) {
	w := newWorld(t)
	body, kind := deposit(part{"metadata", "", declared}, part{"content", "a.txt", secret},
		part{"content", "b.txt", secret})
	refused(t, w.as("staff.wco", "POST", "/documents", body, "Content-Type", kind), 400, "request/extra-part")
	refused(t, w.as("staff.wco", "POST", "/documents", strings.TrimSuffix(body[:len(body)/2], "--"), "Content-Type",
		kind), 400)
	refused(t, w.deposit(strings.Replace(declared, `{"title"`, `{"size":3,"title"`, 1), secret), 422,
		"gateway/size-mismatch")
	refused(t, w.deposit(declared, ""), 422, "gateway/empty")
	refused(t, w.deposit(declared, strings.Repeat("x", 64<<20+1)), 422, "gateway/too-large")
	page := want[api.DocumentPage](t, w.as("staff.wco", "GET", "/documents", ""), 200)
	if len(page.Items) != 0 {
		t.Errorf("documents %+v", page.Items)
	}
}

// flip changes one byte in the middle of the one object that the store holds.
func (w *world) flip(at float64) {
	w.t.Helper()
	flipped := 0
	err := filepath.WalkDir(filepath.Join(w.store.RawDir(), w.bucket),
		func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			data[int(at*float64(len(data)))] ^= 1
			flipped++
			return os.WriteFile(path, data, 0o600)
		})
	must(w.t, err)
	if flipped != 1 {
		w.t.Fatalf("%d objects in the store", flipped)
	}
}

func TestOneFlippedBitIsAnErrorForTheReader(t *testing.T) {
	for name, at := range map[string]float64{"midway": 0.5, "in the last package": 0.9999999} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			doc, _ := w.authorized(strings.Repeat("0123456789abcdef", 1<<19))
			given := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading)
			d := want[api.Disclosure](t, given, 201)
			w.flip(at)
			response, err := w.begun("staff.unoct", "GET", strings.TrimPrefix(given.Header.Get("Location"), "/api/v1"),
				"")
			must(t, err)
			defer response.Body.Close()
			if n, err := io.Copy(io.Discard, response.Body); err == nil || n >= *d.Size {
				t.Errorf("the reader got %d of %d bytes and %v", n, d.Size, err)
			}
		})
	}
}

func TestDamageInTheFirstPackageIsAnsweredInWords(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	given := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading)
	want[api.Disclosure](t, given, 201)
	w.flip(0.5)
	refused(t, w.as("staff.unoct", "GET", strings.TrimPrefix(given.Header.Get("Location"), "/api/v1"), ""), 409,
		"gateway/altered")
}

func TestListsAndTheArrangementAreServed(t *testing.T) {
	w := newWorld(t)
	arrangement := want[api.Arrangement](t, w.as("staff.wco", "GET", "/arrangement", ""), 200)
	if arrangement.Phase != "in-effect" || len(arrangement.Parties) != 2 ||
		arrangement.InEffectFrom.String() != "2022-09-22" || arrangement.EndsOn != nil {
		t.Errorf("arrangement %+v", arrangement)
	}
	if page := want[api.OrganisationPage](t, w.as("staff.wco", "GET", "/organisations", ""), 200); len(page.Items) < 4 {
		t.Errorf("organisations %+v", page)
	}
	if page := want[api.PurposePage](t, w.as("staff.wco", "GET", "/purposes", ""), 200); len(page.Items) < 14 ||
		page.Items[0].Paragraph == "" {
		t.Errorf("purposes %+v", page)
	}
	want[api.PersonPage](t, w.as("staff.wco", "GET", "/people", ""), 200)
	want[api.AgreementPage](t, w.as("staff.wco", "GET", "/agreements", ""), 200)
	for i := range 3 {
		want[api.Document](t, w.deposit(declared, fmt.Sprint(i)), 201)
	}
	seen, after := 0, ""
	for {
		page := want[api.DocumentPage](t, w.as("staff.wco", "GET", "/documents?limit=2"+after, ""), 200)
		if seen += len(page.Items); page.Next == nil {
			break
		}
		after = "&after=" + url.QueryEscape(*page.Next)
	}
	if seen != 3 {
		t.Errorf("%d documents in pages of two, want 3", seen)
	}
	for _, box := range []string{"mine", "inbox", "for-us"} {
		want[api.AccessRequestPage](t, w.as("staff.unoct", "GET", "/requests?box="+box, ""), 200)
	}
	refused(t, w.as("staff.wco", "GET", "/documents?after=nonsense", ""), 400)
}
