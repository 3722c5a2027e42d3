package stamp

import (
	"io"
	"os"
	"strings"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/office"
	"chancery.example/gateway/pkg/stamp/pdf"
	"chancery.example/gateway/pkg/stamp/picture"
)

// marker marks a file in place: it reads in, and writes the copy to out.
type marker func(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error)

// markers are the media types that are marked in place.
var markers = map[string]marker{
	"application/pdf": pdf.Stamp,
	"image/png":       picture.PNG,
	"image/jpeg":      picture.JPEG,

	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": office.Word,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.template": office.Word,
	"application/vnd.ms-word.document.macroenabled.12":                        office.Word,
	"application/vnd.ms-word.template.macroenabled.12":                        office.Word,

	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":    office.Excel,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.template": office.Excel,
	"application/vnd.ms-excel.sheet.macroenabled.12":                       office.Excel,
	"application/vnd.ms-excel.template.macroenabled.12":                    office.Excel,

	"application/vnd.openxmlformats-officedocument.presentationml.presentation": office.PowerPoint,
	"application/vnd.openxmlformats-officedocument.presentationml.slideshow":    office.PowerPoint,
	"application/vnd.openxmlformats-officedocument.presentationml.template":     office.PowerPoint,
	"application/vnd.ms-powerpoint.presentation.macroenabled.12":                office.PowerPoint,
	"application/vnd.ms-powerpoint.slideshow.macroenabled.12":                   office.PowerPoint,
}

// markerOf takes media types without parameters, in any case (RFC 6838 4.2); nil for what is never altered.
func markerOf(mediaType string) marker { return markers[strings.ToLower(mediaType)] }
