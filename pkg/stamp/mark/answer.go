package mark

import "io"

// Limits are what one child keeps to. Sizes are in bytes.
type Limits struct {
	MaxMemory int64 `json:"maxMemory"`
	MaxInput  int64 `json:"maxInput"`
	MaxOutput int64 `json:"maxOutput"`
	MaxPixels int64 `json:"maxPixels"`
	MaxCPU    int64 `json:"maxCPU"` // seconds
	Text      bool  `json:"text"`   // the answer says what text can be read in the file

	Told io.Writer `json:"-"` // where the child says how far it is; nil: nowhere
}

// Answer is what the child says. It stands behind the copy, in one anonymous file: the copy, the answer in JSON,
// eight bytes of its length.
type Answer struct {
	Pages    int         `json:"pages"`
	Label    []byte      `json:"label"`
	Words    []string    `json:"words"`
	Warnings []Warning   `json:"warnings"`
	Text     string      `json:"text"`
	Refused  *ErrRefused `json:"refused"`
}
