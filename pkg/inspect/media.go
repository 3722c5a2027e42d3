package inspect

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

const (
	edifact     = "application/EDIFACT"
	pdf         = "application/pdf"
	plainText   = "text/plain"
	octetStream = "application/octet-stream"

	zipEntry   = "PK\x03\x04"
	zipEmpty   = "PK\x05\x06"
	pdfWindow  = 1024    // readers find a PDF's header within the first KiB
	maxPartMap = 1 << 20 // inflated bytes of [Content_Types].xml that are looked at
)

// officeTypes are the OOXML types, told by the type of the main part in [Content_Types].xml.
var officeTypes = []struct{ main, media string }{
	{"wordprocessingml.document.main+xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"wordprocessingml.template.main+xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.template"},
	{"spreadsheetml.sheet.main+xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"spreadsheetml.template.main+xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.template"},
	{"presentationml.presentation.main+xml",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	{"presentationml.slideshow.main+xml", "application/vnd.openxmlformats-officedocument.presentationml.slideshow"},
	{"ms-word.document.macroEnabled.main+xml", "application/vnd.ms-word.document.macroEnabled.12"},
	{"ms-excel.sheet.macroEnabled.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.12"},
	{"ms-powerpoint.presentation.macroEnabled.main+xml", "application/vnd.ms-powerpoint.presentation.macroEnabled.12"},
}

// officeFolders tell an OOXML type where [Content_Types].xml is not among the first entries.
var officeFolders = []struct{ folder, media string }{
	{"word/", officeTypes[0].media},
	{"xl/", officeTypes[2].media},
	{"ppt/", officeTypes[4].media},
}

// officeFirst are the names that the first entry of an OOXML file begins with. Any other ZIP file is one, even if
// Office documents lie in it.
var officeFirst = []string{"[Content_Types].xml", "_rels/", "docProps/", "customXml/", "word/", "xl/", "ppt/"}

// mediaType tells the type from the beginning of the content.
func mediaType(head []byte) string {
	switch {
	case bytes.Contains(head[:min(len(head), pdfWindow)], []byte("%PDF-")):
		return pdf
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(head, []byte("\xFF\xD8\xFF")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte(zipEntry)):
		return zipType(head)
	case bytes.HasPrefix(head, []byte(zipEmpty)):
		return "application/zip"
	case interchangeFirst(head):
		return edifact
	case text(head):
		return plainText
	}
	return octetStream
}

// zipType walks the entries that head shows.
func zipType(head []byte) string {
	const zip = "application/zip"
	media := zip
	for at := 0; at >= 0; at = bytes.Index(head, []byte(zipEntry)) {
		head = head[at+len(zipEntry):]
		name, data := entry(head)
		if name == "[Content_Types].xml" {
			return mainPart(data, zip)
		}
		if media == zip && !slices.ContainsFunc(officeFirst,
			func(f string) bool { return strings.HasPrefix(name, f) }) {
			return zip
		}
		for _, f := range officeFolders {
			if strings.HasPrefix(name, f.folder) {
				media = f.media
			}
		}
	}
	return media
}

// entry is the name of a local file header that b goes on with behind its signature, and all that follows the header,
// inflated as far as it goes.
func entry(b []byte) (name string, data io.Reader) {
	const fixed = 26
	if len(b) < fixed {
		return "", nil
	}
	method := binary.LittleEndian.Uint16(b[4:])
	nameEnd := fixed + int(binary.LittleEndian.Uint16(b[22:]))
	dataStart := nameEnd + int(binary.LittleEndian.Uint16(b[24:]))
	if dataStart > len(b) {
		return "", nil
	}
	data = bytes.NewReader(b[dataStart:])
	if method == 8 {
		data = flate.NewReader(data)
	}
	return string(b[fixed:nameEnd]), data
}

// mainPart finds the type of the main part; otherwise is the answer where it names none.
func mainPart(types io.Reader, otherwise string) string {
	content, _ := io.ReadAll(io.LimitReader(types, maxPartMap)) // as far as it goes
	for _, t := range officeTypes {
		if bytes.Contains(content, []byte(t.main)) {
			return t.media
		}
	}
	return otherwise
}

// text holds where no control character stands that text has no use for, whatever its encoding; UTF-16 wants a byte
// order mark.
func text(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF")) {
		return true
	}
	return len(head) > 0 && !containsControl(head)
}
