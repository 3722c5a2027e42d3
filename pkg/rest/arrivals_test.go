package rest_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
)

const octets = "application/offset+octet-stream"

// inTus sends a request of tus 1.0; header holds pairs.
func (w *world) inTus(person, method, path, body string, header ...string) answer {
	w.t.Helper()
	return w.as(person, method, path, body, append([]string{"Tus-Resumable", "1.0.0", "Content-Type", octets},
		header...)...)
}

// pairs is an Upload-Metadata.
func pairs(said ...string) string {
	var out []string
	for i := 0; i < len(said); i += 2 {
		out = append(out, said[i]+" "+base64.StdEncoding.EncodeToString([]byte(said[i+1])))
	}
	return strings.Join(out, ",")
}

// creation begins an upload of a confidential PDF.
func (w *world) creation(person, content, body string, header ...string) answer {
	w.t.Helper()
	return w.inTus(person, "POST", "/staged", body, append([]string{"Upload-Length", strconv.Itoa(len(content)),
		"Upload-Metadata", pairs("marking", "confidential", "filename", "risk.pdf")}, header...)...)
}

// coming is a file of which its first byte has come.
func (w *world) coming(person, content string) string {
	w.t.Helper()
	a := w.creation(person, content, content[:1])
	if a.StatusCode != 201 || a.Header.Get("Upload-Offset") != "1" {
		w.t.Fatalf("begun: %d %v %s", a.StatusCode, a.Header, a.body)
	}
	return strings.TrimPrefix(a.Header.Get("Location"), "/api/v1/staged/")
}

// comeTo asks how far a file is.
func (w *world) comeTo(person, id string) string {
	w.t.Helper()
	a := w.inTus(person, "HEAD", "/staged/"+id, "")
	if a.StatusCode != 200 || a.Header.Get("Tus-Resumable") != "1.0.0" || a.Header.Get("Cache-Control") != "no-store" {
		w.t.Fatalf("HEAD: %d %v", a.StatusCode, a.Header)
	}
	return a.Header.Get("Upload-Offset") + "/" + a.Header.Get("Upload-Length")
}

// "I send the file over a line that breaks, go on where it broke, and deposit it": what came in parts is the staged
// file that it would have been in one.
func TestAFileIsSentOverALineThatBreaks(t *testing.T) {
	w := newWorld(t)
	const me = "staff.wco"
	begun := w.creation(me, sheet, "")
	at := begun.Header.Get("Location")
	id := strings.TrimPrefix(at, "/api/v1/staged/")
	if begun.StatusCode != 201 || begun.Header.Get("Upload-Offset") != "0" ||
		begun.Header.Get("Upload-Expires") == "" || len(begun.body) != 0 {
		t.Fatalf("begun: %d %v %s", begun.StatusCode, begun.Header, begun.body)
	}
	for _, cut := range []int{100, 101, 180} {
		from, _, _ := strings.Cut(w.comeTo(me, id), "/")
		n, _ := strconv.Atoi(from)
		a := w.inTus(me, "PATCH", "/staged/"+id, sheet[n:cut], "Upload-Offset", from)
		if a.StatusCode != 204 || a.Header.Get("Upload-Offset") != strconv.Itoa(cut) ||
			a.Header.Get("Repr-Digest") != "" {
			t.Fatalf("to %d: %d %v %s", cut, a.StatusCode, a.Header, a.body)
		}
	}
	refused(t, w.as(me, "GET", "/staged/"+id, ""), 404, "request/not-found")
	refused(t, w.as(me, "POST", "/documents", staging(id, declared)), 404, "request/not-found")
	if n := len(want[api.StagedPage](t, w.as(me, "GET", "/staged", ""), 200).Items); n != 0 {
		t.Errorf("%d files are staged before one is whole", n)
	}
	last := w.inTus(me, "PATCH", "/staged/"+id, sheet[180:], "Upload-Offset", "180")
	sum := sha256.Sum256([]byte(sheet))
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	whole := fmt.Sprintf("%d/%[1]d", len(sheet))
	if last.StatusCode != 204 || last.Header.Get("Repr-Digest") != digest || w.comeTo(me, id) != whole ||
		w.inTus(me, "HEAD", "/staged/"+id, "").Header.Get("Repr-Digest") != digest {
		t.Errorf("the last: %d %v", last.StatusCode, last.Header)
	}
	file, one := want[api.Staged](t, w.as(me, "GET", "/staged/"+id, ""), 200), w.stage(me, sheet)
	one.Id, one.StagedAt, one.ExpiresAt = file.Id, file.StagedAt, file.ExpiresAt
	if fmt.Sprint(saidOf(file)) != fmt.Sprint(saidOf(one)) || !file.Preview || *file.Pages != 1 {
		t.Errorf("in parts %+v\nin one   %+v", saidOf(file), saidOf(one))
	}
	doc := want[api.Document](t, w.as(me, "POST", "/documents", staging(id, declared)), 201)
	read := want[api.Disclosure](t, w.as(me, "POST", "/documents/"+doc.Id+"/disclosures", `{"form":"original"}`), 201)
	if got := w.as(me, "GET", "/disclosures/"+read.Id+"/content", ""); string(got.body) != sheet {
		t.Errorf("read back: %d, %d bytes", got.StatusCode, len(got.body))
	}
}

