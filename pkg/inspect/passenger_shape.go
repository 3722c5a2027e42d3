package inspect

import "bytes"

// maxReference is the longest message reference that is believed; ISO 9735 has 14 characters.
const maxReference = 40

// separators are the service characters of an interchange; the zero value is none.
type separators struct{ component, element, terminator byte }

// plainElement holds for the element separators that messages have in practice, and that prose does not put into words.
func plainElement(b byte) bool { return b == '+' || b == '*' || b > 0 && b < ' ' && b != '\t' }

// serviceString reads what follows UNA: six characters, and then the interchange.
func serviceString(text []byte) (separators, bool) {
	const service = 6
	if len(text) < service {
		return separators{}, false
	}
	s := separators{component: text[0], element: text[1], terminator: text[5]}
	rest := bytes.TrimLeft(text[service:], " \t")
	if len(rest) < 4 || string(rest[:2]) != "UN" || bytes.IndexByte([]byte("BGH"), rest[2]) < 0 {
		return separators{}, false
	}
	behind := rest[3:]
	if s.element != ' ' {
		behind = bytes.TrimLeft(behind, " \t")
	}
	return s, len(behind) > 0 && behind[0] == s.element
}

// interchange reads what follows UNB: the syntax identifier, four letters, and its version: "+UNOA:4", "+IATA:1".
func interchange(text []byte, declared separators) (separators, bool) {
	text = bytes.TrimLeft(text, " \t")
	if len(text) < 7 || alphanumeric(text[0]) && text[0] != declared.element {
		return separators{}, false
	}
	element, id, component, version := text[0], text[1:5], text[5], text[6]
	for _, b := range id {
		if b < 'A' || b > 'Z' {
			return separators{}, false
		}
	}
	if version < '1' || version > '9' || alphanumeric(component) && component != declared.component {
		return separators{}, false
	}
	return separators{component: component, element: element}, true
}

// group reads what follows UNG: the message's name as its first element.
func group(text []byte, declared separators) bool {
	text = bytes.TrimLeft(text, " \t")
	if len(text) < 2 || !plainElement(text[0]) && text[0] != declared.element {
		return false
	}
	tail, ok := named(text[1:])
	return ok && len(tail) > 0 && tail[0] == text[0]
}

// header reads what follows UNH: a reference, and the message's name as the next element.
func header(text []byte, declared separators) bool {
	if declared.element != 0 && declaredHeader(text, declared) {
		return true
	}
	trimmed := bytes.TrimLeft(text, " \t")
	blanks := len(trimmed) < len(text)
	if len(trimmed) == 0 {
		return false
	}
	if alphanumeric(trimmed[0]) {
		return blanks && blankHeader(trimmed)
	}
	element, rest := trimmed[0], trimmed[1:]
	end := bytes.IndexByte(rest[:min(len(rest), maxReference)], element)
	if end < 0 {
		return false
	}
	reference := bytes.TrimSpace(rest[:end])
	name := bytes.TrimLeft(rest[end+1:], " ")
	loose := blanks || len(reference) < end || len(name) < len(rest)-end-1
	tail, ok := named(name)
	if !ok || bytes.ContainsAny(reference, " <>{}[]()\\%&") || loose && !plainElement(element) {
		return false
	}
	if versioned(tail) {
		return true
	}
	numbered := len(reference) == 0 || bytes.ContainsAny(reference, "0123456789")
	return numbered && plainElement(element) && ended(tail)
}

// declaredHeader is a header with the separators that UNA declared, letters and blanks among them.
func declaredHeader(text []byte, s separators) bool {
	if s.element != ' ' {
		text = bytes.TrimLeft(text, " \t")
	}
	if len(text) == 0 || text[0] != s.element {
		return false
	}
	for at := 1; at < min(len(text), maxReference); at++ {
		if text[at] != s.element {
			continue
		}
		tail, ok := named(text[at+1:])
		if ok && (ended(tail) || tail[0] == s.component || tail[0] == s.element || tail[0] == s.terminator) {
			return true
		}
	}
	return false
}

// blankHeader is a header whose element separators became blanks: a reference with a digit, and a name with its
// version.
func blankHeader(text []byte) bool {
	reference, rest, ok := bytes.Cut(text[:min(len(text), window)], []byte(" "))
	if !ok || len(reference) > maxReference || !bytes.ContainsAny(reference, "0123456789") {
		return false
	}
	for _, b := range reference {
		if !alphanumeric(b) {
			return false
		}
	}
	tail, ok := named(rest)
	return ok && versioned(tail)
}

// message is an element of the interchange that is a message's name with its version, wherever the header that it
// belonged to went.
func (s separators) message(text []byte) bool {
	tail, ok := named(text[1:])
	return ok && len(tail) > 0 && tail[0] == s.component && versioned(tail)
}

// named is what follows the name of a message about passengers.
func named(text []byte) (tail []byte, ok bool) {
	const size = len("PAXLST")
	if len(text) < size {
		return nil, false
	}
	name := string(text[:size])
	return text[size:], name == "PAXLST" || name == "PNRGOV"
}

// ended holds where a name is not the beginning of a longer word.
func ended(tail []byte) bool { return len(tail) == 0 || !alphanumeric(tail[0]) && tail[0] != '_' }

// versioned holds for ":D:02B" or ":11:1", with any component separator.
func versioned(tail []byte) bool {
	for range 2 {
		tail = bytes.TrimLeft(tail, " ")
		if len(tail) < 2 || alphanumeric(tail[0]) || tail[0] == '.' {
			return false
		}
		tail = bytes.TrimLeft(tail[1:], " ")
		n := 0
		for n < len(tail) && alphanumeric(tail[n]) {
			n++
		}
		if n < 1 || n > 3 {
			return false
		}
		tail = tail[n:]
	}
	return true
}

func alphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// interchangeFirst holds for an upload that begins with an interchange or a message: UNB or UNH, or UNA and then one of
// them. White space may stand before it, and what telex networks put there.
func interchangeFirst(head []byte) bool {
	head = bytes.TrimLeftFunc(head, func(r rune) bool { return r <= ' ' || r == 0x7F })
	head = bytes.TrimLeft(head, "\x00\xEF\xBB\xBF\xFE\xFF \r\n\t")
	text, _ := flatten(head[:min(len(head), window)], maxFlat)
	if len(text) < 4 || string(text[:2]) != "UN" {
		return false
	}
	var declared separators
	if text[2] == 'A' {
		const gap = 12 // of a service string that is too long
		declared, _ = serviceString(text[3:])
		next := bytes.Index(text[3:], []byte("UN"))
		if next < 0 || next > gap {
			return false
		}
		if text = text[3+next:]; declared.element != 0 {
			return true
		}
	}
	if len(text) < 4 {
		return false
	}
	if text[2] == 'H' {
		return header(text[3:], declared)
	}
	_, ok := interchange(text[3:], declared)
	return text[2] == 'B' && ok
}
