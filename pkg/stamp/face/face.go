// Package face measures and encodes the text of marks for the core fonts of PDF, which every reader has.
package face

import "github.com/pdfcpu/pdfcpu/pkg/font"

// The fonts, by their names in PDF.
const (
	Regular = "Helvetica"
	Bold    = "Helvetica-Bold"
)

// TextWidth is in points.
func TextWidth(name string, size float64, s string) float64 {
	w, err := font.TextWidthFloat(string(WinAnsi(s)), name, size)
	if err != nil {
		return size * float64(len(s)) * 0.6
	}
	return w
}
