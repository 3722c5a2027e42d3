package rest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/web"
)

// raw puts together a deposit as no library would: disposition is that of the content part, as it stands.
func raw(metadata, disposition, content string) string {
	return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + metadata +
		"\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"content\"" + disposition + "\r\n\r\n" +
		content + "\r\n--" + boundary + "--\r\n"
}

const multipartKind = "multipart/form-data; boundary=" + boundary

// kept counts what a deposit can leave: rows that own something, and objects.
func (w *world) kept() int {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(w.t.Context())
	var n int
	must(w.t, conn.QueryRow(w.t.Context(), `SELECT (SELECT count(*) FROM document) + (SELECT count(*) FROM version)
		+ (SELECT count(*) FROM upload WHERE state = 'stored') + (SELECT count(*) FROM attempt)`).Scan(&n))
	client, err := w.store.Client()
	must(w.t, err)
	for o := range client.ListObjects(w.t.Context(), w.bucket,
		minio.ListObjectsOptions{Prefix: "documents/", Recursive: true}) {
		must(w.t, o.Err)
		n++
	}
	return n
}

// What is no deposit is refused with its field and, where there is one, its paragraph; it leaves nothing, and costs
// little.
func TestBadDepositsAreRefusedByFieldAndParagraphAndLeaveNothing(t *testing.T) {
	w := newWorld(t)
	sized := strings.Replace(declared, `{"title"`, `{"size":10,"title"`, 1)
	digest := strings.Replace(declared, `{"title"`, `{"sha256":"`+strings.Repeat("00", 32)+`","title"`, 1)
	many := raw(declared, `; filename="a"`, "x")
	many = strings.TrimSuffix(many, "--"+boundary+"--\r\n") +
		strings.Repeat("--"+boundary+"\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx\r\n", 10_000)
	named := func(name string) string { return raw(declared, `; filename="`+name+`"`, secret) }
	tests := []struct {
		name, kind, body string
		status           int
		code, field      string // of the problem, and of its first fault or reason
	}{
		{"NUL in the name", "", named("a\x00.pdf"), 400, "request/broken-body", ""},
		{"CRLF in the name", "", named("a\r\nX-Evil: 1"), 400, "request/wrong-part", "content"},
		{"control character in the name", "", named("a\u0085.pdf"), 400, "request/bad-file-name", "content"},
		{"name of 4 KB", "", named(strings.Repeat("a", 4096)), 400, "request/bad-file-name", "content"},
		{"name that is not UTF-8", "", named("\xff.pdf"), 400, "request/bad-file-name", "content"},
		{"filename* with NUL", "", raw(declared, "; filename*=UTF-8''a%00.pdf", secret), 400, "request/bad-file-name",
			"content"},
		{"filename* with CRLF", "", raw(declared, "; filename*=UTF-8''a%0d%0aX-Evil:%201", secret), 400,
			"request/wrong-part", "content"},
		{"filename* of 4 KB", "", raw(declared, "; filename*=UTF-8''"+strings.Repeat("%61", 4096), secret), 400,
			"request/bad-file-name", "content"},
		{"empty", "", raw(declared, `; filename="a"`, ""), 422, "gateway/empty", "gateway"},
		{"shorter than declared", "", raw(sized, "", "123456789"), 422, "gateway/size-mismatch", "gateway"},
		{"longer than declared", "", raw(sized, "", "12345678901"), 422, "gateway/size-mismatch", "gateway"},
		{"another digest", "", raw(digest, "", secret), 422, "gateway/digest-mismatch", "gateway"},
		{"cut off", "", raw(declared, "", strings.Repeat(secret, 1000))[:20_000], 400, "request/broken-body", ""},
		{"10,000 parts", "", many, 400, "request/extra-part", ""},
		{"no boundary", "multipart/form-data", raw(declared, "", secret), 400, "request/missing-boundary",
			"Content-Type"},
		{"another boundary", "multipart/form-data; boundary=other", raw(declared, "", secret), 400,
			"request/missing-part", "metadata"},
		{"nothing", "", "", 400, "request/missing-part", "metadata"},
		{"unmarked", "", raw(strings.Replace(declared, "confidential", "secret", 1), "", secret), 422,
			"art4.9/unmarked", "4(9)"},
		{"a title with a direction of its own", "", raw(strings.Replace(declared, "Sea-", "Sea\u202e", 1), "", secret),
			400, "request/control-character", "title"},
		{"a PDF that says it is a picture", "",
			strings.Replace(raw(declared, "", "%PDF-1.7 picture"), "name=\"content\"",
				"name=\"content\"\r\nContent-Type: image/png", 1), 422, "gateway/type-mismatch", "gateway"},
	}
	// content whose size nobody declared takes a buffer of 8 MiB; the gateway goes on meanwhile
	const most = 24 << 20
	before := w.kept()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			kind := test.kind
			if kind == "" {
				kind = multipartKind
			}
			send := func() {
				got := w.as("staff.wco", "POST", "/documents", test.body, "Content-Type", kind, "Idempotency-Key",
					"key")
				p := problemIn(t, got)
				at := ""
				switch {
				case len(p.Errors) > 0:
					at = p.Errors[0].Field
				case len(p.Reasons) > 0:
					at = p.Reasons[0].Paragraph
				}
				if p.Status != test.status || p.Code != test.code || at != test.field || p.Detail == "" &&
					len(p.Errors) == 0 {
					t.Errorf("%d %s at %q, want %d %s at %q: %s", p.Status, p.Code, at, test.status, test.code,
						test.field, got.body)
				}
			}
			cost := costs(send)
			// What goes on meanwhile costs something now and then; what the refusal costs it costs each time.
			for range 3 {
				if cost > most {
					cost = costs(send)
				}
			}
			if cost > most {
				t.Errorf("it cost %d KiB of heap", cost>>10)
			}
			if after := w.kept(); after != before {
				t.Errorf("it left %d things behind", after-before)
			}
		})
	}
}

