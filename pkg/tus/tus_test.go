package tus_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/tus"
)

// declared reads a creation with this metadata.
func declared(length, metadata string) (tus.Upload, error) {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest(http.MethodPost, "/staged", nil)
	c.Request.Header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Length": {length},
		"Upload-Metadata": {metadata}}
	return tus.Declared(c)
}

func coded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestACreationIsReadAsItWasDeclared(t *testing.T) {
	up, err := declared("12", "marking "+coded("restricted")+", filename "+coded("Übersicht, à lire.pdf")+",filetype "+
		coded("application/pdf")+",sha256 "+coded("ab"))
	if err != nil || up.File.Marking != "restricted" || up.Part.FileName != "Übersicht, à lire.pdf" ||
		up.File.MediaType != "application/pdf" || up.File.SHA256 != "ab" || up.File.Size != 12 {
		t.Errorf("%+v, %v", up, err)
	}
	if up, err := declared("12", ""); err != nil || up.File.Marking != "" {
		t.Errorf("without metadata, which is the rules' to refuse: %+v, %v", up, err)
	}
	if up, err := declared("12", "marking"); err != nil || up.File.Marking != "" {
		t.Errorf("a name without a value: %+v, %v", up, err)
	}
}

func TestEveryFaultOfACreationIsToldAtOnce(t *testing.T) {
	_, err := declared("x", "marking %%,owner "+coded("me")+",filename "+coded("a\nb")+",filetype "+coded("//"))
	var wrong *invalid.Error
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range wrong.Faults {
		fields = append(fields, f.Field)
	}
	if got := strings.Join(fields, " "); got != "Upload-Metadata Upload-Metadata.owner Upload-Length "+
		"Upload-Metadata.filename Upload-Metadata.filetype" {
		t.Errorf("told of %s", got)
	}
}

// FuzzDeclared: whatever stands in the headers, what is taken is a size and a plain name, and nothing breaks.
func FuzzDeclared(f *testing.F) {
	f.Add("12", "marking "+coded("restricted")+",filename "+coded("a.pdf"))
	f.Add("-1", "filename /w==")
	f.Add("9223372036854775808", ",,, ,")
	f.Fuzz(func(t *testing.T, length, metadata string) {
		up, err := declared(length, metadata)
		if err == nil && (up.File.Size < 0 || !utf8.ValidString(up.Part.FileName) || len(up.Part.FileName) > 255 ||
			strings.ContainsAny(up.Part.FileName, "\x00\r\n")) {
			t.Errorf("taken: %+v", up)
		}
	})
}
