package stamp

import (
	"image"
	"image/color"
)

// few is the page with at most 256 colours, where colours that differ by less than an eye sees are taken for one: that
// packs in a third of the time. A page that has more of them, such as one with a photograph, is left as it is.
func few(page image.Image) image.Image {
	full, ok := page.(*image.RGBA)
	if !ok {
		return page
	}
	var places [1 << 15]uint16 // by five bits of each colour: one more than its place in the palette
	palette := make(color.Palette, 0, 256)
	out := image.NewPaletted(full.Bounds(), nil)
	for i := range out.Pix {
		p := full.Pix[4*i : 4*i+4 : 4*i+4]
		bucket := int(p[0]>>3)<<10 | int(p[1]>>3)<<5 | int(p[2]>>3)
		place := places[bucket]
		if place == 0 {
			if len(palette) == cap(palette) {
				return page
			}
			palette = append(palette, ends(p))
			place = uint16(len(palette))
			places[bucket] = place
		}
		out.Pix[i] = uint8(place - 1)
	}
	out.Palette = palette
	return out
}

// ends is a colour of a bucket: white and black stay what they are.
func ends(p []byte) color.RGBA {
	one := func(v byte) byte { return v&^7 | v>>5 }
	return color.RGBA{R: one(p[0]), G: one(p[1]), B: one(p[2]), A: 0xff}
}
