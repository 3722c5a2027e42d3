package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The ten pages that docs/portal.md shows are there and say what the manual says of them; make pictures keeps what they
// look like.
func TestThePicturesOfTheManual(t *testing.T) {
	t.Parallel()
	p := look(t)
	browser := chromium(t)
	focal := person(t, browser, p.BaseURL, true)
	focal.signIn("wco", "focal.wco")
	focal.says("What waits for you", "Decide on 1 request")
	focal.manual("home")
	focal.at("/documents")
	focal.says("Risk indicators for maritime arrivals")
	focal.manual("documents")
	connecting := focal.href(`table a`, "Connecting two passenger data systems")
	focal.at(connecting)
	focal.says("Who may have it, and on whose word", "Authorized", "What you may do, and what not")
	focal.manual("document")
	focal.at(connecting + "/give")
	focal.says("Passenger data desk", "Samuel Okoro")
	focal.manual("give")
	focal.at("/documents/new")
	focal.says("How is it marked?")
	focal.manual("deposit")
	focal.at("/inbox")
	focal.press(`main a[href^="/inbox/"]`, ".canon")
	focal.says("The text you would give", "Refuse")
	focal.manual("decision")
	focal.at("/arrangement")
	focal.says("Delegations", "Third parties")
	focal.manual("arrangement")

	reader := person(t, browser, p.BaseURL, true)
	reader.signIn("unoct", "staff.unoct")
	reader.at("/documents")
	secret := reader.href(`table a`, "Title not shown")
	reader.at(secret + "/open")
	reader.forces(said("purpose", "art3.a", "statement", "To invite them again"))
	reader.says("This document was not opened", "Nothing was sent", "Ask for access")
	reader.manual("refusal")

	auditor := person(t, browser, p.BaseURL, true)
	auditor.signIn("wco", "auditor.wco")
	auditor.at("/log")
	auditor.says("tried to open", "Your reading of this page is an entry, too")
	auditor.manual("log")
	auditor.press(`tr.refusal td.num a`, `.canon`)
	auditor.says("Why it was refused")
	auditor.manual("entry")
}

// href is where the link with these words leads.
func (s *sight) href(selector, words string) string {
	s.t.Helper()
	all, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll("`+selector+
		`")).map(a => a.getAttribute("href") + " " + a.innerText)`))
	s.must("read links", err)
	for _, one := range all {
		if path, text, _ := strings.Cut(one, " "); strings.Contains(text, words) {
			return path
		}
	}
	s.t.Fatalf("no link says %q: %q", words, all)
	return ""
}

// manual keeps a picture of the page's upper part for the manual, where CHANCERY_MANUAL says where.
func (s *sight) manual(name string) {
	s.t.Helper()
	dir := os.Getenv("CHANCERY_MANUAL")
	if dir == "" {
		return
	}
	data, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	s.must("picture", err)
	s.must("picture", os.WriteFile(filepath.Join(dir, name+".png"), fewColours(s.t, data), 0o644))
}

// fewColours makes a picture of pages small: they have few colours, and the shades at the edges of letters go to the
// nearest.
func fewColours(t *testing.T, data []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	count := map[color.RGBA]int{}
	bounds := from.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[color.RGBAModel.Convert(from.At(x, y)).(color.RGBA)]++
		}
	}
	often := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := color.Palette{}
	for _, one := range often[:min(len(often), 64)] {
		palette = append(palette, one)
	}
	to := image.NewPaletted(bounds, palette)
	draw.Draw(to, bounds, from, bounds.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
