package pdf

import (
	"fmt"
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/stamp/mark"
)

// inherited are the attributes that a page takes from the nodes above it (ISO 32000-1, 7.7.3.4).
type inherited struct {
	resources, mediaBox, cropBox, rotate types.Object
}

func (i inherited) with(d types.Dict) inherited {
	for key, to := range map[string]*types.Object{"Resources": &i.resources, "MediaBox": &i.mediaBox,
		"CropBox": &i.cropBox,
		"Rotate":  &i.rotate} {
		if o, ok := d.Find(key); ok && o != nil {
			*to = o
		}
	}
	return i
}

// pageStamper walks the tree of pages and marks each page once.
type pageStamper struct {
	ctx     *model.Context
	mark    mark.Mark
	forms   map[formKey]markForm
	streams map[string]types.IndirectRef // small content streams, by their text
	seen    map[int]bool                 // objects of the tree
	words   *wordFinder
	pages   int
	all     int // pages that the file says it has
	told    mark.Teller
}

func (s *pageStamper) tree() error {
	root, err := s.ctx.Pages()
	if err != nil || root == nil {
		return mark.Refuse(mark.Damaged, "it has no tree of pages")
	}
	if d, err := s.ctx.DereferenceDict(*root); err == nil && d != nil {
		if n := d.IntEntry("Count"); n != nil {
			s.all = *n
		}
	}
	return s.node(*root, nil, inherited{}, 0)
}

// node walks on. What the tree of a lenient writer lacks is put in, because the writer of the copy asks for it.
func (s *pageStamper) node(ref types.IndirectRef, parent *types.IndirectRef, above inherited, depth int) error {
	if depth > maxTreeDepth {
		return mark.Refuse(mark.Damaged, "its tree of pages is too deep")
	}
	d, err := s.ctx.DereferenceDict(ref)
	if err != nil || d == nil {
		return mark.Refuse(mark.Damaged, "its tree of pages is broken")
	}
	if parent != nil {
		d["Parent"] = *parent
	}
	number := ref.ObjectNumber.Value()
	kids, _ := s.ctx.DereferenceArray(d["Kids"])
	if kids == nil {
		if kind := d.Type(); parent == nil || kind != nil && *kind == "Pages" {
			return mark.Refuse(mark.Damaged, "its tree of pages is broken")
		}
		return s.leaf(d, number, above.with(d))
	}
	if s.seen[number] {
		return mark.Refuse(mark.Damaged, "its tree of pages runs in a circle")
	}
	s.seen[number] = true
	d["Type"] = types.Name("Pages")
	kept := types.Array{}
	for _, kid := range kids {
		child, ok, err := s.kidReference(kid)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := s.node(child, &ref, above.with(d), depth+1); err != nil {
			return err
		}
		kept = append(kept, child)
	}
	d["Kids"] = kept
	return nil
}

// kidReference makes a kid that stands in its parent an object of its own; a kid that is nothing is left out, as
// readers do.
func (s *pageStamper) kidReference(kid types.Object) (types.IndirectRef, bool, error) {
	if ref, ok := kid.(types.IndirectRef); ok {
		o, err := s.ctx.Dereference(ref)
		if err != nil {
			return ref, false, mark.Refuse(mark.Damaged, "its tree of pages is broken")
		}
		_, isDict := o.(types.Dict)
		return ref, isDict, nil
	}
	d, ok := kid.(types.Dict)
	if !ok {
		return types.IndirectRef{}, false, nil
	}
	ref, err := s.ctx.IndRefForNewObject(d)
	if err != nil {
		return types.IndirectRef{}, false, fmt.Errorf("page: %w", err)
	}
	return *ref, true, nil
}

func (s *pageStamper) leaf(d types.Dict, number int, at inherited) error {
	if s.pages++; s.pages > mark.MaxPages {
		return mark.Refuse(mark.TooLarge, "it has more than %d pages", mark.MaxPages)
	}
	s.told.Tell(s.pages, max(s.all, s.pages))
	if s.seen[number] {
		return nil
	}
	s.seen[number] = true
	d["Type"] = types.Name("Page")
	g, err := s.geometry(d, at)
	if err != nil {
		return err
	}
	f, err := s.form(g)
	if err != nil {
		return err
	}
	name, err := s.addResource(d, at, f.ref)
	if err != nil {
		return err
	}
	return s.addContent(d, at, name, g, f.frame)
}

