package label

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

const (
	// Key names the label among the properties of a PDF file or a picture.
	Key = "ChanceryLabel"
	// Namespace is that of the label's element in XMP and in a part of an Office file.
	Namespace = "urn:chancery:copy:1"
	// Entry is the label's name in a ZIP file, where it stands first.
	Entry = "label.json"
	// Comment stands before the label in a comment of a JPEG file.
	Comment = Key + ": "

	xmpHead  = "http://ns.adobe.com/xap/1.0/\x00"
	maxParts = 64 // of an Office file in which a label is looked for
	window   = 1 << 20
)

// The errors of Find.
var (
	ErrNone    = errors.New("the file carries no label that can be found")
	ErrForeign = errors.New("files of this kind carry no label")
)

// Find takes the label out of a marked copy: PDF, PNG, JPEG, Office (OOXML), or the ZIP file. It is not verified. Of
// a PDF file the newest is found where it stands in the open, as in every copy of the gateway's whose file is not
// encrypted.
func Find(file io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, MaxSize+1024))
	if n, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) || n < len(head) {
		return nil, ErrForeign
	}
	var found []byte
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if found = OfPackage(head); found == nil {
			found = inArchive(file, size)
		}
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		found = inPNG(file)
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		found = inJPEG(file)
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")):
		found = inPDF(file, size)
	default:
		return nil, ErrForeign
	}
	if found == nil {
		return nil, ErrNone
	}
	return found, nil
}

// OfPackage reads the first entry of a ZIP file that begins as ours do.
func OfPackage(head []byte) []byte {
	const fixed = 30
	if len(head) < fixed+len(Entry) || !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil
	}
	word := func(i int) int { return int(head[i]) | int(head[i+1])<<8 }
	method, size := word(8), word(18)|word(20)<<16
	name, extra := word(26), word(28)
	from := fixed + name + extra
	if method != int(zip.Store) || name != len(Entry) || string(head[fixed:fixed+name]) != Entry ||
		size <= 0 || size > MaxSize || from+size > len(head) {
		return nil
	}
	return bytes.Clone(head[from : from+size])
}

// inArchive finds the label of an Office file, or of a package that was packed again.
func inArchive(file io.ReaderAt, size int64) []byte {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil
	}
	looked := 0
	for _, f := range archive.File {
		name := strings.ToLower(f.Name)
		part := strings.HasPrefix(name, "customxml/") && strings.HasSuffix(name, ".xml")
		if !part && name != Entry || looked == maxParts {
			continue
		}
		looked++
		content := unfolded(f)
		if part {
			content = OfPart(content)
		}
		if content != nil {
			return content
		}
	}
	return nil
}

// unfolded reads a small entry; nil when it is not small, or broken.
func unfolded(f *zip.File) []byte {
	r, err := f.Open()
	if err != nil {
		return nil
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, 8*MaxSize+1))
	if err != nil || len(content) > 8*MaxSize {
		return nil
	}
	return content
}

// OfPart reads the label from a part of an Office file that holds nothing else.
func OfPart(part []byte) []byte {
	var root struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	}
	if !bytes.Contains(part, []byte(Namespace)) || xml.Unmarshal(part, &root) != nil ||
		root.XMLName != (xml.Name{Space: Namespace, Local: "label"}) || root.Text == "" {
		return nil
	}
	return []byte(root.Text)
}

// inPNG walks the chunks (PNG 5.3).
func inPNG(file io.ReaderAt) []byte {
	var head [8]byte
	for at := int64(8); ; {
		if _, err := file.ReadAt(head[:], at); err != nil {
			return nil
		}
		size := int64(binary.BigEndian.Uint32(head[:4]))
		if string(head[4:]) == "iTXt" && size < 2*MaxSize {
			if l := OfChunk(bytesAt(file, at+8, size)); l != nil {
				return l
			}
		}
		at += size + 12
	}
}

