package office

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/stamp/mark"
)

// relation is one line of a part's relationships.
type relation struct{ id, kind, target string }

// relationsName is the part that holds the relationships of a part; of the package itself for an empty name.
func relationsName(part string) string {
	if part == "" {
		return rootRelations
	}
	return path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
}

// relations reads them, with targets as names of parts. External ones are left out.
func (o *office) relations(part string) ([]relation, error) {
	name := relationsName(part)
	if !o.has(name) {
		return nil, nil
	}
	text, err := o.part(name)
	if err != nil {
		return nil, err
	}
	found, err := elements(text, func(p string) bool { return pathDepth(p) == 2 })
	if err != nil {
		return nil, err
	}
	var out []relation
	for _, e := range found {
		if strings.EqualFold(e.attribute("TargetMode"), "External") {
			continue
		}
		target := e.attribute("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", path.Dir(part), target)
		}
		out = append(out, relation{e.attribute("Id"), e.attribute("Type"), strings.TrimPrefix(path.Clean(target), "/")})
	}
	return out, nil
}

// relate adds a relationship and gives its id.
func (o *office) relate(part, kind, target string) (string, error) {
	name := relationsName(part)
	existing, err := o.relations(part)
	if err != nil {
		return "", err
	}
	id := ""
	for n := 1; id == "" || slices.ContainsFunc(existing, func(r relation) bool { return r.id == id }); n++ {
		id = fmt.Sprintf("rIdChancery%d", n)
	}
	text := []byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + `<Relationships xmlns="` +
		packageRelations + `"></Relationships>`)
	if o.has(name) {
		if text, err = o.part(name); err != nil {
			return "", err
		}
	}
	root, err := rootOf(text)
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf(`<Relationship xmlns="%s" Id="%s" Type="%s" Target="/%s"/>`, packageRelations, id, kind,
		xmlText(target))
	o.set(name, applyEdits(text, []edit{root.atBack(text, line)}))
	return id, nil
}

// mainPart is what the package is about.
func (o *office) mainPart() (string, error) {
	all, err := o.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if strings.HasSuffix(r.kind, "/relationships/officeDocument") && o.has(r.target) {
			return r.target, nil
		}
	}
	return "", mark.Refuse(mark.Damaged, "it has no main part")
}
