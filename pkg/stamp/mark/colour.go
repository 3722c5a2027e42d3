package mark

import "fmt"

// Colour is one of the two that marks are drawn in.
type Colour struct{ Red, Green, Blue uint8 }

var (
	alarm = Colour{Red: 0x8c, Green: 0x0d, Blue: 0x14} // dark red: protected
	calm  = Colour{Red: 0x3a, Green: 0x55, Blue: 0x66} // slate: neither confidential nor restricted

	// Ink is the colour of the small print.
	Ink = Colour{Red: 0x26, Green: 0x26, Blue: 0x26}
)

// Colour is that of the marking word and of the rules beside it. Confidential and restricted are not ranked, so they
// share one; non-confidential does not look like either.
func (m Mark) Colour() Colour {
	if m.Protected() {
		return alarm
	}
	return calm
}

// Hex is the colour as Office files write it.
func (c Colour) Hex() string { return fmt.Sprintf("%02X%02X%02X", c.Red, c.Green, c.Blue) }

// PDF is the colour as the operands of rg and RG.
func (c Colour) PDF() string {
	return fmt.Sprintf("%.3f %.3f %.3f", float64(c.Red)/255, float64(c.Green)/255, float64(c.Blue)/255)
}
