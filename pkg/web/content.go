package web

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/exchange"
)

// maxFileName bounds a file name on its way out: 200 bytes of UTF-8, which every file system takes.
const maxFileName = 200

// ParseRange reads a Range header (RFC 9110 14.1.2). It answers nil, for the whole content, where there is none, and
// where the unit is another, the range is malformed or there are several: RFC 9110 14.2 lets a server ignore those.
// Whether the range lies within the content is not known here.
func ParseRange(header string) *exchange.ByteRange {
	unit, spec, found := strings.Cut(header, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") || strings.Contains(spec, ",") {
		return nil
	}
	first, last, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !found {
		return nil
	}
	if first == "" {
		suffix, ok := position(last)
		if !ok {
			return nil
		}
		return &exchange.ByteRange{First: -1, Last: suffix}
	}
	from, ok := position(first)
	if !ok {
		return nil
	}
	if last == "" {
		return &exchange.ByteRange{First: from, Last: -1}
	}
	to, ok := position(last)
	if !ok || to < from {
		return nil
	}
	return &exchange.ByteRange{First: from, Last: to}
}

// position reads 1*DIGIT; no sign, no blank.
func position(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// FileName makes a name safe to save under: no path separators, no control, direction or other invisible characters, no
// leading or trailing dots and blanks, at most 200 bytes, its extension kept. What has no name left is "document".
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '/' || r == '\\' || r == ':':
			return '_'
		case r == utf8.RuneError || !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	if name == "" {
		return "document"
	}
	return shortened(name)
}

// shortened cuts the stem, so that a long name keeps its extension.
func shortened(name string) string {
	if len(name) <= maxFileName {
		return name
	}
	extension := ""
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= 16 {
		extension = name[dot:]
	}
	stem := name[:maxFileName-len(extension)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + extension
}

// Attachment names a file to be kept, as RFC 8187 has it.
func Attachment(name string) string { return disposition(name) }

// disposition names the file as RFC 8187 has it, in ASCII.
func disposition(name string) string {
	var b strings.Builder
	b.WriteString("attachment; filename*=UTF-8''")
	for _, c := range []byte(FileName(name)) {
		if c < 0x80 && (c == '.' || c == '-' || c == '_' || c == '~' || isAlphanumeric(c)) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// ContentTag is the strong ETag of a disclosure's content.
func ContentTag(d exchange.Disclosure) string { return `"` + string(d.SHA256) + `"` }

// SetContentHeaders says what the content of a disclosure is, but for its length.
func SetContentHeaders(h http.Header, d exchange.Disclosure) error {
	digest, err := hex.DecodeString(string(d.SHA256))
	if err != nil || len(digest) != 32 {
		return fmt.Errorf("disclosure %s: no SHA-256 of its content", d.ID)
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Type", mediaType(d.MediaType))
	h.Set("Content-Disposition", disposition(d.FileName))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":")
	h.Set("ETag", ContentTag(d))
	h.Set("Chancery-Marking", string(d.Marking))
	return nil
}

// mediaType lets only a well-formed type through; nosniff and attachment keep it from being run.
func mediaType(declared string) string {
	if _, _, err := mime.ParseMediaType(declared); err != nil || !strings.Contains(declared, "/") {
		return "application/octet-stream"
	}
	return declared
}

// NotModified says to who has the content of a disclosure already that it is the same (RFC 9110 15.4.5).
func NotModified(c *gin.Context, d exchange.Disclosure) error {
	c.Header("ETag", ContentTag(d))
	c.Status(http.StatusNotModified)
	c.Writer.WriteHeaderNow()
	return nil
}
