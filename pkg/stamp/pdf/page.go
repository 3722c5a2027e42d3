package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/stamp/face"
	"chancery.example/gateway/pkg/stamp/mark"
)

// maxContent is how much the content of a page, or metadata, unfolds to at most, in bytes.
const maxContent = 48 << 20

// maxSide is the longest side that readers take for a page, in units (ISO 32000-1, annex C).
const maxSide = 14_400

// markForm is the mark as a form XObject.
type markForm struct {
	ref   types.IndirectRef
	frame pageFrame
}

// form makes one for each size of page.
func (s *pageStamper) form(g geometry) (markForm, error) {
	key := formKey{g.box.LL.X, g.box.LL.Y, g.box.UR.X, g.box.UR.Y, g.unit, g.rotate}
	if f, ok := s.forms[key]; ok {
		return f, nil
	}
	width, height := g.uprightSize()
	d := layOut(s.mark, width, height, maxSide*g.unit)
	m := g.matrix()
	ref, err := s.stream(d.content, types.Dict{
		"Type": types.Name("XObject"), "Subtype": types.Name("Form"),
		"BBox":   numbers(-d.side, -d.bottom, width+d.side, height+d.top),
		"Matrix": numbers(m[:]...),
		"Resources": types.Dict{
			"Font":      types.Dict{"ChR": coreFont(face.Regular), "ChB": coreFont(face.Bold)},
			"ExtGState": types.Dict{"ChVeil": opacity(veil), "ChFaint": opacity(repeatShade), "ChFull": opacity(1)},
		},
	})
	if err != nil {
		return markForm{}, err
	}
	f := markForm{ref: ref, frame: d.pageFrame}
	s.forms[key] = f
	return f, nil
}

func numbers(values ...float64) types.Array {
	a := types.Array{}
	for _, v := range values {
		a = append(a, types.Float(v))
	}
	return a
}

func coreFont(name string) types.Dict {
	return types.Dict{"Type": types.Name("Font"), "Subtype": types.Name("Type1"), "BaseFont": types.Name(name),
		"Encoding": types.Name("WinAnsiEncoding")}
}

func opacity(v float64) types.Dict {
	return types.Dict{"Type": types.Name("ExtGState"), "ca": types.Float(v), "CA": types.Float(v),
		"BM": types.Name("Normal"), "SMask": types.Name("None")}
}

// stream adds a new stream object.
func (s *pageStamper) stream(content []byte, d types.Dict) (types.IndirectRef, error) {
	sd, err := s.ctx.NewStreamDictForBuf(content)
	if err != nil {
		return types.IndirectRef{}, fmt.Errorf("content: %w", err)
	}
	for k, v := range d {
		sd.Dict[k] = v
	}
	if err := sd.Encode(); err != nil {
		return types.IndirectRef{}, fmt.Errorf("content: %w", err)
	}
	ref, err := s.ctx.IndRefForNewObject(*sd)
	if err != nil {
		return types.IndirectRef{}, fmt.Errorf("content: %w", err)
	}
	return *ref, nil
}

// small is a content stream that many pages use.
func (s *pageStamper) small(content string) (types.IndirectRef, error) {
	if ref, ok := s.streams[content]; ok {
		return ref, nil
	}
	ref, err := s.stream([]byte(content), nil)
	if err == nil {
		s.streams[content] = ref
	}
	return ref, err
}

// addResource gives the page resources of its own, with the mark under a name that it does not use yet.
func (s *pageStamper) addResource(page types.Dict, at inherited, mark types.IndirectRef) (string, error) {
	resources, err := s.ctx.DereferenceDict(at.resources)
	if err != nil || resources == nil {
		resources = types.NewDict()
	}
	objects, err := s.ctx.DereferenceDict(resources["XObject"])
	if err != nil || objects == nil {
		objects = types.NewDict()
	}
	resources, objects = shallow(resources), shallow(objects)
	name := freeName(objects, "ChMark")
	objects[name] = mark
	resources["XObject"] = objects
	page["Resources"] = resources
	return name, nil
}

func shallow(d types.Dict) types.Dict {
	out := types.NewDict()
	for k, v := range d {
		out[k] = v
	}
	return out
}

