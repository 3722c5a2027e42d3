package stamp

import "strings"

type kind int

const (
	kindOther kind = iota
	kindPDF
	kindPNG
	kindJPEG
	kindWord
	kindExcel
	kindPowerPoint
)

var kinds = map[string]kind{
	"application/pdf": kindPDF,
	"image/png":       kindPNG,
	"image/jpeg":      kindJPEG,

	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": kindWord,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.template": kindWord,
	"application/vnd.ms-word.document.macroenabled.12":                        kindWord,
	"application/vnd.ms-word.template.macroenabled.12":                        kindWord,

	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":    kindExcel,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.template": kindExcel,
	"application/vnd.ms-excel.sheet.macroenabled.12":                       kindExcel,
	"application/vnd.ms-excel.template.macroenabled.12":                    kindExcel,

	"application/vnd.openxmlformats-officedocument.presentationml.presentation": kindPowerPoint,
	"application/vnd.openxmlformats-officedocument.presentationml.slideshow":    kindPowerPoint,
	"application/vnd.openxmlformats-officedocument.presentationml.template":     kindPowerPoint,
	"application/vnd.ms-powerpoint.presentation.macroenabled.12":                kindPowerPoint,
	"application/vnd.ms-powerpoint.slideshow.macroenabled.12":                   kindPowerPoint,
}

// kindOf takes media types without parameters, in any case (RFC 6838 4.2).
func kindOf(mediaType string) kind { return kinds[strings.ToLower(mediaType)] }