// geometry is what is visible of a page.
type geometry struct {
	box    types.Rectangle // visible part, in user space
	rotate int             // 0, 90, 180, 270, clockwise
	unit   float64         // UserUnit: points in one unit
}

// formKey is a geometry as key of a map.
type formKey struct {
	llx, lly, urx, ury, unit float64
	rotate                   int
}

// letterPaper is the page of a file that does not say how large its pages are.
var letterPaper = types.NewRectangle(0, 0, 612, 792)

func (s *pageStamper) geometry(d types.Dict, at inherited) (geometry, error) {
	g := geometry{unit: 1}
	media := s.rectangle(at.mediaBox)
	if media == nil {
		media = letterPaper
	}
	g.box = *media
	if crop := s.rectangle(at.cropBox); crop != nil {
		g.box = intersect(*media, *crop)
	}
	if g.box.Width() < 0.01 || g.box.Height() < 0.01 {
		g.box = *media
	}
	if number, err := s.ctx.DereferenceNumber(at.rotate); err == nil && at.rotate != nil {
		g.rotate = ((int(number)/90*90)%360 + 360) % 360
	}
	if unit, err := s.ctx.DereferenceNumber(d["UserUnit"]); err == nil && d["UserUnit"] != nil && unit > 0 &&
		unit < 1e6 {
		g.unit = unit
	}
	if !(g.box.Width() <= 1e7 && g.box.Height() <= 1e7) {
		return g, mark.Refuse(mark.Damaged, "a page of it has no size")
	}
	return g, nil
}

func (s *pageStamper) rectangle(o types.Object) *types.Rectangle {
	a, err := s.ctx.DereferenceArray(o)
	if err != nil || len(a) != 4 {
		return nil
	}
	var v [4]float64
	for i := range v {
		if v[i], err = s.ctx.DereferenceNumber(a[i]); err != nil || math.IsNaN(v[i]) || math.Abs(v[i]) > 1e7 {
			return nil
		}
	}
	r := types.NewRectangle(min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3]))
	if r.Width() < 0.01 || r.Height() < 0.01 {
		return nil
	}
	return r
}

func intersect(a, b types.Rectangle) types.Rectangle {
	return *types.NewRectangle(max(a.LL.X, b.LL.X), max(a.LL.Y, b.LL.Y), min(a.UR.X, b.UR.X), min(a.UR.Y, b.UR.Y))
}

// uprightSize is the size of the visible page as it is read, in points.
func (g geometry) uprightSize() (width, height float64) {
	if g.rotate%180 != 0 {
		return g.box.Height() * g.unit, g.box.Width() * g.unit
	}
	return g.box.Width() * g.unit, g.box.Height() * g.unit
}

// matrix takes upright points to user space (ISO 32000-1, 8.3.3).
func (g geometry) matrix() [6]float64 {
	k := 1 / g.unit
	switch g.rotate {
	case 90:
		return [6]float64{0, k, -k, 0, g.box.UR.X, g.box.LL.Y}
	case 180:
		return [6]float64{-k, 0, 0, -k, g.box.UR.X, g.box.UR.Y}
	case 270:
		return [6]float64{0, -k, k, 0, g.box.LL.X, g.box.UR.Y}
	}
	return [6]float64{k, 0, 0, k, g.box.LL.X, g.box.LL.Y}
}

// toUser maps an upright rectangle to user space.
func (g geometry) toUser(llx, lly, urx, ury float64) *types.Rectangle {
	m := g.matrix()
	x1, y1 := m[0]*llx+m[2]*lly+m[4], m[1]*llx+m[3]*lly+m[5]
	x2, y2 := m[0]*urx+m[2]*ury+m[4], m[1]*urx+m[3]*ury+m[5]
	return types.NewRectangle(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
}