func problemIn(t *testing.T, a answer) web.Problem {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s: no problem document: %s", a.StatusCode, a.Header.Get("Content-Type"), a.body)
	}
	return p
}

// costs is what f leaves in use on the heap, above what was in use before.
func costs(f func()) int64 {
	before := heap()
	f()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) - int64(before)
}

// What deceives in a name is taken out, and what is several things at once goes out as bytes to be kept, never to be
// run.
func TestNamesAndPolyglotsComeOutSafe(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct{ disposition, content, want string }{
		"path upwards":           {`; filename="../../etc/passwd"`, secret, "passwd"},
		"path of another system": {`; filename="..\\..\\boot.ini"`, secret, "boot.ini"},
		"right-to-left override": {"; filename=\"fdp.\u202eexe\"", secret, "fdp.exe"},
		"filename* upwards":      {"; filename*=UTF-8''..%2F..%2Fetc%2Fshadow", secret, "shadow"},
		"a script before a PDF":  {`; filename="a.pdf"`, "<script>alert(1)</script>\n%PDF-1.7\n1 0 obj", "a.pdf"},
		"a page in an archive":   {`; filename="a.zip"`, "PK\x03\x04<html><script>alert(1)</script>", "a.zip"},
		"a picture and a script": {`; filename="a.gif"`, "GIF89a/*" + strings.Repeat("\x00", 40) + "*/=1;alert(1)",
			"a.gif"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := want[api.Document](t, w.as("staff.wco", "POST", "/documents",
				raw(declared, test.disposition, test.content), "Content-Type", multipartKind), 201)
			d := want[api.Disclosure](t, w.as("staff.wco", "POST", "/documents/"+doc.Id+"/disclosures",
				`{"form":"original"}`), 201)
			got := w.as("staff.wco", "GET", "/disclosures/"+d.Id+"/content", "")
			h := got.Header
			if h.Get("Content-Disposition") != "attachment; filename*=UTF-8''"+url.PathEscape(test.want) ||
				h.Get("X-Content-Type-Options") != "nosniff" ||
				strings.HasPrefix(h.Get("Content-Type"), "text/html") ||
				strings.Contains(h.Get("Content-Type"), "script") ||
				!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("it comes out as %v", h)
			}
			if string(got.body) != test.content {
				t.Errorf("%d bytes, %d deposited", len(got.body), len(test.content))
			}
		})
	}
}

// A caller who sends a little and falls silent is told so, and leaves nothing; one who reads nothing is let go.
func TestSlowCallersOfTheWholeGatewayLeaveNothingBehind(t *testing.T) {
	w := newBoundedWorld(t, bounds{refusals: 1 << 20, patience: 500 * time.Millisecond})
	before := w.kept()
	conn := w.dial("staff.wco", "POST", "/documents", multipartKind, len(raw(declared, "", strings.Repeat("x", 1<<20))))
	fmt.Fprint(conn, raw(declared, "", strings.Repeat("x", 1<<20))[:100_000])
	began := time.Now()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	if response.StatusCode != 408 || time.Since(began) > 5*time.Second {
		t.Errorf("a silent sender: %s after %s", response.Status, time.Since(began))
	}
	conn.Close()
	if after := w.kept(); after != before {
		t.Errorf("it left %d things behind", after-before)
	}

	doc := want[api.Document](t, w.as("staff.wco", "POST", "/documents", raw(declared, "", strings.Repeat("y", 24<<20)),
		"Content-Type", multipartKind), 201)
	d := want[api.Disclosure](t, w.as("staff.wco", "POST", "/documents/"+doc.Id+"/disclosures", `{"form":"original"}`),
		201)
	stalled := w.dial("staff.wco", "GET", "/disclosures/"+d.Id+"/content", "", 0)
	cost := costs(func() { w.cuts(1) })
	n, err := io.Copy(io.Discard, stalled)
	if n >= 24<<20 || cost > 8<<20 {
		t.Errorf("a reader who stalled got %d bytes (%v), at %d KiB of heap", n, err, cost>>10)
	}
}

// dial writes the head of a request.
func (w *world) dial(person, method, path, kind string, length int) net.Conn {
	w.t.Helper()
	base, err := url.Parse(w.base)
	must(w.t, err)
	conn, err := net.Dial("tcp", base.Host)
	must(w.t, err)
	w.t.Cleanup(func() { conn.Close() })
	must(w.t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n", method, base.Path, path,
		w.token(person, devstack.TokenOptions{}))
	if length > 0 {
		fmt.Fprintf(&head, "Content-Type: %s\r\nContent-Length: %d\r\n", kind, length)
	}
	_, err = conn.Write(append(head.Bytes(), "\r\n"...))
	must(w.t, err)
	return conn
}

// cuts waits until so many transfers were cut, and the log says so.
func (w *world) cuts(transfers int) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), w.db.SuperuserURL())
	must(w.t, err)
	defer conn.Close(w.t.Context())
	devtest.Eventually(w.t, fmt.Sprintf("%d transfers are cut", transfers), func() bool {
		var n int
		must(w.t, conn.QueryRow(w.t.Context(), `SELECT count(*) FROM transfer WHERE ended = 'aborted'`).Scan(&n))
		return n == transfers
	})
}
