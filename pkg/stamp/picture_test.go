package stamp_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

const (
	pngType  = "image/png"
	jpegType = "image/jpeg"
)

// noise is a picture whose pixels all differ, so that a moved or altered one shows.
func noise(r image.Rectangle) *image.NRGBA {
	random := rand.New(rand.NewPCG(1, 2))
	out := image.NewNRGBA(r)
	for i := range out.Pix {
		out.Pix[i] = byte(random.Uint32())
	}
	return out
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheBandsLieOutsideThePictureAndNoPixelOfItChanges(t *testing.T) {
	for name, in := range map[string]image.Image{
		"colours with transparency": noise(image.Rect(0, 0, 640, 300)),
		"narrow":                    noise(image.Rect(0, 0, 3, 200)),
		"one pixel":                 noise(image.Rect(0, 0, 1, 1)),
		"grey": &image.Gray{Pix: noise(image.Rect(0, 0, 200, 100)).Pix, Stride: 800,
			Rect: image.Rect(0, 0, 700, 100)},
		"sixteen bits": &image.NRGBA64{Pix: noise(image.Rect(0, 0, 1000, 100)).Pix, Stride: 4000,
			Rect: image.Rect(0, 0, 500, 100)},
		"palette": &image.Paletted{Pix: make([]byte, 600*50), Stride: 600, Rect: image.Rect(0, 0, 600, 50),
			Palette: color.Palette{color.NRGBA{10, 20, 30, 255}, color.White}},
	} {
		c, out := stamped(t, stamper(t), source(encodePNG(t, in), pngType, "map.png"), mark)
		got, err := png.Decode(bytes.NewReader(out))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		was, is := in.Bounds().Size(), got.Bounds().Size()
		left, band := (is.X-was.X)/2, (is.Y-was.Y)/2
		if c.Pages != 1 || band < 12 || is.X < 300 {
			t.Errorf("%s: %d pages; %v became %v", name, c.Pages, was, is)
		}
		for y := range was.Y {
			for x := range was.X {
				if w, g := color.NRGBA64Model.Convert(in.At(x, y)),
					color.NRGBA64Model.Convert(got.At(left+x, band+y)); w != g {
					t.Fatalf("%s: the pixel at %d, %d was %v and is %v", name, x, y, w, g)
				}
			}
		}
	}
}

func TestTheBandsAreNoLargerThanThePicture(t *testing.T) {
	full := mark
	full.Authority, full.Handling, full.Proprietary = "authorization of 21 November 2026", "Not to be copied", true
	for _, size := range []image.Point{{100, 100}, {130, 100}, {100, 130}, {400, 40}, {1200, 60}, {3000, 2000}} {
		in := encodePNG(t, noise(image.Rectangle{Max: size}))
		_, out := stamped(t, stamper(t), source(in, pngType, "map.png"), full)
		got, err := png.DecodeConfig(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if bands := got.Height - size.Y; bands > size.Y || bands < 20 {
			t.Errorf("a picture of %v has bands of %d pixels", size, bands)
		}
	}
}

func TestPicturesCarryTheLabelInTheirMetadata(t *testing.T) {
	var j bytes.Buffer
	if err := jpeg.Encode(&j, noise(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	for mediaType, in := range map[string][]byte{pngType: encodePNG(t, noise(image.Rect(0, 0, 400, 300))),
		jpegType: j.Bytes()} {
		_, out := stamped(t, stamper(t), source(in, mediaType, "x"), mark)
		o, err := stamper(t).Probe(context.Background(), source(out, mediaType, "x"))
		if err != nil || !bytes.Equal(o.Label, mark.Label) || !o.Stampable() {
			t.Errorf("%s: %q, %+v, %v", mediaType, o.Label, o, err)
		}
		if _, _, err := image.Decode(bytes.NewReader(out)); err != nil {
			t.Errorf("%s: %v", mediaType, err)
		}
	}
}

// withExif puts an orientation and a place into a JPEG file.
func withExif(file []byte, orientation byte) []byte {
	exif := append([]byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"),
		orientation, 0, 0)
	exif = append(exif, "GPS 50.8N 4.3E"...)
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return slices.Concat(file[:2], segment, file[2:])
}

func TestAPictureTakenSidewaysIsMarkedUprightAndLosesWhereItWasTaken(t *testing.T) {
	in := image.NewRGBA(image.Rect(0, 0, 600, 400))
	for y := range 400 {
		for x := range 600 {
			in.Set(x, y, color.RGBA{byte(x / 3), byte(y / 2), 0, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, in, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	// Where the upper left pixel of the stored picture is shown, by orientation: right, below.
	for orientation, corner := range map[byte][2]bool{1: {false, false}, 2: {true, false}, 3: {true, true},
		4: {false, true},
		5: {false, false}, 6: {true, false}, 7: {true, true}, 8: {false, true}} {
		_, out := stamped(t, stamper(t), source(withExif(b.Bytes(), orientation), jpegType, "x.jpg"), mark)
		if bytes.Contains(out, []byte("GPS 50.8N")) || bytes.Contains(out, []byte("Exif")) {
			t.Errorf("orientation %d: the place is still in it", orientation)
		}
		got, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		size := image.Pt(600, 400)
		if orientation >= 5 {
			size = image.Pt(400, 600)
		}
		left, band := (got.Bounds().Dx()-size.X)/2, (got.Bounds().Dy()-size.Y)/2
		x, y := left+5, band+5
		if corner[0] {
			x = left + size.X - 6
		}
		if corner[1] {
			y = band + size.Y - 6
		}
		if r, g, _, _ := got.At(x, y).RGBA(); r > 0x2000 || g > 0x2000 {
			t.Errorf("orientation %d: the corner at %d, %d is %x, %x", orientation, x, y, r>>8, g>>8)
		}
	}
}

// A file of a few bytes that says it has four billion pixels, and one that has many.
func TestFloodsOfPixelsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	flood := encodePNG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
	binary.BigEndian.PutUint32(flood[16:], 65_535)
	binary.BigEndian.PutUint32(flood[20:], 65_535)
	binary.BigEndian.PutUint32(flood[29:], crc32.ChecksumIEEE(flood[12:29]))
	if r := refusal(t, stamper(t), source(flood, pngType, "x.png")); r.Reason != stamp.TooLarge {
		t.Errorf("got %v", r)
	}
	real := encodePNG(t, image.NewGray(image.Rect(0, 0, 3000, 3000)))
	if r := refusal(t, stamper(t, func(c *stamp.Config) { c.MaxPixels = 1 << 20 }),
		source(real, pngType, "x.png")); r.Reason != stamp.TooLarge {
		t.Errorf("got %v", r)
	}
	stamped(t, stamper(t), source(real, pngType, "x.png"), mark)
}

func TestBrokenAndMovingPicturesAreRefused(t *testing.T) {
	good := encodePNG(t, noise(image.Rect(0, 0, 100, 100)))
	chunk := binary.BigEndian.AppendUint32(append([]byte{0, 0, 0, 8}, "acTL\x00\x00\x00\x02\x00\x00\x00\x00"...), 0)
	binary.BigEndian.PutUint32(chunk[16:], crc32.ChecksumIEEE(chunk[4:16]))
	for name, c := range map[string]struct {
		content   []byte
		mediaType string
		want      stamp.ReasonCode
	}{
		"cut":       {good[:len(good)/2], pngType, stamp.Damaged},
		"not PNG":   {[]byte("hello"), pngType, stamp.Damaged},
		"not JPEG":  {good, jpegType, stamp.Damaged},
		"animation": {slices.Concat(good[:33], chunk, good[33:]), pngType, stamp.Unsupported},
	} {
		if r := refusal(t, stamper(t), source(c.content, c.mediaType, "x")); r.Reason != c.want {
			t.Errorf("%s: %v", name, r)
		}
	}
}
