package picture

import (
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/draw"

	"chancery.example/gateway/pkg/stamp/mark"
)

const shownArea = 4 << 20 // pixels of a picture that is shown

// Shown is a marked picture, which is its own only page.
type Shown struct {
	format format
	page   image.Image
}

// ShownPNG and ShownJPEG show what PNG and JPEG have marked.
func ShownPNG() *Shown { return &Shown{format: format{config: png.DecodeConfig, decode: png.Decode}} }
func ShownJPEG() *Shown {
	return &Shown{format: format{config: jpeg.DecodeConfig, decode: jpeg.Decode}}
}

// Open takes the file. The marked picture is larger than its original by its bands.
func (s *Shown) Open(in *io.SectionReader, l mark.Limits) (pages int, err error) {
	l.MaxPixels *= 2
	full, err := s.format.decodePicture(in, l)
	if err != nil {
		return 0, err
	}
	s.page = scaled(full)
	return 1, nil
}

// Page is the picture.
func (s *Shown) Page(int) (image.Image, error) { return s.page, nil }

// scaled is a picture no larger than what is shown of one, on white.
func scaled(full image.Image) image.Image {
	size := full.Bounds().Size()
	scale := min(1, math.Sqrt(shownArea/(float64(size.X)*float64(size.Y))))
	to := image.Rect(0, 0, max(1, int(float64(size.X)*scale)), max(1, int(float64(size.Y)*scale)))
	out := image.NewRGBA(to)
	draw.Draw(out, to, image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, to, full, full.Bounds(), draw.Over, nil)
	return out
}
