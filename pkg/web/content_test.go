package web_test

import (
	"mime"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

func TestOneRangeIsReadAndTheRestIgnored(t *testing.T) {
	tests := map[string]*exchange.ByteRange{
		"":                           nil,
		"bytes=0-0":                  {First: 0, Last: 0},
		"bytes=0-1023":               {First: 0, Last: 1023},
		"bytes=500-":                 {First: 500, Last: -1},
		"bytes=-500":                 {First: -1, Last: 500},
		"Bytes=1-2":                  {First: 1, Last: 2},
		"bytes= 1-2":                 {First: 1, Last: 2},
		"bytes=-0":                   {First: -1, Last: 0},
		"bytes=9223372036854775807-": {First: 9223372036854775807, Last: -1},
		"bytes=9223372036854775808-": nil,
		"bytes=5-2":                  nil,
		"bytes=0-1,3-4":              nil,
		"bytes=0-1,":                 nil,
		"bytes=-":                    nil,
		"bytes=":                     nil,
		"bytes=--5":                  nil,
		"bytes=+1-2":                 nil,
		"bytes=1-2-3":                nil,
		"bytes=a-b":                  nil,
		"bytes=1 -2":                 nil,
		"bytes":                      nil,
		"lines=1-2":                  nil,
		"bytes=0x10-":                nil,
		"bytes=" + strings.Repeat("1", 5000) + "-": nil,
	}
	for header, want := range tests {
		if diff := cmp.Diff(want, web.ParseRange(header)); diff != "" {
			t.Errorf("%.40q: %s", header, diff)
		}
	}
}

func TestFileNamesComeOutSafe(t *testing.T) {
	tests := map[string]string{
		"report.pdf":                      "report.pdf",
		"rapport d'été 2026.pdf":          "rapport d'été 2026.pdf",
		"доклад.docx":                     "доклад.docx",
		"報告.pdf":                          "報告.pdf",
		"../../etc/passwd":                "_.._etc_passwd",
		`..\..\windows\system32.dll`:      `_.._windows_system32.dll`,
		"C:evil.exe":                      "C_evil.exe",
		"a\r\nSet-Cookie: x=y.pdf":        "aSet-Cookie_ x=y.pdf",
		"a\x00.pdf":                       "a.pdf",
		"gnp.\u202efdp.exe":               "gnp.fdp.exe",
		"\u2066x\u2069.pdf":               "x.pdf",
		"zero\u200bwidth\ufeff.pdf":       "zerowidth.pdf",
		"line\u2028separator.pdf":         "lineseparator.pdf",
		"\xff\xfe.pdf":                    "pdf",
		"...":                             "document",
		"":                                "document",
		" . ":                             "document",
		"\x00\x01":                        "document",
		".htaccess":                       "htaccess",
		strings.Repeat("a", 5000):         strings.Repeat("a", 200),
		strings.Repeat("é", 300) + ".pdf": strings.Repeat("é", 98) + ".pdf",
	}
	for name, want := range tests {
		if got := web.FileName(name); got != want {
			t.Errorf("%.40q became %.60q, want %.60q", name, got, want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	for _, seed := range []string{"a.pdf", "../x", "\u202egpj.exe", strings.Repeat("é.", 300), "\xff", "a\r\nb",
		" . "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := web.FileName(name)
		if got == "" || len(got) > 200 || !utf8.ValidString(got) || strings.Trim(got, ". ") != got {
			t.Fatalf("%q became %q", name, got)
		}
		for _, r := range got {
			if r == '/' || r == '\\' || r == ':' || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q became %q with %U", name, got, r)
			}
		}
		if again := web.FileName(got); again != got {
			t.Fatalf("%q became %q, and that %q", name, got, again)
		}
		header := contentHeaders(t, name)
		if strings.ContainsAny(header, "\r\n\x00") {
			t.Fatalf("%q became the header %q", name, header)
		}
		if _, params, err := mime.ParseMediaType(header); err != nil || params["filename"] != got {
			t.Fatalf("%q became the header %q, read as %q, %v", name, header, params["filename"], err)
		}
	})
}

func contentHeaders(t *testing.T, name string) string {
	t.Helper()
	h := http.Header{}
	err := web.SetContentHeaders(h, exchange.Disclosure{FileName: name, SHA256: emptySHA256})
	if err != nil {
		t.Fatal(err)
	}
	return h.Get("Content-Disposition")
}

const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestContentSaysWhatItIs(t *testing.T) {
	h := http.Header{}
	err := web.SetContentHeaders(h, exchange.Disclosure{
		FileName: "été.pdf", SHA256: emptySHA256, MediaType: "application/pdf", Marking: "restricted",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Accept-Ranges":       {"bytes"},
		"Content-Type":        {"application/pdf"},
		"Content-Disposition": {"attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf"},
		"Repr-Digest":         {"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"},
		"Etag":                {`"` + emptySHA256 + `"`},
		"Chancery-Marking":    {"restricted"},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
	if err := web.SetContentHeaders(h, exchange.Disclosure{SHA256: "beef"}); err == nil {
		t.Error("content without its digest is served")
	}
	for _, odd := range []string{"", "html", "text/html\r\nX: y", "a/b; c"} {
		h := http.Header{}
		_ = web.SetContentHeaders(h, exchange.Disclosure{SHA256: emptySHA256, MediaType: odd})
		if got := h.Get("Content-Type"); got != "application/octet-stream" {
			t.Errorf("media type %q is served as %q", odd, got)
		}
	}
}
