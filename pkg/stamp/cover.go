package stamp

import (
	"bytes"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/label"
)

const (
	coverWidth, coverHeight = 595.0, 842.0 // A4, points
	coverLeft, coverColumn  = 72.0, 190.0
)

// coverSheet is the page that lies beside an original that is not altered.
func coverSheet(in Source, m Mark) ([]byte, error) {
	c := &canvas{}
	c.op("0.55 0.05 0.08 rg 0 %.0f %.0f 86 re f", coverHeight-86, coverWidth)
	c.op("0.55 0.05 0.08 rg 0 0 %.0f 40 re f BT 1 g", coverWidth)
	c.centred("ChB", bold, 30, coverWidth/2, coverHeight-54, m.word())
	c.centred("ChB", bold, 14, coverWidth/2, 15, m.word())
	c.op("0.1 g")
	c.at("ChB", 15, coverLeft, 706, "Cover sheet of a marked copy")
	y := 690.0
	y = c.paragraph(coverLeft, y, coverWidth-2*coverLeft, 10,
		"The file beside this sheet, in the folder \"original\", is exactly as the Discloser deposited it. Files of its kind are not "+
			"altered, so it carries no marking of its own: keep this sheet with it.")
	y -= 14
	for _, row := range coverRows(in, m) {
		c.at("ChB", 9, coverLeft, y-11, row.key)
		y = c.paragraph(coverColumn, y, coverWidth-coverLeft-coverColumn, 10, row.value) - 6
	}
	y -= 10
	c.op("ET 0.55 0.05 0.08 RG 0.8 w %.0f %.1f m %.0f %.1f l S BT 0.1 g", coverLeft, y, coverWidth-coverLeft, y)
	y -= 6
	y = c.paragraph(coverLeft, y, coverWidth-2*coverLeft, 10, m.Notice+".") - 4
	c.paragraph(coverLeft, y, coverWidth-2*coverLeft, 10, coverDuty(m))
	c.op("ET")
	return onePage(c.Bytes(), m)
}

func coverRows(in Source, m Mark) []property {
	rows := []property{
		{"File", plainName(in.FileName)}, {"Kind and size", fmt.Sprintf("%s, %d bytes", in.MediaType, in.Size)},
		{"SHA-256", inHalves(label.Original(m.Label))}, {"Discloser", m.Discloser}, {"Recipient", m.Recipient}, {"Person", m.Person},
		{"Copy number", m.CopyNumber}, {"Reference", m.Reference}, {"Purpose", m.Purpose},
	}
	if !m.Date.IsZero() {
		rows = append(rows, property{"Date", m.day()})
	}
	var out []property
	for _, r := range rows {
		if r.value != "" {
			out = append(out, r)
		}
	}
	return out
}

// inHalves breaks a digest, so that it fits a line.
func inHalves(digest string) string {
	if len(digest) < 32 {
		return digest
	}
	return digest[:32] + " " + digest[32:]
}

// coverDuty says what Article 4(5) to 4(8) ask of the Recipient for protected material, and 4(7)'s purpose alone for the rest.
func coverDuty(m Mark) string {
	if strings.EqualFold(m.Marking, "non-confidential") {
		return "Given for the purpose named above. Non-confidential is not public: publication needs agreement, Article 10."
	}
	return "To be held in confidence, with the care given to own material of the kind, for the purpose named above alone, and not to be " +
		"disclosed to third parties without the prior written consent of the Discloser: Article 4(5) to 4(8). Whoever finds this " +
		"copy is asked to return it to the Discloser, naming the copy number."
}

// at writes one line.
func (c *canvas) at(resource string, size, x, y float64, s string) {
	c.op("/%s %.2f Tf 1 0 0 1 %.2f %.2f Tm %s Tj", resource, size, x, y, pdfString(winAnsi(s)))
}

// paragraph writes lines from y downwards and gives the y below them.
func (c *canvas) paragraph(x, y, width, size float64, s string) float64 {
	for _, line := range breakWords(s, width, func(s string) float64 { return textWidth(regular, size, s) }) {
		y -= size * 1.3
		c.at("ChR", size, x, y+size*0.2, line)
	}
	return y
}

// onePage is a PDF file of one page (ISO 32000-1, 7.5).
func onePage(content []byte, m Mark) ([]byte, error) {
	var info strings.Builder
	for _, p := range m.properties() {
		fmt.Fprintf(&info, "/%s %s ", p.key, textString(p.value).PDFString())
	}
	if m.Label != nil {
		fmt.Fprintf(&info, "/%s %s ", label.Key, textString(string(m.Label)).PDFString())
	}
	font := "<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>"
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R/Lang(en)>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.0f %.0f]/Contents 4 0 R/Resources<</Font<</ChR 5 0 R/ChB 6 0 R>>>>>>",
			coverWidth, coverHeight),
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content),
		fmt.Sprintf(font, regular), fmt.Sprintf(font, bold),
		"<</Title(Cover sheet of a marked copy)" + info.String() + ">>",
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
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, len(objects), xref)
	return b.Bytes(), nil
}
