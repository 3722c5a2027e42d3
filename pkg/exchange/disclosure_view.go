package exchange

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/stamp"
	"chancery.example/gateway/pkg/vault"
)

// ErrNoPage: what is read has no page of that number.
var ErrNoPage = stamp.ErrNoPage

// Pages is what a disclosure shows page by page.
type Pages struct {
	Disclosure Disclosure
	Count      int
	Shown      []int // in their order
}

// PageShown is one marked page as a picture.
type PageShown struct {
	Disclosure Disclosure
	Number     int // from 1
	Count      int
	PNG        []byte
}

// showable reports whether marked copies of a version can be shown page by page: as the precheck at deposit saw it.
func showable(v *register.Version) bool {
	return stamp.CanShow(v.MediaType) && (v.Unmarkable == "" || codeWithoutCopy(*v) != codeUnmarked)
}

// Pages tells the person of a disclosure how many pages it shows, decided again, and which were shown. Where the form
// is view they are all that there is to be had; of a marked copy they are another way to read it.
func (g *Gateway) Pages(ctx context.Context, a Actor, id article4.DisclosureID) (Pages, error) {
	w, err := g.viewed(ctx, a, id)
	if err != nil {
		return Pages{}, err
	}
	defer g.views.release(w)
	return permitDisclosure(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure) (Pages, error) {
			shown, _, err := g.register.PagesShown(ctx, v.tx, id)
			return Pages{Disclosure: w.disclosure(v, found), Count: w.view.Pages(), Shown: shown}, err
		})
}

// Page shows one marked page as a picture. The rules are asked again, after the page is drawn and behind the locks, so
// that a withdrawal is seen at the next page; and that it was shown is written down before it leaves. The completion of
// the disclosure names the pages.
func (g *Gateway) Page(ctx context.Context, a Actor, id article4.DisclosureID, n int) (PageShown, error) {
	w, drawn, err := g.draw(ctx, a, id, n)
	if w == nil {
		return PageShown{}, err
	}
	defer g.views.release(w)
	if err != nil {
		return PageShown{}, g.notShown(ctx, a, id, err)
	}
	return permitDisclosure(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure) (PageShown, error) {
			err := g.register.ShowPage(ctx, v.tx, id, n, v.at)
			if missingRecord(err) {
				return PageShown{}, fmt.Errorf("disclosure %s: %w", id, ErrOver)
			}
			return PageShown{Disclosure: w.disclosure(v, found), Number: n, Count: w.view.Pages(), PNG: drawn}, err
		})
}

// draw draws a page. Where the process that shows the copy has ended, it tries once more with another.
func (g *Gateway) draw(ctx context.Context, a Actor, id article4.DisclosureID, n int) (*viewing, []byte, error) {
	for again := false; ; again = true {
		w, err := g.viewed(ctx, a, id)
		if err != nil {
			return nil, nil, err
		}
		drawn, err := w.view.Page(ctx, n)
		if err == nil || again || errors.Is(err, ErrNoPage) || ctx.Err() != nil {
			return w, drawn, err
		}
		g.views.release(w)
		g.views.drop(w)
	}
}

// notShown is why a page is not: there is none of that number, or it cannot be drawn, which is a refusal with its
// entry.
func (g *Gateway) notShown(ctx context.Context, a Actor, id article4.DisclosureID, err error) error {
	var refused *stamp.ErrRefused
	switch {
	case errors.Is(err, ErrNoPage):
		return fmt.Errorf("disclosure %s: %w", id, ErrNoPage)
	case !errors.As(err, &refused):
		return err
	}
	g.logger.Warn("page cannot be shown", "disclosure", id, "error", err)
	refusal, err := permitDisclosure(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure) (*Refusal, error) {
			return v.noCopy(ctx, found, codeStamp, v.concerned())
		})
	if err != nil {
		return err
	}
	return refusal
}

// viewed is the marked copy of a disclosure, open to be shown to its person. It is opened with the receipts of both
// entries, as for a download, and kept open for a while.
func (g *Gateway) viewed(ctx context.Context, a Actor, id article4.DisclosureID) (*viewing, error) {
	if w := g.views.of(id, a.person); w != nil {
		return w, nil
	}
	t := &Transfer{gateway: g, actor: a}
	err := g.whenMade(ctx, a, id, func() error {
		_, err := permitDisclosure(ctx, g, a, id,
			func(ctx context.Context, v *visit, found register.Disclosure) (bool, error) {
				if found.Form == article4.Original || !stamp.CanShow(v.version.MediaType) {
					return false, errNotShown
				}
				var err error
				t.found, t.parties = found, v.concerned()
				t.version, err = v.handedOut(ctx, found)
				t.made, t.Length = v.made, t.version.Size
				return true, err
			})
		return err
	})
	if errors.Is(err, errNotShown) {
		return nil, g.refuseForm(ctx, a, id)
	}
	if err != nil {
		return nil, err
	}
	return g.views.open(ctx, id, a.person, func() (*viewing, error) { return g.openView(ctx, t) })
}

var errNotShown = errors.New("cannot be shown page by page")

// refuseForm asks the rules for the form that cannot be had, so that the refusal is theirs.
func (g *Gateway) refuseForm(ctx context.Context, a Actor, id article4.DisclosureID) error {
	var found register.Disclosure
	err := g.find(ctx, func(tx *postgres.Tx) error {
		var err error
		found, err = g.register.Disclosure(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	reading := readingOf(found)
	// An original is never shown: pages are those of a marked copy.
	reading.Form, reading.File = article4.View, found.Form == article4.Original
	_, err = perform(ctx, g, a, act[bool]{operation: operation{act: article4.ActDisclose, document: found.Document,
		what: "disclosure", lock: register.ForShare, reading: &reading}, do: permitted})
	if err == nil {
		err = fmt.Errorf("disclosure %s: %w", id, errNotShown)
	}
	return err
}

// openView hands the marked copy to a process that shows it.
func (g *Gateway) openView(ctx context.Context, t *Transfer) (*viewing, error) {
	t.cut = make(chan struct{})
	if err := t.open(ctx); err != nil {
		return nil, g.fault(article4.ActDisclose, err)
	}
	defer t.content.Close()
	view, err := g.stamper.Show(ctx, stamp.Source{Reader: t.content, Size: t.version.Size,
		MediaType: t.version.MediaType})
	var refused *stamp.ErrRefused
	switch {
	case errors.As(err, &refused):
		return nil, g.notShown(ctx, t.actor, t.found.ID, err)
	case err != nil:
		return nil, g.fault(article4.ActDisclose, fmt.Errorf("%w: %w", vault.ErrUnavailable, err))
	}
	return &viewing{
		id:       t.found.ID,
		person:   t.actor.person,
		document: t.found.Document,
		index:    t.Disclosure.LogIndex,
		version:  t.version,
		view:     view,
	}, nil
}

// disclosure is what is told of it beside its pages.
func (w *viewing) disclosure(v *visit, found register.Disclosure) Disclosure {
	out := disclosureView(found, w.version)
	out.LogIndex, out.FormGround = w.index, v.formGround()
	return out
}

// pageList writes pages in their order, those that follow each other together: "1-3,7".
func pageList(pages []int) string {
	var parts []string
	for i := 0; i < len(pages); {
		last := i
		for last+1 < len(pages) && pages[last+1] == pages[last]+1 {
			last++
		}
		part := strconv.Itoa(pages[i])
		if last > i {
			part += "-" + strconv.Itoa(pages[last])
		}
		parts, i = append(parts, part), last+1
	}
	return strings.Join(parts, ",")
}
