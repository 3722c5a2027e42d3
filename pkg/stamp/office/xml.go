package office

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/stamp/mark"
)

// element is one element of a part, by the offsets of its tags.
type element struct {
	name       string // with its prefix
	local      string
	attributes []xml.Attr // names as they stand: prefix in Space
	path       string     // local names from the root, "/document/body/sectPr"
	start, in  int        // of the start tag, and behind it
	out, end   int        // of the end tag, and behind it; of an empty-element tag out = in
	empty      bool       // an empty-element tag
}

func (e element) attribute(local string) string {
	for _, a := range e.attributes {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// maxNesting is how deep elements lie in each other at most; Office stays far below.
const maxNesting = 500

var (
	errXML     = errors.New("malformed XML")
	errDoctype = errors.New("XML with a document type")
)

// eachElement calls visit with every element for which keep says so, when its end is read. It reads names as they
// stand and resolves no entities but XML's own, so nothing expands.
func eachElement(part []byte, keep func(path string) bool, visit func(element)) error {
	d := xml.NewDecoder(bytes.NewReader(part))
	var open []element
	var path []byte
	for {
		start := int(d.InputOffset())
		t, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return errXML
		}
		switch t := t.(type) {
		case xml.Directive:
			return errDoctype
		case xml.StartElement:
			if path = append(append(path, '/'), t.Name.Local...); len(open) >= maxNesting {
				return errXML
			}
			e := element{name: qualifiedName(t.Name), local: t.Name.Local, start: start, in: int(d.InputOffset())}
			if p := string(path); keep(p) {
				e.path, e.attributes = p, slices.Clone(t.Attr)
			}
			e.empty = bytes.HasSuffix(part[start:e.in], []byte("/>"))
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1].name != qualifiedName(t.Name) {
				return errXML
			}
			e := open[len(open)-1]
			open = open[:len(open)-1]
			path = path[:len(path)-1-len(e.local)]
			e.out, e.end = start, int(d.InputOffset())
			if e.empty {
				e.out = e.in
			}
			if e.path != "" {
				visit(e)
			}
		}
	}
	if len(open) > 0 {
		return errXML
	}
	return nil
}

func qualifiedName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// elements lists those that keep admits, in the order of their start tags.
func elements(part []byte, keep func(path string) bool) ([]element, error) {
	var out []element
	err := eachElement(part, keep, func(e element) { out = append(out, e) })
	slices.SortFunc(out, func(a, b element) int { return cmp.Compare(a.start, b.start) })
	return out, err
}

// pathDepth is 1 for the root.
func pathDepth(path string) int { return strings.Count(path, "/") }

// namespaceOf is the namespace of a root element's own name.
func namespaceOf(root element) string { return namespaceIn(root, root.name) }

// namespaceIn is the namespace that a name has, by what the root element declares.
func namespaceIn(root element, name string) string {
	prefix, _, found := strings.Cut(name, ":")
	for _, a := range root.attributes {
		if !found && a.Name.Space == "" && a.Name.Local == "xmlns" || found && a.Name.Space == "xmlns" &&
			a.Name.Local == prefix {
			return a.Value
		}
	}
	return ""
}

// edit replaces the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// atFront and atBack put text into an element as its first or last content.
func (e element) atFront(part []byte, text string) edit {
	if e.empty {
		return e.opened(part, text)
	}
	return edit{e.in, e.in, text}
}

func (e element) atBack(part []byte, text string) edit {
	if e.empty {
		return e.opened(part, text)
	}
	return edit{e.out, e.out, text}
}

// opened turns an empty-element tag into a pair.
func (e element) opened(part []byte, text string) edit {
	tag := strings.TrimSuffix(string(part[e.start:e.in]), "/>")
	return edit{e.start, e.in, tag + ">" + text + "</" + e.name + ">"}
}

// applyEdits makes the edits, which must not overlap; those at one place in the order given.
func applyEdits(part []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(part[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(part[at:])
	return out.Bytes()
}

// shownTexts gives what people read in the first elements of a local name, at most n of them; as far as the part can
// be read.
func shownTexts(part []byte, local string, n int) []string {
	d := xml.NewDecoder(bytes.NewReader(part))
	var out []string
	var text strings.Builder
	inside, shown := 0, ""
	for len(out) < n {
		t, err := d.RawToken()
		if err != nil {
			return out
		}
		switch t := t.(type) {
		case xml.StartElement:
			shown = t.Name.Local
			if shown == local {
				inside++
			}
		case xml.CharData:
			if inside > 0 && shown == "t" && text.Len() < 4096 {
				text.Write(t)
			}
		case xml.EndElement:
			shown = ""
			if t.Name.Local != local || inside == 0 {
				continue
			}
			if inside--; inside == 0 {
				out = append(out, text.String())
				text.Reset()
			}
		}
	}
	return out
}

// unescaped is the text of an element without children; nil when it has any.
func unescaped(inner []byte) []byte {
	d := xml.NewDecoder(bytes.NewReader(inner))
	out := []byte{}
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return out
		}
		text, ok := t.(xml.CharData)
		if err != nil || !ok {
			return nil
		}
		out = append(out, text...)
	}
}

// xmlText escapes s for element content and attributes, and drops what XML cannot hold.
func xmlText(s string) string {
	return mark.EscapeXML(strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
}

// addParagraphs looks at the first paragraphs of a part of Word or PowerPoint.
func addParagraphs(words *mark.WordSet, part []byte, n int) {
	for _, text := range shownTexts(part, "p", n) {
		words.Add(text)
	}
}