// OfChunk reads the label from an iTXt chunk (PNG 11.3.4.5) that is not compressed.
func OfChunk(text []byte) []byte {
	l, ok := bytes.CutPrefix(text, []byte(Key+"\x00\x00\x00\x00\x00"))
	if !ok {
		return nil
	}
	return l
}

func bytesAt(file io.ReaderAt, at, n int64) []byte {
	b := make([]byte, n)
	if _, err := file.ReadAt(b, at); err != nil {
		return nil
	}
	return b
}

// inJPEG walks the segments before the first scan.
func inJPEG(file io.ReaderAt) []byte {
	var head [4]byte
	for at := int64(2); ; {
		if _, err := file.ReadAt(head[:], at); err != nil || head[0] != 0xff {
			return nil
		}
		marker, size := head[1], int64(binary.BigEndian.Uint16(head[2:]))
		if marker == 0xff {
			at++
			continue
		}
		if marker == 0xda || size < 2 {
			return nil
		}
		if l := OfSegment(marker, bytesAt(file, at+4, size-2)); l != nil {
			return l
		}
		at += size + 2
	}
}

// OfSegment reads the label from a comment or from XMP of a JPEG file.
func OfSegment(marker byte, data []byte) []byte {
	switch {
	case marker == 0xfe && bytes.HasPrefix(data, []byte(Comment)):
		return data[len(Comment):]
	case marker == 0xe1 && bytes.HasPrefix(data, []byte(xmpHead)):
		return OfXMP(data)
	}
	return nil
}

// inPDF looks for the label in the information dictionary, else in XMP: the last one in the file, which is the newest.
func inPDF(file io.ReaderAt, size int64) []byte {
	for _, one := range []struct {
		begins string
		read   func([]byte) []byte
	}{{"/" + Key, ofDictionary}, {"<chancery:Label>", OfXMP}} {
		// Read beyond each window, so that what is looked for is not cut in two.
		const overlap = 64
		b := make([]byte, window+overlap)
		for end := size; end > 0; end -= window {
			from := max(0, end-window)
			n, _ := file.ReadAt(b[:min(end-from+overlap, size-from)], from)
			at := bytes.LastIndex(b[:n], []byte(one.begins))
			if at < 0 {
				continue
			}
			text := make([]byte, min(size-from-int64(at), 8*MaxSize))
			n, _ = file.ReadAt(text, from+int64(at))
			if l := one.read(text[:n]); l != nil {
				return l
			}
		}
	}
	return nil
}

// ofDictionary reads a text string in hexadecimal, UTF-16 (ISO 32000-1, 7.3.4.3, 7.9.2.2).
func ofDictionary(text []byte) []byte {
	text = bytes.TrimLeft(text[len(Key)+1:], " \r\n")
	end := bytes.IndexByte(text, '>')
	if end < 1 || text[0] != '<' {
		return nil
	}
	raw := make([]byte, hex.DecodedLen(end-1))
	if _, err := hex.Decode(raw, text[1:end]); err != nil || !bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		return nil
	}
	var units []uint16
	for pair := range slices.Chunk(raw[2:len(raw)&^1], 2) {
		units = append(units, binary.BigEndian.Uint16(pair))
	}
	return []byte(string(utf16.Decode(units)))
}

// OfXMP reads the label from a packet of XMP.
func OfXMP(packet []byte) []byte {
	const open, end = "<chancery:Label>", "</chancery:Label>"
	i := bytes.Index(packet, []byte(open))
	if i < 0 {
		return nil
	}
	packet = packet[i+len(open):]
	j := bytes.Index(packet, []byte(end))
	if j < 0 || j > MaxSize*6 {
		return nil
	}
	var text string
	if err := xml.Unmarshal(slices.Concat([]byte("<l>"), packet[:j], []byte("</l>")), &text); err != nil {
		return nil
	}
	return []byte(text)
}
