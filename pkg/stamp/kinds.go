package stamp

import "strings"

type kind int

const (
	kindOther kind = iota
	kindPDF
)

var kinds = map[string]kind{"application/pdf": kindPDF}

// kindOf takes media types without parameters, in any case (RFC 6838 4.2).
func kindOf(mediaType string) kind { return kinds[strings.ToLower(mediaType)] }
