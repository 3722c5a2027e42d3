package office

import (
	"fmt"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	drawingML  = "http://schemas.openxmlformats.org/drawingml/2006/main"
	strictDML  = "http://purl.oclc.org/ooxml/drawingml/main"
	emuInPoint = 12_700

	usualSlideWidth, usualSlideHeight = 12_192_000, 6_858_000 // EMU
	usualNotesWidth, usualNotesHeight = 6_858_000, 9_144_000
)

// markSlides puts two text boxes on every slide and on every page of notes.
func (o *office) markSlides(m mark.Mark, words *mark.WordSet) (int, error) {
	slides := o.ofKind(".slide+xml")
	if len(slides) == 0 {
		return 0, mark.Refuse(mark.Damaged, "it has no slides")
	}
	main, err := o.mainPart()
	if err != nil {
		return 0, err
	}
	presentation, err := o.part(main)
	if err != nil {
		return 0, err
	}
	width, height := sizeIn(presentation, "/presentation/sldSz", usualSlideWidth, usualSlideHeight)
	for i, name := range slides {
		if err := o.markSlide(name, m, width, height, words, i < 6); err != nil {
			return 0, err
		}
	}
	width, height = sizeIn(presentation, "/presentation/notesSz", usualNotesWidth, usualNotesHeight)
	for _, name := range o.ofKind(".notesSlide+xml") {
		if err := o.markSlide(name, m, width, height, words, false); err != nil {
			return 0, err
		}
	}
	return len(slides), nil
}

func sizeIn(presentation []byte, path string, width, height int) (int, int) {
	found, err := elements(presentation, func(p string) bool { return p == path })
	if err != nil || len(found) == 0 {
		return width, height
	}
	cx, errX := strconv.Atoi(found[0].attribute("cx"))
	cy, errY := strconv.Atoi(found[0].attribute("cy"))
	if errX != nil || errY != nil || cx < 10*emuInPoint || cy < 10*emuInPoint || max(cx, cy) > 1<<30 {
		return width, height
	}
	return cx, cy
}

func (o *office) markSlide(name string, m mark.Mark, width, height int, words *mark.WordSet, look bool) error {
	part, err := o.part(name)
	if err != nil {
		return err
	}
	if look {
		addParagraphs(words, part, 40)
	}
	all, err := elements(part, func(p string) bool {
		return pathDepth(p) == 1 || strings.HasSuffix(p, "/cSld/spTree") ||
			strings.HasSuffix(p, "/cSld/spTree/extLst") || strings.HasSuffix(p, "/cNvPr")
	})
	if err != nil {
		return err
	}
	var tree, extensions element
	next := 2
	for _, e := range all {
		switch e.local {
		case "spTree":
			tree = e
		case "extLst":
			extensions = e
		case "cNvPr":
			if id, err := strconv.Atoi(e.attribute("id")); err == nil && id < 1<<30 {
				next = max(next, id+1)
			}
		}
	}
	if tree.name == "" || namespaceOf(all[0]) == "" {
		return errXML
	}
	text := slideBoxes(m, namespaceOf(all[0]), width, height, next)
	// The extLst of a shape tree comes last (ECMA-376-1, 19.3.1.45): the boxes go before it.
	if extensions.name != "" {
		o.set(name, applyEdits(part, []edit{{extensions.start, extensions.start, text}}))
		return nil
	}
	o.set(name, applyEdits(part, []edit{tree.atBack(part, text)}))
	return nil
}

// slideBoxes are the boxes at the top and at the bottom, on paper that lets what lies below shine through.
func slideBoxes(m mark.Mark, namespace string, width, height, id int) string {
	dml := drawingML
	if strings.HasPrefix(namespace, "http://purl.oclc.org/") {
		dml = strictDML
	}
	size := max(6, float64(min(width, height))/emuInPoint*0.015) // points
	measure := func(s string) float64 { return face.TextWidth(face.Regular, size, s) }
	lines := mark.Wrap(m.Facts(), float64(width)/emuInPoint*0.94, measure)
	tall := int(size * (1.3*float64(len(lines)) + 2.1) * emuInPoint)
	box := func(id, y int, name string) string {
		return fmt.Sprintf(`<chp:sp xmlns:chp="%s" xmlns:cha="%s"><chp:nvSpPr><chp:cNvPr id="%d" `+
			`name="%s"/><chp:cNvSpPr txBox="1">`+
			`<cha:spLocks noGrp="1" noMove="1" noResize="1"/></chp:cNvSpPr><chp:nvPr `+
			`userDrawn="1"/></chp:nvSpPr><chp:spPr>`+
			`<cha:xfrm><cha:off x="0" y="%d"/><cha:ext cx="%d" cy="%d"/></cha:xfrm><cha:prstGeom `+
			`prst="rect"><cha:avLst/></cha:prstGeom>`+
			`<cha:solidFill><cha:srgbClr val="FFFFFF"><cha:alpha `+
			`val="82000"/></cha:srgbClr></cha:solidFill></chp:spPr>`+
			`<chp:txBody><cha:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" `+
			`anchor="ctr"><cha:noAutofit/></cha:bodyPr><cha:lstStyle/>%s</chp:txBody></chp:sp>`,
			namespace, dml, id, name, y, width, tall, slideText(m, lines, size))
	}
	return box(id, 0, "Marking, top") + box(id+1, height-tall, "Marking, bottom")
}

func slideText(m mark.Mark, lines []string, size float64) string {
	var b strings.Builder
	paragraph := func(points float64, bold, colour, text string) {
		fmt.Fprintf(&b, `<cha:p><cha:pPr algn="ctr"><cha:spcBef><cha:spcPts `+
			`val="0"/></cha:spcBef><cha:buNone/></cha:pPr><cha:r><cha:rPr lang="en-GB" sz="%d" b="%s">`+
			`<cha:solidFill><cha:srgbClr val="%s"/></cha:solidFill><cha:latin `+
			`typeface="Arial"/></cha:rPr><cha:t>%s</cha:t></cha:r></cha:p>`,
			int(points*100), bold, colour, xmlText(text))
	}
	paragraph(size*1.4, "1", m.Colour().Hex(), m.Heading())
	for _, line := range lines {
		paragraph(size, "0", mark.Ink.Hex(), line)
	}
	return b.String()
}
