package rest_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/rest"
)

// inPieces gives so many bytes at a time, in turn.
type inPieces struct {
	io.Reader
	sizes []int
}

func (s *inPieces) Read(p []byte) (int, error) {
	if len(s.sizes) == 0 {
		return s.Reader.Read(p)
	}
	n := min(len(p), s.sizes[0])
	s.sizes = append(s.sizes[1:], s.sizes[0])
	return s.Reader.Read(p[:n])
}

// standard reads a deposit's content with the standard library alone.
func standard(body string) (content []byte, err error) {
	parts := multipart.NewReader(strings.NewReader(body), boundary)
	for range 2 {
		part, err := parts.NextRawPart()
		if err != nil {
			return nil, err
		}
		if content, err = io.ReadAll(part); err != nil {
			return nil, err
		}
	}
	_, err = parts.NextRawPart()
	if errors.Is(err, io.EOF) {
		return content, nil
	}
	return nil, errors.Join(err, errors.New("more parts"))
}

// TestContentEndsWhereTheStandardLibrarySaysSo draws contents that look like delimiters, cut anywhere.
func TestContentEndsWhereTheStandardLibrarySaysSo(t *testing.T) {
	scraps := []string{"\r\n--" + boundary, "\r\n--" + boundary[:3], "--" + boundary, "--", "-", "\r", "\n", "\r\n",
		" ", "x", boundary, strings.Repeat("y", 5000), ""}
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.SampledFrom([]string{"\r\n", "\n"}).Draw(t, "line end")
		content := strings.Join(rapid.SliceOfN(rapid.SampledFrom(scraps), 0, 8).Draw(t, "content"), "")
		close := rapid.SampledFrom([]string{end + "--" + boundary + "--" + end, end + "--" + boundary + "--",
			"--" + boundary + "--" + end, end + "--" + boundary, end, ""}).Draw(t, "close")
		body := "--" + boundary + end + "Content-Disposition: form-data; name=\"metadata\"" + end + end + "{}" + end +
			"--" + boundary + end + "Content-Disposition: form-data; name=\"content\"" + end + end + content + close
		want, wrong := standard(body)

		sizes := rapid.SliceOfN(rapid.IntRange(1, 40), 0, 5).Draw(t, "sizes that come")
		taken := rapid.SampledFrom([]int{1, 100, 4 << 10, 5001, 64 << 10}).Draw(t, "size that is taken")
		var got bytes.Buffer
		var failed error
		err := rest.ReadDeposit(&inPieces{strings.NewReader(body), sizes}, boundary,
			func(_ exchange.Metadata, r io.Reader, _ exchange.ContentPart) {
				_, failed = io.CopyBuffer(struct{ io.Writer }{&got}, struct{ io.Reader }{r}, make([]byte, taken))
			})
		if (err != nil || failed != nil) != (wrong != nil) {
			t.Fatalf("%q: %v, %v; the standard library says %v", body, err, failed, wrong)
		}
		if wrong == nil && !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("%q: %q, want %q", body, got.Bytes(), want)
		}
	})
}
