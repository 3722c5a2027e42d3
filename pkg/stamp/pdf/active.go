package pdf

import (
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/stamp/mark"
)

// maxNesting is how many direct objects in each other are looked into; pdfcpu reads no deeper ones.
const maxNesting = 64

// active looks in one object, and the direct ones within it, for what does something when the file is opened or used:
// scripts (ISO 32000-1, 12.6.4.16), and actions that start a program, open another file, or send or fetch data
// (12.6.4.5, 12.7.5). A link that a reader clicks is not one of them.
func active(ctx *model.Context, o types.Object, found map[mark.Warning]bool, depth int) {
	if depth > maxNesting {
		return
	}
	switch o := o.(type) {
	case types.StreamDict:
		active(ctx, o.Dict, found, depth)
	case types.Array:
		for _, one := range o {
			active(ctx, one, found, depth+1)
		}
	case types.Dict:
		if o["JS"] != nil || o["JavaScript"] != nil || isName(ctx, o["S"], "JavaScript") ||
			isName(ctx, o["Subtype"], "RichMedia", "3D") {
			found[mark.Scripts] = true
		}
		if isName(ctx, o["S"], "Launch", "SubmitForm", "ImportData") {
			found[mark.Launch] = true
		}
		if leads(ctx, o["OpenAction"]) || triggered(ctx, o["AA"]) {
			found[mark.Launch] = true
		}
		for _, one := range o {
			active(ctx, one, found, depth+1)
		}
	}
}

// triggered reports whether one of the actions that something else than a click triggers (12.6.3) leads elsewhere.
func triggered(ctx *model.Context, o types.Object) bool {
	d, err := ctx.DereferenceDict(o)
	if err != nil {
		return false
	}
	for _, one := range d {
		if leads(ctx, one) {
			return true
		}
	}
	return false
}

// leads reports whether an action leads to another file or an address.
func leads(ctx *model.Context, o types.Object) bool {
	o, err := ctx.Dereference(o)
	if err != nil {
		return false
	}
	d, isAction := o.(types.Dict)
	return isAction && isName(ctx, d["S"], "URI", "GoToR", "GoToE", "Thread")
}

// isName reports whether an object is one of the names, written with or without escapes (7.3.5).
func isName(ctx *model.Context, o types.Object, names ...string) bool {
	o, err := ctx.Dereference(o)
	name, is := o.(types.Name)
	if err != nil || !is {
		return false
	}
	plain, err := types.DecodeName(string(name))
	return err == nil && slices.Contains(names, plain)
}