// "I correct a document over a line that breaks": the file is staged for the document, without a marking of its own, in
// parts or in one, and the version is made by its identifier.
func TestANewVersionIsSentOverALineThatBreaks(t *testing.T) {
	w := newWorld(t)
	const me = "staff.wco"
	doc := want[api.Document](t, w.as(me, "POST", "/documents", staging(w.stage(me, sheet).Id, declared)), 201)
	better := sheet + "\nbetter"
	begin := func(said ...string) answer {
		return w.inTus(me, "POST", "/staged", better[:100], "Upload-Length", strconv.Itoa(len(better)),
			"Upload-Metadata", pairs(said...))
	}
	refused(t, begin("document", doc.Id, "marking", "restricted"), 400, "request/not-together")
	refused(t, begin("document", "doc_"+strings.Repeat("0", 26)), 404, "request/not-found")
	begun := begin("document", doc.Id, "filename", "better.pdf")
	at := strings.TrimPrefix(begun.Header.Get("Location"), "/api/v1")
	if begun.StatusCode != 201 || begun.Header.Get("Upload-Offset") != "100" {
		t.Fatalf("begun: %d %v %s", begun.StatusCode, begun.Header, begun.body)
	}
	versions := "/documents/" + doc.Id + "/versions"
	made := fmt.Sprintf(`{"staged":%q,"kind":"corrects","statement":"A figure was wrong","derived_from":"none"}`,
		strings.TrimPrefix(at, "/staged/"))
	refused(t, w.as(me, "POST", versions, made), 400, "request/not-staged")
	if a := w.inTus(me, "PATCH", at, better[100:], "Upload-Offset", "100"); a.StatusCode != 204 {
		t.Fatalf("the rest: %d %s", a.StatusCode, a.body)
	}
	file := want[api.Staged](t, w.as(me, "GET", at, ""), 200)
	if file.Document == nil || *file.Document != doc.Id || file.Marking != doc.Marking {
		t.Errorf("staged as %+v; want it for %s and %s", file, doc.Id, doc.Marking)
	}
	refused(t, w.as(me, "POST", "/documents", staging(file.Id, declared)), 404, "request/not-found")
	refused(t, w.as(me, "POST", versions, `{"staged":"","kind":"corrects","statement":"x","derived_from":"none"}`), 400,
		"request/missing-field")
	next := want[api.Document](t, w.as(me, "POST", versions, made), 201)
	if *next.VersionNumber != 2 || *next.Sha256 != file.Sha256 || *next.FileName != "better.pdf" {
		t.Errorf("version %d of %s, %s", *next.VersionNumber, *next.FileName, *next.Sha256)
	}
}

// saidOf is what an answer says of a staged file, without what points somewhere.
func saidOf(s api.Staged) []any {
	return []any{s.Id, s.Marking, *s.FileName, s.Size, s.Sha256, s.MediaType, *s.Pages, s.Preview, s.Unmarkable == nil,
		s.PassengerData, s.StagedAt, s.ExpiresAt}
}

// Article 4(9): without a marking no byte is taken; and nothing is left of what the rules refuse when it is whole.
func TestArticle4_9NothingIsSentInPartsUnmarked(t *testing.T) {
	w := newWorld(t)
	w.stage("staff.wco", "x") // the people are known
	before := w.kept()
	unmarked := func(person, marking string) answer {
		return w.creation(person, secret, secret, "Upload-Metadata", pairs("marking", marking))
	}
	refused(t, unmarked("staff.wco", ""), 422, "art4.9/unmarked")
	refused(t, unmarked("staff.wco", "secret"), 422, "art4.9/unmarked")
	refused(t, w.creation("staff.wco", secret, secret, "Upload-Metadata", ""), 422, "art4.9/unmarked")
	refused(t, unmarked("auditor.wco", "confidential"), 403, "art4.9/not-discloser")
	refused(t, unmarked("staff.piu", "confidential"), 403, "art4.9/not-discloser")
	refused(t, unmarked("operator.operator", "confidential"), 403, "art4.9/not-discloser")
	refused(t, w.creation("staff.wco", "", ""), 422, "gateway/empty")
	refused(t, w.creation("staff.wco", secret, "", "Upload-Length", strconv.Itoa(65<<20)), 422, "gateway/too-large")
	passengers := "UNA:+.? '\nUNB+UNOA:4+A+B+260101:1200+1'\nUNH+1+PAXLST:D:05B:UN:IATA'\n"
	if n := w.kept(); n != before {
		t.Errorf("%d things are kept of what was refused", n-before)
	}
	refused(t, w.creation("staff.wco", passengers, passengers, "Upload-Metadata", pairs("marking", "non-confidential")),
		422, "gateway/passenger-data-protected")
	if n := w.kept(); n != before+1 || w.arrivals() != 0 {
		t.Errorf("%d things are kept of what was refused when it was whole, want the key of its creation", n-before)
	}
}

