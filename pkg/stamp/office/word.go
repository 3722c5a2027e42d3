package office

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	wordHeader = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
	wordFooter = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"

	narrowPage = 4_000  // twentieths of a point: narrower pages are not counted
	usualPage  = 11_906 // A4
	maxHeaders = 2_000
)

// section is one section of a Word document.
type section struct {
	element
	headers, footers []headerReference
}

type headerReference struct{ kind, id string } // "default", "first", "even"

// markWord puts the mark into the headers and footers of every section. A section without one of its own takes that
// of the section before it, so only the first one is given what it lacks.
func (o *office) markWord(m mark.Mark, words *mark.WordSet) (int, error) {
	main, err := o.mainPart()
	if err != nil {
		return 0, err
	}
	document, err := o.part(main)
	if err != nil {
		return 0, err
	}
	root, sections, body, err := readSections(document)
	if err != nil {
		return 0, err
	}
	targets, err := o.relations(main)
	if err != nil {
		return 0, err
	}
	w := wordMarker{
		office:    o,
		mark:      m,
		words:     words,
		main:      main,
		namespace: namespaceOf(root),
		width:     narrowest(document, sections),
	}
	if err := w.existing(sections, targets); err != nil {
		return 0, err
	}
	var edits []edit
	if len(sections) == 0 {
		added, err := w.missing(section{})
		if err != nil {
			return 0, err
		}
		edits = []edit{body.atBack(document,
			fmt.Sprintf(`<ch:sectPr xmlns:ch="%s">%s</ch:sectPr>`, w.namespace, added))}
	} else {
		added, err := w.missing(sections[0])
		if err != nil {
			return 0, err
		}
		// References to headers and footers come first in a sectPr (ECMA-376-1, 17.6.17).
		edits = []edit{sections[0].atFront(document, added)}
	}
	addParagraphs(words, document, 6)
	o.set(main, applyEdits(document, edits))
	return max(1, len(sections)), nil
}

// readSections finds the section properties in force; those that tracked changes remember are left out.
func readSections(document []byte) (root element, sections []section, body element, err error) {
	all, err := elements(document, func(p string) bool {
		return pathDepth(p) <= 2 || strings.Contains(p, "/sectPr") && !strings.Contains(p, "Change")
	})
	if err != nil {
		return root, nil, body, err
	}
	for _, e := range all {
		switch {
		case pathDepth(e.path) == 1:
			root = e
		case e.path == "/document/body":
			body = e
		case e.local == "sectPr":
			sections = append(sections, section{element: e})
		case len(sections) > 0 && e.local == "headerReference":
			s := &sections[len(sections)-1]
			s.headers = append(s.headers, headerReference{e.attribute("type"), e.attribute("id")})
		case len(sections) > 0 && e.local == "footerReference":
			s := &sections[len(sections)-1]
			s.footers = append(s.footers, headerReference{e.attribute("type"), e.attribute("id")})
		}
	}
	if body.name == "" || namespaceOf(root) == "" {
		return root, nil, body, errXML
	}
	return root, sections, body, nil
}

// narrowest is the width of the narrowest page.
func narrowest(document []byte, sections []section) int {
	width := usualPage
	for _, s := range sections {
		found, err := elements(document[s.start:s.end], func(p string) bool { return strings.HasSuffix(p, "/pgSz") })
		if err != nil {
			continue
		}
		for _, e := range found {
			if w, err := strconv.Atoi(e.attribute("w")); err == nil && w >= narrowPage {
				width = min(width, w)
			}
		}
	}
	return width
}

// wordMarker edits the headers and footers of one document.
type wordMarker struct {
	*office
	mark      mark.Mark
	words     *mark.WordSet
	main      string
	namespace string // of WordprocessingML, transitional or strict
	width     int    // of the narrowest page, twentieths of a point
}

