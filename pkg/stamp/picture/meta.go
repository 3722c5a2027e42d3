package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	maxHead      = 16 << 20 // bytes of metadata that are kept in a picture
	maxSegment   = 65_533   // bytes in a segment of JPEG, without its length
	xmpNamespace = "http://ns.adobe.com/xap/1.0/\x00"
	iccNamespace = "ICC_PROFILE\x00"
	exifHeader   = "Exif\x00\x00"
	multiPicture = "MPF\x00" // CIPA DC-007: the file holds several pictures
)

// pictureHead is what is known of a picture besides its pixels. Of its metadata only what its colours and its
// resolution need is kept: Exif blocks hold places, devices, and small pictures without a mark.
type pictureHead struct {
	kept        []byte // chunks or segments, as they go into the copy
	label       []byte
	orientation int
	more        bool // further pictures in the same file
}

// readPNGHead walks the chunks (PNG 5.3).
func readPNGHead(in *io.SectionReader) (pictureHead, error) {
	var h pictureHead
	var head [8]byte
	for at := int64(8); ; {
		if _, err := in.ReadAt(head[:], at); err != nil {
			return h, nil // the decoder says what is wrong
		}
		size, name := int64(binary.BigEndian.Uint32(head[:4])), string(head[4:])
		switch name {
		case "acTL":
			return h, mark.Refuse(mark.Unsupported,
				"it is an animation, of which only the first picture would be marked")
		case "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "pHYs":
			if chunk := bytesAt(in, at, size+12); chunk != nil && len(h.kept) < maxHead {
				h.kept = append(h.kept, chunk...)
			}
		case "iTXt":
			if chunk := bytesAt(in, at+8, size); h.label == nil && size < 2*label.MaxSize {
				h.label = label.OfChunk(chunk)
			}
		case "IEND":
			return h, nil
		}
		at += size + 12
	}
}

// bytesAt reads n bytes; nil when they are not there, or too many.
func bytesAt(in io.ReaderAt, at, n int64) []byte {
	if n < 0 || n > maxHead {
		return nil
	}
	b := make([]byte, n)
	if _, err := in.ReadAt(b, at); err != nil {
		return nil
	}
	return b
}

// pngChunks are the kept ones and the mark's, each an iTXt (PNG 11.3.4.5), in UTF-8 and not compressed.
func pngChunks(h pictureHead, m mark.Mark) []byte {
	out := slices.Clone(h.kept)
	for _, p := range m.Properties() {
		out = appendChunk(out, "iTXt", []byte(p.Key+"\x00\x00\x00\x00\x00"+p.Value))
	}
	if m.Label != nil {
		out = appendChunk(out, "iTXt", slices.Concat([]byte(label.Key+"\x00\x00\x00\x00\x00"), m.Label))
	}
	return out
}

func appendChunk(out []byte, name string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	body := slices.Concat([]byte(name), data)
	return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
}

// readJPEGHead walks the segments before the first scan.
func readJPEGHead(in *io.SectionReader) (pictureHead, error) {
	var h pictureHead
	var head [4]byte
	for at := int64(2); ; {
		if _, err := in.ReadAt(head[:], at); err != nil || head[0] != 0xff {
			return h, nil
		}
		marker, size := head[1], int64(binary.BigEndian.Uint16(head[2:]))
		if marker == 0xff {
			at++
			continue
		}
		if marker == 0xda || size < 2 {
			return h, nil
		}
		h.segment(marker, bytesAt(in, at+4, size-2))
		at += size + 2
	}
}

func (h *pictureHead) segment(marker byte, data []byte) {
	switch {
	case marker == 0xe2 && bytes.HasPrefix(data, []byte(iccNamespace)) && len(h.kept) < maxHead:
		h.kept = appendSegment(h.kept, marker, data)
	case marker == 0xe2 && bytes.HasPrefix(data, []byte(multiPicture)):
		h.more = true
	case marker == 0xe1 && bytes.HasPrefix(data, []byte(exifHeader)):
		h.orientation = exifOrientation(data[len(exifHeader):])
	case h.label == nil:
		h.label = label.OfSegment(marker, data)
	}
}

// exifOrientation finds tag 0x0112 in the first directory; 0 when there is none.
func exifOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	for n := range int64(order.Uint16(tiff[at:])) {
		entry := at + 2 + 12*n
		if entry+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			return int(order.Uint16(tiff[entry+8:]))
		}
	}
	return 0
}

// jpegSegments are the kept ones, XMP where it fits one segment, and the label as a comment.
func jpegSegments(h pictureHead, m mark.Mark) []byte {
	var out []byte
	if xmp := append([]byte(xmpNamespace), mark.AddToXMP([]byte(mark.EmptyXMP), m)...); len(xmp) <= maxSegment {
		out = appendSegment(out, 0xe1, xmp)
	}
	out = append(out, h.kept...)
	if m.Label != nil && len(m.Label)+len(label.Comment) <= maxSegment {
		out = appendSegment(out, 0xfe, append([]byte(label.Comment), m.Label...))
	}
	return out
}

func appendSegment(out []byte, marker byte, data []byte) []byte {
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
	return append(out, data...)
}
