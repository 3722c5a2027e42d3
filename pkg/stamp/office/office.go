// Package office marks Word, Excel and PowerPoint files of ECMA-376 (OOXML) in place.
package office

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	maxParts      = 20_000
	typesPart     = "[Content_Types].xml"
	rootRelations = "_rels/.rels"
	customPart    = "docProps/custom.xml"
	labelPart     = "customXml/chancery-label.xml"

	relationType     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageRelations = "http://schemas.openxmlformats.org/package/2006/relationships"
	customType       = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
	customNamespace  = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
	variantTypes     = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
	customFormat     = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
)

// office is an OOXML file (ECMA-376) that is being edited. Parts that are not edited are copied as they are,
// compressed and unread: macros among them, and whatever would unfold without end.
type office struct {
	files   map[string]*zip.File // by name in lower case: names of parts are compared so (ECMA-376-2, 6.2.2.3)
	order   []*zip.File
	changed map[string][]byte // by name in lower case
	added   []string
	maxPart int64
	kinds   map[string]string // content type of each part, by name in lower case
}

// Word marks a Word file in place.
func Word(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	return stamp((*office).markWord, in, out, m, l)
}

// Excel marks an Excel file in place.
func Excel(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	return stamp((*office).markSheets, in, out, m, l)
}

// PowerPoint marks a PowerPoint file in place.
func PowerPoint(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	return stamp((*office).markSlides, in, out, m, l)
}

// marker marks the pages, sheets or slides, and tells how many there are.
type marker func(*office, mark.Mark, *mark.WordSet) (int, error)

func stamp(pages marker, in *io.SectionReader, out io.Writer, m mark.Mark, l mark.Limits) (mark.Answer, error) {
	o, err := openOffice(in, l)
	if err != nil {
		return mark.Answer{}, err
	}
	a := mark.Answer{Label: o.label(), Warnings: o.warnings()}
	var words mark.WordSet
	a.Pages, err = pages(o, m, &words)
	a.Words = words.Found()
	if err == nil {
		err = o.describe(m)
	}
	if err != nil {
		return a, officeRefusal(err)
	}
	w := bufio.NewWriterSize(out, 256<<10)
	if err := o.write(w); err != nil {
		return a, officeRefusal(err)
	}
	return a, w.Flush()
}

func officeRefusal(err error) error {
	switch {
	case errors.Is(err, errDoctype):
		return mark.Refuse(mark.Unsupported, "a part of it has a document type, which these formats do not allow")
	case errors.Is(err, errXML), errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum),
		errors.Is(err, zip.ErrAlgorithm),
		errors.Is(err, io.ErrUnexpectedEOF):
		return mark.Refuse(mark.Damaged, "a part of it cannot be read")
	}
	return err
}

func openOffice(in *io.SectionReader, l mark.Limits) (*office, error) {
	z, err := zip.NewReader(in, in.Size())
	if err != nil {
		return nil, mark.Refuse(mark.Damaged, "it cannot be read as an Office file")
	}
	if len(z.File) > maxParts {
		return nil, mark.Refuse(mark.TooLarge, "it has more than %d parts", maxParts)
	}
	o := &office{files: map[string]*zip.File{}, changed: map[string][]byte{}, maxPart: l.MaxMemory / 6,
		kinds: map[string]string{}}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if leadsOut(name) {
			return nil, mark.Refuse(mark.Damaged, "a part of it has a name that leads out of the file")
		}
		if o.files[name] != nil {
			return nil, mark.Refuse(mark.Damaged, "two parts of it have one name")
		}
		o.files[name] = f
		o.order = append(o.order, f)
	}
	if err := o.readTypes(); err != nil {
		return nil, officeRefusal(err)
	}
	return o, nil
}

// leadsOut: no segment of a part's name climbs, nor does the name begin at a root (ECMA-376-2, 6.2.2.2); what says so
// is no Office file, and whoever unpacks it writes where it says.
func leadsOut(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' ||
		slices.Contains(strings.Split(name, "/"), "..")
}

// readTypes reads which part is what.
func (o *office) readTypes() error {
	part, err := o.part(typesPart)
	if err != nil {
		return err
	}
	found, err := elements(part, func(p string) bool { return pathDepth(p) == 2 })
	if err != nil {
		return err
	}
	defaults := map[string]string{}
	for _, e := range found {
		if e.local == "Default" {
			defaults[strings.ToLower(e.attribute("Extension"))] = e.attribute("ContentType")
		}
	}
	for name := range o.files {
		o.kinds[name] = defaults[strings.TrimPrefix(path.Ext(name), ".")]
	}
	for _, e := range found {
		if e.local == "Override" {
			o.kinds[strings.ToLower(strings.TrimPrefix(e.attribute("PartName"), "/"))] = e.attribute("ContentType")
		}
	}
	return nil
}

