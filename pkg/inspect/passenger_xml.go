package inspect

import "bytes"

// xmlSigns are the signs of PNRGOV XML (IATA's IATA_PNRGOV_NotifRQ and its kin) that one stream showed: the elements
// themselves. Schemas and prose that name them have none.
type xmlSigns struct {
	record  bool // <PNR …>, or an element of IATA's namespace in a part of a message
	surname bool // <Surname>, and a letter behind it
}

// notification begins the names of the root elements.
const notification = "IATA_PNRGOV_NOTIF"

// namespace is that of PNRGOV's schemas, in upper case, without the year.
const namespace = "WWW.IATA.ORG/IATA/2"

// maxName is the longest name of an element that is read, with its prefix.
const maxName = 64

// tag is whether p, which begins with "<", begins an element that is judged, and whether enough of p is there to tell.
func tag(p []byte) (yes, decided bool) {
	var name [maxName]byte
	n := 0
	for _, b := range p[1:] {
		switch {
		case b == 0:
			continue
		case b == ':':
			n = 0
			continue
		case !alphanumeric(b) && b != '_': // at another character that names have, names end that are of interest
			return judged(name[:n]), true
		}
		if n == maxName {
			return false, true
		}
		name[n] = flat[b]
		n++
	}
	return false, false
}

// escapedSigns are "<" in JSON, in URLs and in XML, in upper case.
var escapedSigns = []string{`\U003C`, `\X3C`, "%3C", "&LT;", "&#60;", "&#X3C;"}

// escapedTag is tag for "<" that is escaped.
func escapedTag(p []byte) (yes, decided bool) {
	const longest = 6
	var sign [longest]byte
	n := 0
	for k, b := range p {
		if b = flat[b]; b == 0 {
			continue
		}
		sign[n] = b
		n++
		possible := false
		for _, s := range escapedSigns {
			if s == string(sign[:n]) {
				return tag(p[k:])
			}
			possible = possible || len(s) > n && s[:n] == string(sign[:n])
		}
		if !possible {
			return false, true
		}
	}
	return false, false
}

func judged(name []byte) bool {
	switch string(name) {
	case "PNR", "SURNAME", "PASSENGER", "FLIGHT", "BOOKINGREFID":
		return true
	}
	return bytes.HasPrefix(name, []byte(notification))
}

// take judges an element that begins at text's first byte, flattened, and is true when the signs suffice.
func (x *xmlSigns) take(text []byte) bool {
	if len(text) < 2 || text[0] != '<' {
		return false
	}
	tag, content, closed := bytes.Cut(text[1:], []byte(">"))
	if prefix, local, ok := bytes.Cut(tag, []byte(":")); ok && len(bytes.TrimLeftFunc(prefix, inName)) == 0 {
		tag = local
	}
	name := tag[:len(tag)-len(bytes.TrimLeftFunc(tag, inName))]
	switch {
	case bytes.HasPrefix(name, []byte(notification)):
		return bytes.Contains(tag, []byte("=")) || closed && bytes.HasPrefix(content, []byte("<"))
	case string(name) == "PNR", judged(name) && bytes.Contains(tag, []byte(namespace)):
		x.record = true
	case string(name) == "SURNAME" && closed:
		x.surname = x.surname || len(content) > 0 && (alphanumeric(content[0]) || content[0] == wide)
	}
	return x.record && x.surname
}

func inName(r rune) bool { return r == '_' || r < 0x80 && alphanumeric(byte(r)) }
