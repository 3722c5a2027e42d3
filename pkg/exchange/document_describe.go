package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Describe shows a document: whole, or the stub, with what the caller could do now and every reason why not.
// Without standing the answer is that of an absent document.
func (g *Gateway) Describe(ctx context.Context, a Actor, id article4.DocumentID) (Document, error) {
	return perform(ctx, g, a, act[Document]{
		operation: operation{act: article4.ActDescribe, document: id, what: "document", reading: &Reading{}},
		do: func(ctx context.Context, v *visit) (Document, error) {
			out, err := v.documentView(v.reads(ctx))
			if err != nil {
				return Document{}, err
			}
			if out.State, err = v.documentState(ctx, out.Whole); err != nil {
				return Document{}, err
			}
			out.Permissions, err = v.permissions(ctx)
			return out, err
		}})
}

// described answers the repetition of a change of a document.
func (g *Gateway) described(a Actor, id article4.DocumentID) func(context.Context, string) (Document, error) {
	return func(ctx context.Context, _ string) (Document, error) { return g.Describe(ctx, a, id) }
}

// reads is the way of one document to its version.
func (v *visit) reads(ctx context.Context) func(article4.VersionID) (register.Version, error) {
	return func(id article4.VersionID) (register.Version, error) { return v.register.Version(ctx, v.tx, id) }
}

// documentView needs Access to be loaded.
func (v *visit) documentView(read func(article4.VersionID) (register.Version, error)) (Document, error) {
	d := *v.document
	seen, whole := article4.WholeVersion(v.facts)
	if !whole {
		return stub(d), nil
	}
	version, err := read(seen)
	if err != nil {
		return Document{}, err
	}
	return wholeDocument(d, version, v.actor.organisation.ID == d.Discloser), nil
}

func (v *visit) permission(d article4.Ruling) Permission {
	return Permission{Allowed: d.Permit, Reasons: v.forCaller(d.Reasons), Nearest: v.shownNearest(d), Forms: d.Forms}
}

// formGround is why the form that was decided on is handed out.
func (v *visit) formGround() article4.FormGround {
	if v.ruling.Forms == nil {
		return ""
	}
	return v.ruling.Forms.Ground
}
