package inspect

import (
	"bytes"
	"html"
	"strings"
)

const (
	maxTag    = 256 // bytes of a tag that are kept
	maxEntity = 10  // bytes of a character reference
)

// inline are the elements that stand within a word or a sentence; at the others a line ends. Names without prefix, in
// lower case; of the elements of Office files, all but those of breaks are inline.
var (
	inline = set("a abbr b bdi bdo cite code em font i ins mark q r rpr s small span strike strong sub sup t tt u var")
	breaks = set("p br tab cr tc tr si ptab")
	hidden = set("script style")
)

func set(names string) map[string]bool {
	s := make(map[string]bool)
	for _, name := range strings.Fields(names) {
		s[name] = true
	}
	return s
}

// markup is the text of XML and HTML, as it comes. Text without tags comes out as it went in.
type markup struct {
	strict bool // all of it is XML or HTML: a tag may be of any length
	joined bool // nobody asks where a line ends
	out    func([]byte)
	buffer []byte // text to hand on
	tag    []byte // from "<", while in a tag
	inTag  bool
	entity []byte // from "&", while in a character reference
	until  string // of an element whose content is hidden
}

func (m *markup) write(p []byte) {
	for len(p) > 0 {
		switch {
		case m.inTag:
			p = m.readTag(p)
		case len(m.entity) > 0:
			p = m.readEntity(p)
		default:
			p = m.readText(p)
		}
	}
	m.flush()
}

func (m *markup) flush() {
	if len(m.buffer) > 0 {
		m.out(m.buffer)
		m.buffer = m.buffer[:0]
	}
}

func (m *markup) emit(p ...byte) {
	if m.until == "" {
		m.buffer = append(m.buffer, p...)
	}
	if len(m.buffer) >= pieceSize {
		m.flush()
	}
}

func (m *markup) readText(p []byte) []byte {
	n := len(p)
	if at := bytes.IndexByte(p, '<'); at >= 0 {
		n = at
	}
	if at := bytes.IndexByte(p[:n], '&'); at >= 0 {
		n = at
	}
	m.emit(p[:n]...)
	if n == len(p) {
		return nil
	}
	if p[n] == '<' {
		m.inTag, m.tag = true, append(m.tag[:0], '<')
	} else {
		m.entity = append(m.entity[:0], '&')
	}
	return p[n+1:]
}

func (m *markup) readTag(p []byte) []byte {
	if len(m.tag) == 1 && !alphanumeric(p[0]) && p[0] != '/' && p[0] != '!' && p[0] != '?' {
		m.emit(m.tag...) // a sign that means "less than"
		m.inTag = false
		return p
	}
	n := bytes.IndexByte(p, '>')
	content := p
	if n >= 0 {
		content = p[:n]
	}
	kept := min(len(content), maxTag-len(m.tag))
	m.tag = append(m.tag, content[:kept]...)
	switch {
	case !m.strict && len(m.tag) == maxTag: // too long for a tag that stands in text
		m.inTag = false
		m.emit(m.tag...)
		return p[kept:]
	case n >= 0:
		m.inTag = false
		if !m.joined {
			m.tagEnds()
		}
		return p[n+1:]
	}
	return nil
}

// tagEnds judges a tag that is whole.
func (m *markup) tagEnds() {
	name := m.tag[1:]
	for k, b := range name {
		if 'A' <= b && b <= 'Z' {
			name[k] = b + 'a' - 'A'
		}
	}
	closing := name[0] == '/'
	name = bytes.TrimPrefix(name, []byte("/"))
	for k, b := range name {
		if b <= ' ' || b == '/' {
			name = name[:k]
			break
		}
	}
	switch {
	case m.until != "":
		if closing && string(name) == m.until {
			m.until = ""
		}
	case hidden[string(name)] && !closing:
		m.until = string(name)
	case !inSentence(name):
		m.emit('\n')
	}
}

// inSentence holds for the elements that stand within a word or a sentence.
func inSentence(name []byte) bool {
	prefix, local, prefixed := bytes.Cut(name, []byte(":"))
	if !prefixed {
		return inline[string(name)]
	}
	return len(prefix) == 1 && (prefix[0] == 'w' || prefix[0] == 'a' || prefix[0] == 'm') && !breaks[string(local)]
}

func (m *markup) readEntity(p []byte) []byte {
	b := p[0]
	if alphanumeric(b) || b == '#' && len(m.entity) == 1 {
		if m.entity = append(m.entity, b); len(m.entity) < maxEntity {
			return p[1:]
		}
		b, p = 0, p[1:]
	}
	if b == ';' {
		m.entity = append(m.entity, b)
		p = p[1:]
	}
	m.emit([]byte(html.UnescapeString(string(m.entity)))...)
	m.entity = m.entity[:0]
	return p
}
