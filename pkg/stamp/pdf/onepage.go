package pdf

import (
	"bytes"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/mark"
)

// At writes one line.
func (c *Canvas) At(resource string, size, x, y float64, s string) {
	c.Op("/%s %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj", resource, size, x, y, literalString(face.WinAnsi(s)))
}

// Paragraph writes lines from y downwards and gives the y below them.
func (c *Canvas) Paragraph(x, y, width, size float64, s string) float64 {
	for _, line := range mark.BreakWords(s, width,
		func(s string) float64 { return face.TextWidth(face.Regular, size, s) }) {
		y -= size * 1.3
		c.At("ChR", size, x, y+size*0.2, line)
	}
	return y
}

// OnePage is a PDF file of one page (ISO 32000-1, 7.5).
func OnePage(title string, width, height float64, content []byte, m mark.Mark) ([]byte, error) {
	var info strings.Builder
	for _, p := range m.Properties() {
		fmt.Fprintf(&info, "/%s %s ", p.Key, TextString(p.Value).PDFString())
	}
	if m.Label != nil {
		fmt.Fprintf(&info, "/%s %s ", label.Key, TextString(string(m.Label)).PDFString())
	}
	font := "<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>"
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R/Lang(en)>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.0f %.0f]/Contents 4 0 R/Resources<</Font<</ChR 5 0 "+
			"R/ChB 6 0 R>>>>>>",
			width, height),
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content),
		fmt.Sprintf(font, face.Regular), fmt.Sprintf(font, face.Bold),
		"<</Title" + literalString(face.WinAnsi(title)) + info.String() + ">>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1,
		len(objects), xref)
	return b.Bytes(), nil
}
