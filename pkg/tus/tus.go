// Package tus speaks tus 1.0 (https://tus.io/protocols/resumable-upload) for files that are staged over a line that
// breaks: the core protocol and its extensions creation, creation-with-upload, checksum, termination and expiration.
// The API and the pages have it on their own addresses; who asks was recognised by them, and what is decided and kept
// is the Gateway's.
//
// A request speaks tus where it bears Tus-Resumable. Every answer bears it too; one that is no success is the problem
// document of any other operation.
package tus

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

const (
	version    = "1.0.0"
	extensions = "creation,creation-with-upload,checksum,termination,expiration"
	resumable  = "Tus-Resumable"
	length     = "Upload-Length"
	metadata   = "Upload-Metadata"
	offset     = "Upload-Offset"
	checksum   = "Upload-Checksum"

	// maxName bounds the file name and the media type that are stated, in bytes.
	maxName = 255
)

// names are those of what Upload-Metadata may say.
var names = []string{"marking", "document", "filename", "filetype", "sha256"}

// sums are the checksums that are taken. SHA-1 is what tus wants of everybody: it finds what a line did to the bytes,
// and proves nothing.
var sums = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}

// Spoken reports whether a request speaks tus.
func Spoken(r *http.Request) bool { return len(r.Header.Values(resumable)) > 0 }

// begin answers every request alike, and takes none of another version.
func begin(c *gin.Context) error {
	c.Header(resumable, version)
	if c.GetHeader(resumable) == version {
		return nil
	}
	c.Header("Tus-Version", version)
	return web.Fail(web.KindTusVersion, nil)
}

// Options answers OPTIONS: what is spoken here.
func Options(c *gin.Context) {
	c.Header("Tus-Version", version)
	c.Header("Tus-Extension", extensions)
	c.Header("Tus-Checksum-Algorithm", "sha1,sha256")
	c.Header(resumable, version)
	web.Bare(c, web.Done)
}

// Upload is what a creation declares.
type Upload struct {
	File exchange.StagedFile
	Part exchange.ContentPart
}

// Declared reads what a creation declares, every fault at once. Its metadata are marking, or document of a new version,
// filename, filetype and sha256, and no others.
func Declared(c *gin.Context) (Upload, error) {
	if err := begin(c); err != nil {
		return Upload{}, err
	}
	var wrong invalid.Faults
	said := pairs(c.GetHeader(metadata), &wrong)
	up := Upload{
		File: exchange.StagedFile{
			Document:  article4.DocumentID(said["document"]),
			Marking:   article4.Marking(said["marking"]),
			MediaType: said["filetype"],
			SHA256:    article4.Digest(said["sha256"]),
			Size:      number(c, length, &wrong),
		},
		Part: exchange.ContentPart{FileName: said["filename"], MediaType: said["filetype"]},
	}
	if !plain(up.Part.FileName) {
		wrong.Add(invalid.BadFileName, metadata+".filename", "")
	}
	if _, _, err := mime.ParseMediaType(up.File.MediaType); up.File.MediaType != "" && (err != nil ||
		len(up.File.MediaType) > maxName) {
		wrong.Add(invalid.UnreadableMediaType, metadata+".filetype", "")
	}
	return up, wrong.Err()
}

// pairs reads Upload-Metadata: names, each with a value in base64, between commas.
func pairs(header string, wrong *invalid.Faults) map[string]string {
	said := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		name, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
		_, twice := said[name]
		switch {
		case name == "" && header == "":
		case name == "" || err != nil:
			wrong.Add(invalid.NotPairs, metadata, "")
		case twice:
			wrong.Add(invalid.DuplicateField, metadata+"."+name, "")
		case !slices.Contains(names, name):
			wrong.Add(invalid.UnknownField, metadata+"."+printable(name), "")
		default:
			said[name] = string(value)
		}
	}
	return said
}

// printable is a name as it may stand in an answer.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x21 || r > 0x7e {
			return '?'
		}
		return r
	}, name[:min(len(name), 64)])
}

func plain(name string) bool {
	return len(name) <= maxName && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// number reads a header that counts bytes.
func number(c *gin.Context, name string, wrong *invalid.Faults) int64 {
	said := c.Request.Header.Values(name)
	if len(said) == 0 {
		wrong.Add(invalid.Required, name, "")
		return 0
	}
	n, err := strconv.ParseUint(said[0], 10, 63)
	if err != nil || len(said) > 1 {
		wrong.Add(invalid.NotASize, name, "")
	}
	return int64(n)
}
