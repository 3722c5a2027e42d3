package office

import (
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp/mark"
)

// describe writes the mark into the custom properties, and the label into a part that Office keeps when it saves.
func (o *office) describe(m mark.Mark) error {
	if err := o.customProperties(m); err != nil {
		return err
	}
	if m.Label == nil {
		return nil
	}
	content := []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<label xmlns="` + label.Namespace + `">` + xmlText(string(m.Label)) + `</label>`)
	for _, name := range o.labelParts() {
		if o.labelIn(name) != nil {
			o.set(name, content)
			return nil
		}
	}
	main, err := o.mainPart()
	if err != nil {
		return err
	}
	if err := o.addPart(labelPart, "application/xml", content); err != nil {
		return err
	}
	_, err = o.relate(main, relationType+"/customXml", labelPart)
	return err
}

func (o *office) customProperties(m mark.Mark) error {
	name, err := o.customName()
	if err != nil {
		return err
	}
	part, err := o.part(name)
	if err != nil {
		return err
	}
	all, err := elements(part, func(p string) bool { return pathDepth(p) <= 2 })
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errXML
	}
	var edits []edit
	// 0 and 1 are taken, by the dictionary and the code page (MS-OLEPS).
	next := 2
	for _, e := range all[1:] {
		if strings.HasPrefix(e.attribute("name"), "Chancery") {
			edits = append(edits, edit{e.start, e.end, ""})
		}
		var pid int
		if _, err := fmt.Sscan(e.attribute("pid"), &pid); err == nil && pid < 1<<30 {
			next = max(next, pid+1)
		}
	}
	var b strings.Builder
	for _, p := range m.Properties() {
		fmt.Fprintf(&b, `<property xmlns="%s" fmtid="%s" pid="%d" name="%s"><vt:lpwstr `+
			`xmlns:vt="%s">%s</vt:lpwstr></property>`,
			customNamespace, customFormat, next, p.Key, variantTypes, xmlText(p.Value))
		next++
	}
	o.set(name, applyEdits(part, append(edits, all[0].atBack(part, b.String()))))
	return nil
}

// customName finds the part of the custom properties, or adds one.
func (o *office) customName() (string, error) {
	all, err := o.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if strings.HasSuffix(r.kind, "/custom-properties") && o.has(r.target) {
			return r.target, nil
		}
	}
	name := customPart
	for n := 2; o.has(name); n++ {
		name = fmt.Sprintf("docProps/custom%d.xml", n)
	}
	empty := []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<Properties xmlns="` + customNamespace + `" xmlns:vt="` + variantTypes + `"></Properties>`)
	if err := o.addPart(name, customType, empty); err != nil {
		return "", err
	}
	_, err = o.relate("", relationType+"/custom-properties", name)
	return name, err
}

func (o *office) labelParts() []string {
	var out []string
	for name, f := range o.files {
		if strings.HasPrefix(name, "customxml/") && strings.HasSuffix(name, ".xml") &&
			f.UncompressedSize64 < 8*label.MaxSize {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 64)]
}

// label finds the label of an earlier copy.
func (o *office) label() []byte {
	for _, name := range o.labelParts() {
		if l := o.labelIn(name); l != nil {
			return l
		}
	}
	return nil
}

func (o *office) labelIn(name string) []byte {
	part, err := o.part(name)
	if err != nil || len(part) > 8*label.MaxSize {
		return nil
	}
	return label.OfPart(part)
}