// addContent puts the page's own content between q and Q and draws the mark after it; and lets the page grow. Content
// that readers may read in several ways goes into a form of its own, whose end is its end for all of them.
func (s *pageStamper) addContent(page types.Dict, at inherited, name string, g geometry, f pageFrame) error {
	parts, content, whole, err := s.pageContent(page["Contents"])
	if err != nil {
		return err
	}
	b := weigh(content)
	s.words.page(s.ctx, s.pages, at, content, g)
	switch {
	case b.unclear:
		if parts, err = s.enclosed(page, content); err != nil {
			return err
		}
		b = balance{}
	case len(b.surplus) > 0 || !whole:
		// A Q without its q would undo the q that is put before the content.
		for _, i := range b.surplus {
			content[i] = ' '
		}
		one, err := s.stream(content, nil)
		if err != nil {
			return err
		}
		parts = types.Array{one}
	}
	before, err := s.small("q\n")
	if err != nil {
		return err
	}
	after, err := s.small(string(b.closing()) + "Q\nq /" + name + " Do Q\n")
	if err != nil {
		return err
	}
	page["Contents"] = append(append(types.Array{before}, parts...), after)
	grow(page, g, f)
	return nil
}

// enclosed puts content into a form XObject with the resources of the page, and gives content that draws it.
func (s *pageStamper) enclosed(page types.Dict, content []byte) (types.Array, error) {
	resources, _ := page["Resources"].(types.Dict) // addResource made it
	const everything = 1e6
	form, err := s.stream(content, types.Dict{"Type": types.Name("XObject"), "Subtype": types.Name("Form"),
		"BBox": numbers(-everything, -everything, everything, everything), "Resources": shallow(resources)})
	if err != nil {
		return nil, err
	}
	objects, _ := resources["XObject"].(types.Dict)
	name := freeName(objects, "ChPage")
	objects[name] = form
	one, err := s.small("/" + name + " Do\n")
	return types.Array{one}, err
}

// freeName is one that the dictionary does not use yet.
func freeName(d types.Dict, base string) string {
	name := base
	for n := 0; d.HasEntry(name); n++ {
		name = fmt.Sprintf("%s%d", base, n)
	}
	return name
}

// grow enlarges the boxes of a page that is too small for the mark.
func grow(page types.Dict, g geometry, f pageFrame) {
	if f.top == 0 {
		return
	}
	r := g.toUser(-f.side, -f.bottom, f.width+f.side, f.height+f.top)
	box := numbers(r.LL.X, r.LL.Y, r.UR.X, r.UR.Y)
	page["MediaBox"], page["CropBox"] = box, box
}

// pageContent is the page's streams, and all they hold, decoded as far as it can be; whole tells that every reader
// unfolds them so. Elements that are no streams are left out, as readers do.
func (s *pageStamper) pageContent(o types.Object) (kept types.Array, all []byte, whole bool, err error) {
	var parts types.Array
	switch resolved, _ := s.ctx.Dereference(o); v := resolved.(type) {
	case types.StreamDict:
		parts = types.Array{o}
	case types.Array:
		parts = v
	}
	whole = true
	for _, part := range parts {
		sd, _, err := s.ctx.DereferenceStreamDict(part)
		if err != nil || sd == nil {
			continue
		}
		kept = append(kept, part)
		text, ok := decodedStream(*sd)
		if !ok && text == nil && len(sd.Raw) > 0 {
			return nil, nil, false, mark.Refuse(mark.Damaged, "the content of a page cannot be unfolded")
		}
		whole = whole && ok
		all = append(append(all, text...), '\n')
		if len(all) > maxContent {
			return nil, nil, false, mark.Refuse(mark.TooLarge, "the content of a page unfolds to more than %d MiB",
				maxContent>>20)
		}
	}
	return kept, all, whole, nil
}

// decodedStream works on a copy, so that the stream itself is written as it was read. What is longer than maxContent
// is cut off behind it, at least by a byte. whole: it is not compressed or compressed without a fault, so that all
// readers agree on it.
func decodedStream(sd types.StreamDict) (text []byte, whole bool) {
	if len(sd.FilterPipeline) == 0 {
		return sd.Raw, true
	}
	sole := sd.FilterPipeline[0].Name == "FlateDecode" && len(sd.FilterPipeline) == 1
	inflated, faultless := []byte(nil), false
	if sole {
		inflated, faultless = inflate(sd.Raw)
		if sd.FilterPipeline[0].DecodeParms == nil {
			return inflated, faultless
		}
	}
	if b, err := sd.DecodeLengthWithLimit(-1, maxContent+1); err == nil && b != nil {
		return b, faultless
	}
	return nil, false
}

// inflate gives what can be read.
func inflate(raw []byte) (text []byte, faultless bool) {
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, false
	}
	text, err = io.ReadAll(io.LimitReader(r, maxContent+1))
	return text, err == nil
}
