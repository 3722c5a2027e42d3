// Package picture marks PNG and JPEG pictures: a band above and one below, outside the picture.
package picture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	maxPictureSide  = 60_000 // pixels: a JPEG file has at most 65,535, and the bands need some
	minPictureWidth = 420    // pixels that a marked picture has at least
	jpegQuality     = 92
)

// PNG sets the picture between two bands. The picture itself is decoded and encoded again, but no pixel of it is
// drawn over.
func PNG(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	// What describes colours comes before palette and pixels (PNG 5.6).
	const signatureAndHeader = 8 + 25
	return stamp(format{
		readHead: readPNGHead,
		config:   png.DecodeConfig,
		decode:   png.Decode,
		encode:   png.Encode,
		metadata: pngChunks,
		place:    signatureAndHeader,
	}, in, out, m, l)
}

// JPEG does the same, at quality 92.
func JPEG(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	const startOfImage = 2
	return stamp(format{
		readHead: readJPEGHead,
		config:   jpeg.DecodeConfig,
		decode:   jpeg.Decode,
		encode: func(w io.Writer, m image.Image) error {
			return jpeg.Encode(w, m, &jpeg.Options{Quality: jpegQuality})
		},
		metadata: jpegSegments,
		place:    startOfImage,
	}, in, out, m, l)
}

// format is what a picture's kind of file takes to be read and written.
type format struct {
	readHead func(*io.SectionReader) (pictureHead, error)
	config   func(io.Reader) (image.Config, error)
	decode   func(io.Reader) (image.Image, error)
	encode   func(io.Writer, image.Image) error
	metadata func(pictureHead, mark.Mark) []byte
	place    int // of the metadata: behind so many bytes of what encode writes
}

func stamp(f format, in *io.SectionReader, out io.Writer, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	head, err := f.readHead(in)
	if err != nil {
		return mark.Answer{}, err
	}
	a := mark.Answer{Pages: 1, Label: head.label}
	a.Warnings = mark.Warnings(map[mark.Warning]bool{mark.Pictures: head.more})
	picture, err := f.decodePicture(in, l)
	if err != nil {
		return a, err
	}
	framed, err := framePicture(turnUpright(picture, head.orientation), m)
	if err != nil {
		return a, err
	}
	w := bufio.NewWriterSize(out, 256<<10)
	if err := f.encode(&inserter{to: w, after: f.place, insert: f.metadata(head, m)}, framed); err != nil {
		return a, fmt.Errorf("picture: %w", err)
	}
	return a, w.Flush()
}

// decodePicture looks at the size before it decodes: a small file may unfold to any number of pixels.
func (f format) decodePicture(in *io.SectionReader, l mark.Limits) (image.Image, error) {
	c, err := f.config(bufio.NewReader(io.NewSectionReader(in, 0, in.Size())))
	switch {
	case err != nil:
		return nil, refusePicture(err)
	case c.Width < 1 || c.Height < 1:
		return nil, mark.Refuse(mark.Damaged, "the picture has no size")
	case int64(c.Width)*int64(c.Height) > l.MaxPixels, c.Width > maxPictureSide, c.Height > maxPictureSide:
		return nil, mark.Refuse(mark.TooLarge, "the picture has %d x %d pixels, and at most %d are marked", c.Width,
			c.Height, l.MaxPixels)
	}
	picture, err := f.decode(bufio.NewReaderSize(io.NewSectionReader(in, 0, in.Size()), 64<<10))
	if err != nil {
		return nil, refusePicture(err)
	}
	return picture, nil
}

func refusePicture(err error) error {
	var p png.UnsupportedError
	var j jpeg.UnsupportedError
	if errors.As(err, &p) || errors.As(err, &j) {
		return mark.Refuse(mark.Unsupported, "its variety of the format is not supported")
	}
	return mark.Refuse(mark.Damaged, "it cannot be read as a picture")
}

// framePicture puts the picture on a larger ground and writes the bands.
func framePicture(picture image.Image, m mark.Mark) (image.Image, error) {
	size := picture.Bounds().Size()
	width := max(size.X, minPictureWidth)
	points := max(11.5, math.Sqrt(float64(size.X)*float64(size.Y))/68)
	points = min(points, float64(width)/34)
	b, err := newPictureBand(m, width, size.Y, points)
	if err != nil {
		return nil, err
	}
	ground := groundFor(picture, image.Rect(0, 0, width, size.Y+2*b.height))
	draw.Draw(ground, ground.Bounds(), image.White, image.Point{}, draw.Src)
	left := (width - size.X) / 2
	place := image.Rect(left, b.height, left+size.X, b.height+size.Y)
	draw.Draw(ground, place, picture, picture.Bounds().Min, draw.Src)
	b.write(ground, 0)
	b.write(ground, b.height+size.Y)
	rule := max(1, int(points/12))
	for _, y := range []int{b.height - rule, b.height + size.Y} {
		draw.Draw(ground, image.Rect(0, y, width, y+rule), image.NewUniform(opaque(m.Colour())), image.Point{},
			draw.Src)
	}
	return ground, nil
}

// groundFor keeps depth and transparency of the picture.
func groundFor(picture image.Image, r image.Rectangle) draw.Image {
	switch picture.(type) {
	case *image.Gray:
		return image.NewGray(r)
	case *image.Gray16:
		return image.NewGray16(r)
	case *image.RGBA64, *image.NRGBA64:
		return image.NewNRGBA64(r)
	case *image.RGBA, *image.YCbCr, *image.CMYK:
		return image.NewRGBA(r)
	}
	return image.NewNRGBA(r)
}