// existing marks what the sections name.
func (w wordMarker) existing(sections []section, targets []relation) error {
	done := map[string]bool{}
	for _, s := range sections {
		for _, r := range slices.Concat(s.headers, s.footers) {
			i := slices.IndexFunc(targets, func(t relation) bool { return t.id == r.id })
			if i < 0 || done[targets[i].target] || !w.has(targets[i].target) {
				continue
			}
			if len(done) > maxHeaders {
				return mark.Refuse(mark.TooLarge, "it has more than %d headers and footers", maxHeaders)
			}
			done[targets[i].target] = true
			if err := w.edit(targets[i].target); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w wordMarker) edit(name string) error {
	part, err := w.part(name)
	if err != nil {
		return err
	}
	root, err := rootOf(part)
	if err != nil {
		return err
	}
	addParagraphs(w.words, part, 20)
	top := root.local == "hdr"
	text := w.frame(namespaceOf(root), top)
	if !top {
		w.set(name, applyEdits(part, []edit{root.atBack(part, text)}))
		return nil
	}
	w.set(name, applyEdits(part, []edit{root.atFront(part, text)}))
	return nil
}

// missing adds the headers and footers that the first section lacks, and gives the references to them: of all three
// kinds, because a later section, which inherits them, may show one that the first does not.
func (w wordMarker) missing(first section) (string, error) {
	var b strings.Builder
	for _, side := range []struct {
		local, tag, kind string
		have             []headerReference
	}{{"hdr", "header", wordHeader, first.headers}, {"ftr", "footer", wordFooter, first.footers}} {
		for _, kind := range []string{"default", "first", "even"} {
			if slices.ContainsFunc(side.have,
				func(r headerReference) bool { return r.kind == kind || r.kind == "" && kind == "default" }) {
				continue
			}
			id, err := w.newPart(side.local, side.tag, side.kind, kind)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, `<ch:%sReference xmlns:ch="%s" xmlns:chr="%s" ch:type="%s" chr:id="%s"/>`,
				side.tag, w.namespace, w.relationNamespace(), kind, id)
		}
	}
	return b.String(), nil
}

// relationNamespace is the one that goes with the document's own.
func (w wordMarker) relationNamespace() string {
	if strings.HasPrefix(w.namespace, "http://purl.oclc.org/") {
		return "http://purl.oclc.org/ooxml/officeDocument/relationships"
	}
	return relationType
}

func (w wordMarker) newPart(local, tag, contentType, kind string) (string, error) {
	name := path.Join(path.Dir(w.main), fmt.Sprintf("chancery-%s-%s.xml", tag, kind))
	for n := 2; w.has(name); n++ {
		name = path.Join(path.Dir(w.main), fmt.Sprintf("chancery-%s-%s%d.xml", tag, kind, n))
	}
	content := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+
		`<w:%s xmlns:w="%s">%s<w:p/></w:%s>`,
		local, w.namespace, w.frame(w.namespace, local == "hdr"), local)
	if err := w.addPart(name, contentType, []byte(content)); err != nil {
		return "", err
	}
	return w.relate(w.main, w.relationNamespace()+"/"+tag, name)
}

// frame is the mark in paragraphs that stand at the edge of the page, outside the flow of the text: nothing moves
// unless it stood there before.
func (w wordMarker) frame(namespace string, top bool) string {
	place := `ch:y="220"`
	if !top {
		place = `ch:yAlign="bottom"`
	}
	width := w.width - 1000
	props := fmt.Sprintf(`<ch:framePr ch:w="%d" ch:hSpace="0" ch:wrap="around" ch:vAnchor="page" ch:hAnchor="page" `+
		`ch:xAlign="center" %s/>`,
		width, place)
	paragraph := func(after int, style, text string) string {
		return fmt.Sprintf(`<ch:p xmlns:ch="%s"><ch:pPr>%s<ch:spacing ch:before="0" ch:after="%d" ch:line="240" `+
			`ch:lineRule="auto"/>`+
			`<ch:ind ch:left="0" ch:right="0" ch:firstLine="0"/><ch:jc ch:val="center"/></ch:pPr><ch:r><ch:rPr>`+
			`<ch:rFonts ch:ascii="Arial" ch:hAnsi="Arial" ch:cs="Arial"/>%s</ch:rPr><ch:t `+
			`xml:space="preserve">%s</ch:t></ch:r></ch:p>`,
			namespace, props, after, style, xmlText(text))
	}
	lines := mark.Wrap(w.mark.Facts(), float64(width)/20,
		func(s string) float64 { return face.TextWidth(face.Regular, 6.5, s) })
	var b strings.Builder
	b.WriteString(paragraph(0, `<ch:b/><ch:color ch:val="`+w.mark.Colour().Hex()+`"/><ch:sz ch:val="18"/>`,
		w.mark.Heading()))
	for i, line := range lines {
		after := 0
		if !top && i == len(lines)-1 {
			after = 260
		}
		b.WriteString(paragraph(after, `<ch:color ch:val="`+mark.Ink.Hex()+`"/><ch:sz ch:val="13"/>`, line))
	}
	return b.String()
}
