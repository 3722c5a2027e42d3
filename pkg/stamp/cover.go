package stamp

import (
	"fmt"
	"slices"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/pdf"
)

const (
	coverWidth, coverHeight = 595.0, 842.0 // A4, points
	coverLeft, coverColumn  = 72.0, 190.0
)

// coverSheet is the page that lies beside an original that is not altered. That of protected material has the marking
// on a full ground; that of other material between rules, on paper.
func coverSheet(in Source, m Mark) ([]byte, error) {
	c := &pdf.Canvas{}
	coverHead(c, m)
	c.Op("0.1 g")
	c.At("ChB", 15, coverLeft, 706, "Cover sheet of a marked copy")
	y := 690.0
	y = c.Paragraph(coverLeft, y, coverWidth-2*coverLeft, 10,
		"The file beside this sheet, in the folder \"original\", is exactly as the Discloser deposited it. Files of "+
			"its kind are not "+
			"altered, so it carries no marking of its own: keep this sheet with it.")
	y -= 14
	for _, row := range coverRows(in, m) {
		c.At("ChB", 9, coverLeft, y-11, row.key)
		y = c.Paragraph(coverColumn, y, coverWidth-coverLeft-coverColumn, 10, row.value) - 5
	}
	y -= 8
	c.Op("ET %s RG 0.8 w %.0f %.1f m %.0f %.1f l S BT 0.1 g", m.Colour().PDF(), coverLeft, y, coverWidth-coverLeft, y)
	y -= 6
	y = c.Paragraph(coverLeft, y, coverWidth-2*coverLeft, 10, m.Notice+".") - 4
	c.Paragraph(coverLeft, y, coverWidth-2*coverLeft, 10, coverDuty(m))
	c.Op("ET")
	return pdf.OnePage("Cover sheet of a marked copy", coverWidth, coverHeight, c.Bytes(), m)
}

// coverHead begins the text of the sheet.
func coverHead(c *pdf.Canvas, m Mark) {
	const head, foot = 86.0, 40.0
	if m.Protected() {
		c.Op("%s rg 0 %.0f %.0f %.0f re f", m.Colour().PDF(), coverHeight-head, coverWidth, head)
		c.Op("0 0 %.0f %.0f re f BT 1 g", coverWidth, foot)
	} else {
		const right = coverWidth - coverLeft
		c.Op("%s RG 0.8 w %.0f %.0f m %.0f %.0f l S", m.Colour().PDF(), coverLeft, coverHeight-head, right,
			coverHeight-head)
		c.Op("%.0f %.0f m %.0f %.0f l S %s rg BT", coverLeft, foot, right, foot, m.Colour().PDF())
	}
	c.Centred("ChB", face.Bold, 30, coverWidth/2, coverHeight-54, m.Heading())
	c.Centred("ChB", face.Bold, 14, coverWidth/2, 15, m.Heading())
}

// coverRow is one line of the table on the cover sheet.
type coverRow struct{ key, value string }

func coverRows(in Source, m Mark) []coverRow {
	rows := []coverRow{
		{"File", plainName(in.FileName)},
		{"Kind and size", fmt.Sprintf("%s, %d bytes", in.MediaType, in.Size)},
		{"SHA-256", inHalves(label.Original(m.Label))},
		{"Discloser", m.Discloser},
		{"Given to", m.Recipient},
		{"", m.GivenTo},
		{"Person", m.Person},
		{"Copy number", m.CopyNumber},
		{"Reference", m.Reference},
		{"Under", paragraphOf(m)},
		{"Authority", m.Authority},
		{"Purpose", m.PurposeFact()},
		{"Handling", m.Handling},
		{"Conditions", m.Conditions},
		{"Date", m.Day()},
	}
	return slices.DeleteFunc(rows, func(r coverRow) bool { return r.value == "" })
}

func paragraphOf(m Mark) string {
	if m.Paragraph == "" {
		return ""
	}
	return "Article " + m.Paragraph + " of the Arrangement"
}

// inHalves breaks a digest, so that it fits a line.
func inHalves(digest string) string {
	if len(digest) < 32 {
		return digest
	}
	return digest[:32] + " " + digest[32:]
}

// coverDuty says what Article 4(5) to 4(8) ask of the Recipient for protected material, and 4(5) of what is
// proprietary.
func coverDuty(m Mark) string {
	const found = " Whoever finds this copy is asked to return it to the Discloser, naming the copy number."
	if m.Protected() {
		return "To be held in confidence, with the care given to own material of the kind, for the purpose named " +
			"above alone, and not " +
			"to be disclosed to third parties without the prior written consent of the Discloser: Article 4(5) to " +
			"4(8)." + found
	}
	if m.Proprietary {
		return "Proprietary: not to be passed on without the Discloser's written consent." + found
	}
	return "Given for the purpose named above. Publication is for both Parties to agree."
}