func opaque(c mark.Colour) color.NRGBA { return color.NRGBA{R: c.Red, G: c.Green, B: c.Blue, A: 0xff} }

// pictureBand is the text above and below.
type pictureBand struct {
	width, height int
	pad           int
	word          string
	colour        mark.Colour
	lines         []string
	bold, regular typeface
}

// typeface is a font at one size.
type typeface struct {
	face font.Face
	font *sfnt.Font
}

func newTypeface(data []byte, points float64) (typeface, error) {
	f, err := opentype.Parse(data)
	if err != nil {
		return typeface{}, fmt.Errorf("typeface: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: points, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return typeface{}, fmt.Errorf("typeface: %w", err)
	}
	return typeface{face, f}, nil
}

// shown replaces what the font has no letter for, as winAnsi does.
func (t typeface) shown(s string) string {
	var b bytes.Buffer
	var glyphs sfnt.Buffer
	for _, r := range s {
		if i, err := t.font.GlyphIndex(&glyphs, r); err == nil && i != 0 {
			b.WriteRune(r)
			continue
		}
		for _, c := range face.WinAnsiRune(r) {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

func (t typeface) measure(s string) float64 {
	return float64(font.MeasureString(t.face, s)) / 64
}

func (t typeface) line() int { return t.face.Metrics().Height.Ceil() }

// newPictureBand says as much as there is room for beside a picture of this height: all facts while both bands take
// at most two thirds of it, whose copy it is while they take no more than the picture itself, else one line. What is
// said small is set smaller.
func newPictureBand(m mark.Mark, width, height int, points float64) (pictureBand, error) {
	b, err := bandOf(m.Colour(), m.Heading(), m.Facts(), width, points)
	if err != nil || 3*b.height <= height {
		return b, err
	}
	const small = 10 // pixels
	if b, err = bandOf(m.Colour(), m.Heading(), m.Short(), width, min(points, small)); err != nil ||
		2*b.height <= height {
		return b, err
	}
	return bandOf(m.Colour(), m.Line(), nil, width, min(points, small)/1.3)
}

func bandOf(colour mark.Colour, word string, facts []string, width int, points float64) (pictureBand, error) {
	b := pictureBand{width: width, pad: int(points * 0.6), colour: colour}
	if len(facts) == 0 {
		b.pad = 1
	}
	var err error
	if b.bold, err = newTypeface(gobold.TTF, points*1.4); err != nil {
		return b, err
	}
	if b.regular, err = newTypeface(goregular.TTF, points); err != nil {
		return b, err
	}
	var shown []string
	for _, f := range facts {
		shown = append(shown, b.regular.shown(f))
	}
	b.word = b.bold.shown(word)
	if len(shown) > 0 {
		b.lines = mark.Wrap(shown, float64(width-4*b.pad), b.regular.measure)
	}
	b.height = b.bold.line() + len(b.lines)*b.regular.line() + 2*b.pad
	return b, nil
}

func (b pictureBand) write(on draw.Image, top int) {
	y := top + b.pad
	b.centre(on, b.bold, opaque(b.colour), y, b.word)
	y += b.bold.line()
	for _, line := range b.lines {
		b.centre(on, b.regular, opaque(mark.Ink), y, line)
		y += b.regular.line()
	}
}

func (b pictureBand) centre(on draw.Image, t typeface, c color.Color, top int, s string) {
	x := (b.width - int(t.measure(s))) / 2
	d := font.Drawer{Dst: on, Src: image.NewUniform(c), Face: t.face,
		Dot: fixed.P(max(0, x), top+t.face.Metrics().Ascent.Ceil())}
	d.DrawString(s)
}

// turnUpright turns the picture as its Exif orientation (1 to 8) asks, because the copy's own says nothing any more.
func turnUpright(in image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return in
	}
	r := in.Bounds()
	w, h := r.Dx(), r.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	flat, out := image.NewRGBA(image.Rect(0, 0, w, h)), image.NewRGBA(size)
	draw.Draw(flat, flat.Bounds(), in, r.Min, draw.Src)
	for y := range h {
		for x := range w {
			to := turnedPoint(x, y, w, h, orientation)
			copy(out.Pix[out.PixOffset(to.X, to.Y):][:4], flat.Pix[flat.PixOffset(x, y):][:4])
		}
	}
	return out
}

// turnedPoint is where a pixel of a picture of w by h goes.
func turnedPoint(x, y, w, h, orientation int) image.Point {
	switch orientation {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	}
	return image.Pt(y, w-1-x)
}

// inserter puts bytes into a stream after the first ones.
type inserter struct {
	to     io.Writer
	after  int
	insert []byte
	passed int
}

func (i *inserter) Write(p []byte) (int, error) {
	total := len(p)
	if n := i.after - i.passed; n > 0 {
		n = min(n, len(p))
		if _, err := i.to.Write(p[:n]); err != nil {
			return 0, err
		}
		i.passed += n
		p = p[n:]
	}
	if i.passed == i.after && i.insert != nil {
		if _, err := i.to.Write(i.insert); err != nil {
			return 0, err
		}
		i.insert = nil
	}
	if _, err := i.to.Write(p); err != nil {
		return 0, err
	}
	return total, nil
}
