package stamp

import (
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/pdf"
)

const (
	coverWidth, coverHeight = 595.0, 842.0 // A4, points
	coverLeft, coverColumn  = 72.0, 190.0
)

// coverSheet is the page that lies beside an original that is not altered.
func coverSheet(in Source, m Mark) ([]byte, error) {
	c := &pdf.Canvas{}
	c.Op("0.55 0.05 0.08 rg 0 %.0f %.0f 86 re f", coverHeight-86, coverWidth)
	c.Op("0.55 0.05 0.08 rg 0 0 %.0f 40 re f BT 1 g", coverWidth)
	c.Centred("ChB", face.Bold, 30, coverWidth/2, coverHeight-54, m.Word())
	c.Centred("ChB", face.Bold, 14, coverWidth/2, 15, m.Word())
	c.Op("0.1 g")
	c.At("ChB", 15, coverLeft, 706, "Cover sheet of a marked copy")
	y := 690.0
	y = c.Paragraph(coverLeft, y, coverWidth-2*coverLeft, 10,
		"The file beside this sheet, in the folder \"original\", is exactly as the Discloser deposited it. Files of its kind are not "+
			"altered, so it carries no marking of its own: keep this sheet with it.")
	y -= 14
	for _, row := range coverRows(in, m) {
		c.At("ChB", 9, coverLeft, y-11, row.key)
		y = c.Paragraph(coverColumn, y, coverWidth-coverLeft-coverColumn, 10, row.value) - 6
	}
	y -= 10
	c.Op("ET 0.55 0.05 0.08 RG 0.8 w %.0f %.1f m %.0f %.1f l S BT 0.1 g", coverLeft, y, coverWidth-coverLeft, y)
	y -= 6
	y = c.Paragraph(coverLeft, y, coverWidth-2*coverLeft, 10, m.Notice+".") - 4
	c.Paragraph(coverLeft, y, coverWidth-2*coverLeft, 10, coverDuty(m))
	c.Op("ET")
	return pdf.OnePage("Cover sheet of a marked copy", coverWidth, coverHeight, c.Bytes(), m)
}

// coverRow is one line of the table on the cover sheet.
type coverRow struct{ key, value string }

func coverRows(in Source, m Mark) []coverRow {
	rows := []coverRow{
		{"File", plainName(in.FileName)},
		{"Kind and size", fmt.Sprintf("%s, %d bytes", in.MediaType, in.Size)},
		{"SHA-256", inHalves(label.Original(m.Label))},
		{"Discloser", m.Discloser},
		{"Recipient", m.Recipient},
		{"Person", m.Person},
		{"Copy number", m.CopyNumber},
		{"Reference", m.Reference},
		{"Purpose", m.Purpose},
	}
	if !m.Date.IsZero() {
		rows = append(rows, coverRow{"Date", m.Day()})
	}
	return slices.DeleteFunc(rows, func(r coverRow) bool { return r.value == "" })
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