// ofKind lists the parts whose content type ends so, sorted by name.
func (o *office) ofKind(endings ...string) []string {
	var out []string
	for name, kind := range o.kinds {
		if o.files[name] != nil && slices.ContainsFunc(endings,
			func(e string) bool { return strings.HasSuffix(kind, e) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// warnings are found by the names and kinds of parts, and by what they say that they load; a signature over the macros
// alone stays valid.
func (o *office) warnings() []mark.Warning {
	found := map[mark.Warning]bool{
		mark.MacroSheet: len(o.ofKind("macrosheet+xml")) > 0,
		mark.Scripts:    len(o.ofKind("vbaProject", "activeX+xml", "macrosheet+xml")) > 0,
		mark.External:   o.loads(),
	}
	for name := range o.files {
		if strings.HasPrefix(name, "_xmlsignatures/") && strings.HasSuffix(name, ".xml") {
			found[mark.Signature] = true
		}
		if strings.Contains(name, "/embeddings/") {
			found[mark.Attachments] = true
		}
	}
	return mark.Warnings(found)
}

// loads reports whether a part names something outside the package that is loaded without a click: a template, a
// picture, a linked file (ECMA-376-2, 6.5.3.4). A part that cannot be read is refused elsewhere.
func (o *office) loads() bool {
	for name := range o.files {
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		part, err := o.part(name)
		if err != nil {
			continue
		}
		found, err := elements(part, func(p string) bool { return pathDepth(p) == 2 })
		if err == nil && slices.ContainsFunc(found, loadsByItself) {
			return true
		}
	}
	return false
}

func loadsByItself(e element) bool {
	return e.local == "Relationship" && strings.EqualFold(e.attribute("TargetMode"), "External") &&
		!strings.HasSuffix(e.attribute("Type"), "/hyperlink")
}

func (o *office) has(name string) bool {
	name = strings.ToLower(name)
	return o.changed[name] != nil || o.files[name] != nil
}

// part reads a part, at most maxPart bytes of it, whatever the file says of its size.
func (o *office) part(name string) ([]byte, error) {
	lower := strings.ToLower(name)
	if b := o.changed[lower]; b != nil {
		return b, nil
	}
	f := o.files[lower]
	if f == nil {
		return nil, mark.Refuse(mark.Damaged, "a part of it is missing")
	}
	r, err := f.Open()
	if err != nil {
		return nil, mark.Refuse(mark.Damaged, "a part of it cannot be read")
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, o.maxPart+1))
	switch {
	case int64(len(b)) > o.maxPart:
		return nil, mark.Refuse(mark.TooLarge, "a part of it unfolds to more than %d MiB", o.maxPart>>20)
	case err != nil:
		return nil, mark.Refuse(mark.Damaged, "a part of it cannot be read")
	}
	return b, nil
}

func (o *office) set(name string, content []byte) {
	lower := strings.ToLower(name)
	if o.files[lower] == nil && o.changed[lower] == nil {
		o.added = append(o.added, name)
	}
	o.changed[lower] = content
}

// write keeps the order of the parts.
func (o *office) write(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, f := range o.order {
		content, changed := o.changed[strings.ToLower(f.Name)]
		if !changed {
			if err := z.Copy(f); err != nil {
				return err
			}
			continue
		}
		if err := writePart(z, f.Name, content); err != nil {
			return err
		}
	}
	for _, name := range o.added {
		if err := writePart(z, name, o.changed[strings.ToLower(name)]); err != nil {
			return err
		}
	}
	return z.Close()
}

// firstZipDay is the earliest date of the format: the parts that we write bear no time of their own.
var firstZipDay = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func writePart(z *zip.Writer, name string, content []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: firstZipDay})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// addPart adds a new part with its content type.
func (o *office) addPart(name, kind string, content []byte) error {
	types, err := o.part(typesPart)
	if err != nil {
		return err
	}
	root, err := rootOf(types)
	if err != nil {
		return err
	}
	override := fmt.Sprintf(`<Override xmlns="http://schemas.openxmlformats.org/package/2006/content-types" `+
		`PartName="/%s" ContentType="%s"/>`,
		xmlText(name), kind)
	o.set(typesPart, applyEdits(types, []edit{root.atBack(types, override)}))
	o.kinds[strings.ToLower(name)] = kind
	o.set(name, content)
	return nil
}

func rootOf(part []byte) (element, error) {
	found, err := elements(part, func(p string) bool { return pathDepth(p) == 1 })
	if err != nil {
		return element{}, err
	}
	if len(found) != 1 {
		return element{}, errXML
	}
	return found[0], nil
}