// What is wrong with a request is told, each field by its name, and nothing comes of it.
func TestAPartThatIsNotWantedIsRefusedByItsField(t *testing.T) {
	w := newWorld(t)
	const me = "staff.wco"
	id := w.coming(me, sheet)
	sum := sha1.Sum([]byte("another"))
	other := "sha1 " + base64.StdEncoding.EncodeToString(sum[:])
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
		code, field        string
	}{
		"another version": {"PATCH", id, "x", []string{"Tus-Resumable", "0.2.2"}, 412, "request/tus-version", ""},
		"no offset":       {"PATCH", id, "x", nil, 400, "request/missing-field", "Upload-Offset"},
		"no number": {"PATCH", id, "x", []string{"Upload-Offset", "-1"}, 400, "request/out-of-range",
			"Upload-Offset"},
		"before":   {"PATCH", id, "x", []string{"Upload-Offset", "0"}, 409, "request/offset", ""},
		"behind":   {"PATCH", id, "x", []string{"Upload-Offset", "2"}, 409, "request/offset", ""},
		"too much": {"PATCH", id, sheet, []string{"Upload-Offset", "1"}, 413, "request/too-large", ""},
		"another type": {"PATCH", id, "x", []string{"Upload-Offset", "1", "Content-Type", "application/pdf"}, 415,
			"request/media-type", ""},
		"a coding": {"PATCH", id, "x", []string{"Upload-Offset", "1", "Content-Encoding", "gzip"}, 415,
			"request/media-type", ""},
		"another's checksum": {"PATCH", id, "x", []string{"Upload-Offset", "1", "Upload-Checksum", other}, 460,
			"request/checksum", ""},
		"an unknown checksum": {"PATCH", id, "x", []string{"Upload-Offset", "1", "Upload-Checksum", "md5 AAAA"}, 400,
			"request/bad-checksum", "Upload-Checksum"},
		"no length": {"POST", "", "", []string{"Upload-Metadata", pairs("marking", "restricted"),
			"Upload-Defer-Length", "1"}, 400, "request/missing-field", "Upload-Length"},
		"no pairs": {"POST", "", "", []string{"Upload-Length", "1", "Upload-Metadata", "marking %%%"}, 400,
			"request/bad-metadata", "Upload-Metadata"},
		"an unknown name": {"POST", "", "", []string{"Upload-Length", "1", "Upload-Metadata", pairs("owner", "me")},
			400, "request/unknown-field", "Upload-Metadata.owner"},
		"a name twice": {"POST", "", "", []string{"Upload-Length", "1", "Upload-Metadata",
			pairs("marking", "restricted", "marking", "non-confidential")},
			400, "request/duplicate-field", "Upload-Metadata.marking"},
		"a name that deceives": {"POST", "", "", []string{"Upload-Length", "1", "Upload-Metadata",
			pairs("marking", "restricted", "filename", "a\x00b")}, 400, "request/bad-file-name",
			"Upload-Metadata.filename"},
		"no digest": {"POST", "", "", []string{"Upload-Length", "1", "Upload-Metadata",
			pairs("marking", "restricted", "sha256", "x")}, 400, "request/not-a-digest", "sha256"},
		"created with another's checksum": {"POST", "", "x", []string{"Upload-Length", "9", "Upload-Metadata",
			pairs("marking", "restricted"), "Upload-Checksum", other}, 460, "request/checksum", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.inTus(me, c.method, strings.TrimSuffix("/staged/"+c.path, "/"), c.body, c.header...)
			p := refused(t, a, c.status, c.code)
			if c.field != "" && p.Errors[0].Field != c.field {
				t.Errorf("the field is %s, want %s", p.Errors[0].Field, c.field)
			}
			if a.Header.Get("Tus-Resumable") != "1.0.0" || c.status == 412 && a.Header.Get("Tus-Version") != "1.0.0" {
				t.Errorf("told of tus: %v", a.Header)
			}
		})
	}
	if got := w.comeTo(me, id); got != fmt.Sprintf("1/%d", len(sheet)) {
		t.Errorf("it stands at %s", got)
	}
	right := sha256.Sum256([]byte(sheet[1:]))
	a := w.inTus(me, "PATCH", "/staged/"+id, sheet[1:], "Upload-Offset", "1", "Upload-Checksum",
		"sha256 "+base64.StdEncoding.EncodeToString(right[:]))
	if a.StatusCode != 204 {
		t.Errorf("with its checksum: %d %s", a.StatusCode, a.body)
	}
	if n := w.arrivals(); n != 0 {
		t.Errorf("%d are on their way when all were refused or are whole", n)
	}
}

