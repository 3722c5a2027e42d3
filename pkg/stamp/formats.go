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

// format says how a child makes itself ready for files of one kind. It opens what it needs before it is confined;
// cache is the directory of compiled code.
type format struct {
	prepare  func(cache string) (marker, error)
	compiled bool // it uses the cache
}

func ready(m marker) format {
	return format{prepare: func(string) (marker, error) { return m, nil }}
}

var pdfFormat = format{
	compiled: true,
	prepare: func(cache string) (marker, error) {
		s, err := pdf.Prepare(cache)
		if err != nil {
			return nil, err
		}
		return s.Stamp, nil
	},
}

// formats are the media types that are marked in place.
var formats = map[string]format{
	"application/pdf": pdfFormat,
	"image/png":       ready(picture.PNG),
	"image/jpeg":      ready(picture.JPEG),

	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ready(office.Word),
	"application/vnd.openxmlformats-officedocument.wordprocessingml.template": ready(office.Word),
	"application/vnd.ms-word.document.macroenabled.12":                        ready(office.Word),
	"application/vnd.ms-word.template.macroenabled.12":                        ready(office.Word),

	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":    ready(office.Excel),
	"application/vnd.openxmlformats-officedocument.spreadsheetml.template": ready(office.Excel),
	"application/vnd.ms-excel.sheet.macroenabled.12":                       ready(office.Excel),
	"application/vnd.ms-excel.template.macroenabled.12":                    ready(office.Excel),

	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ready(office.PowerPoint),
	"application/vnd.openxmlformats-officedocument.presentationml.slideshow":    ready(office.PowerPoint),
	"application/vnd.openxmlformats-officedocument.presentationml.template":     ready(office.PowerPoint),
	"application/vnd.ms-powerpoint.presentation.macroenabled.12":                ready(office.PowerPoint),
	"application/vnd.ms-powerpoint.slideshow.macroenabled.12":                   ready(office.PowerPoint),
}

// formatOf takes media types without parameters, in any case (RFC 6838 4.2).
func formatOf(mediaType string) (format, bool) {
	f, ok := formats[strings.ToLower(mediaType)]
	return f, ok
}