// arrivals counts what is on its way.
func (w *world) arrivals() int {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(w.t.Context())
	var n int
	must(w.t, conn.QueryRow(w.t.Context(), `SELECT count(*) FROM arrival`).Scan(&n))
	return n
}

// A client that kept nothing but what it sends goes on: under the same key the same creation is the same upload, and
// its first bytes are not taken a second time.
func TestTheSameCreationIsTheSameUpload(t *testing.T) {
	w := newWorld(t)
	const me = "staff.wco"
	first := w.creation(me, sheet, sheet[:50], "Idempotency-Key", "a-file")
	again := w.creation(me, sheet, sheet[:50], "Idempotency-Key", "a-file")
	if first.StatusCode != 201 || again.StatusCode != 201 || again.Header.Get("Upload-Offset") != "50" ||
		again.Header.Get("Location") != first.Header.Get("Location") ||
		again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %d %v", again.StatusCode, again.Header)
	}
	refused(t, w.creation(me, sheet+"x", "", "Idempotency-Key", "a-file"), 422, "request/key-reused")
	id := strings.TrimPrefix(first.Header.Get("Location"), "/api/v1/staged/")
	if a := w.inTus(me, "DELETE", "/staged/"+id, ""); a.StatusCode != 204 {
		t.Errorf("given up: %d", a.StatusCode)
	}
	if a := w.inTus(me, "HEAD", "/staged/"+id, ""); a.StatusCode != 404 {
		t.Errorf("of what was given up: %d", a.StatusCode)
	}
	refused(t, w.creation(me, sheet, "", "Idempotency-Key", "a-file"), 404, "request/not-found")
}

func TestWhoAsksIsToldWhatOfTusIsSpoken(t *testing.T) {
	w := newWorld(t)
	a := w.as("staff.wco", "OPTIONS", "/staged", "")
	if a.StatusCode != 204 || a.Header.Get("Tus-Version") != "1.0.0" ||
		a.Header.Get("Tus-Extension") != "creation,creation-with-upload,checksum,termination,expiration" ||
		a.Header.Get("Tus-Checksum-Algorithm") != "sha1,sha256" {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
}

// A line that is cut in the middle of a body of any kind: what came is kept, and the rest goes on from there.
func TestWhatCameBeforeTheLineWasCutIsKept(t *testing.T) {
	w := newWorld(t)
	const me = "staff.wco"
	content := strings.Repeat(sheet, 5<<20/len(sheet))
	id := w.coming(me, content)
	for _, sent := range []int{4<<20 + 77, len(content) - 1} { // the second leaves out one byte
		from, _, _ := strings.Cut(w.comeTo(me, id), "/")
		n, _ := strconv.Atoi(from)
		devtest.Eventually(t, "the turn of the line that was cut ends", func() bool {
			return w.inTus(me, "PATCH", "/staged/"+id, "", "Upload-Offset", from).StatusCode != 423
		})
		base, err := url.Parse(w.base)
		must(t, err)
		conn, err := net.Dial("tcp", base.Host)
		must(t, err)
		fmt.Fprintf(conn, "PATCH /api/v1/staged/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
			"Tus-Resumable: 1.0.0\r\nContent-Type: %s\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n", id,
			base.Host, w.token(me, devstack.TokenOptions{}), octets, n, len(content)-n)
		_, err = io.Copy(conn, strings.NewReader(content[n:sent]))
		must(t, err)
		must(t, conn.Close())
		devtest.Eventually(t, fmt.Sprintf("%d bytes are kept", sent), func() bool {
			return w.comeTo(me, id) == fmt.Sprintf("%d/%d", sent, len(content))
		})
	}
	devtest.Eventually(t, "the last byte is taken", func() bool {
		return w.inTus(me, "PATCH", "/staged/"+id, content[len(content)-1:], "Upload-Offset",
			strconv.Itoa(len(content)-1)).StatusCode != 423
	})
	file := want[api.Staged](t, w.as(me, "GET", "/staged/"+id, ""), 200)
	if sum := sha256.Sum256([]byte(content)); file.Sha256 != fmt.Sprintf("%x", sum) {
		t.Errorf("it is another file: %+v", file)
	}
	if *file.FileName != "risk.pdf" {
		t.Errorf("it is called %s", *file.FileName)
	}
}
