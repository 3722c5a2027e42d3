// Package pdf marks PDF files (ISO 32000-1): each page grows by a band at the top and one at the bottom.
package pdf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"chancery.example/gateway/pkg/stamp/mark"
)

const (
	maxTreeDepth = 60
	maxObjects   = 2_000_000
)

// readPDF reads the file without validating it: readers of PDF are lenient, and so a document that people can read is
// not kept from them. A file that opens with a user password is refused. One that opens without, but forbids changes
// by an owner password, is read: see docs/copies.md.
func readPDF(in io.ReadSeeker, limits mark.Limits) (*model.Context, error) {
	// Otherwise pdfcpu keeps settings and fonts in the user's home.
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.Cmd = model.ADDWATERMARKS
	conf.Offline = true
	conf.Optimize, conf.OptimizeBeforeWriting = false, false
	conf.Limits.MaxStreamBytes, conf.Limits.MaxDecodeBytes = limits.MaxInput, limits.MaxMemory/4
	conf.Limits.MaxObjectCount, conf.Limits.MaxXRefEntries = maxObjects, maxObjects
	ctx, err := api.ReadContext(in, conf)
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword):
		return nil, mark.Refuse(mark.Password, "it, or a part of it, opens with a password only")
	case err != nil && errors.Is(err, pdfcpu.ErrUnsupportedEncryptionFeature):
		return nil, mark.Refuse(mark.Unsupported, "its encryption is not supported")
	case err != nil:
		return nil, mark.Refuse(mark.Damaged, "it cannot be read as a PDF file")
	}
	unfold(ctx)
	return ctx, nil
}

// unfold makes the objects of object streams objects like all others: the writer does not follow what they refer to.
// One that cannot be parsed is the null object, as it is to readers.
func unfold(ctx *model.Context) {
	for _, entry := range ctx.Table {
		entry.Valid = true // the writer leaves out pages that were not validated
		lazy, ok := entry.Object.(types.LazyObjectStreamObject)
		if !ok {
			continue
		}
		o, err := lazy.DecodedObject(context.Background())
		if err != nil {
			o = nil
		}
		entry.Object = o
	}
}

// write writes in to out with the mark on each page. The file is written as a whole: an update appended to it could be
// cut off again, and the unmarked document would be back.
func write(in io.ReadSeeker, out *os.File, m mark.Mark, limits mark.Limits) (mark.Answer, error) {
	ctx, err := readPDF(in, limits)
	if err != nil {
		return mark.Answer{}, err
	}
	if err := markable(ctx); err != nil {
		return mark.Answer{}, err
	}
	s := &pageStamper{
		ctx:     ctx,
		mark:    m,
		forms:   map[formKey]markForm{},
		streams: map[string]types.IndirectRef{},
		seen:    map[int]bool{},
		words:   &wordFinder{},
		told:    mark.Teller{To: limits.Told},
	}
	if err := s.tree(); err != nil {
		return mark.Answer{}, err
	}
	a := mark.Answer{Pages: s.pages, Words: s.words.Found(), Label: labelOfPDF(ctx), Warnings: warnings(ctx)}
	if s.pages == 0 {
		return a, mark.Refuse(mark.Damaged, "it has no pages")
	}
	if err := describePDF(ctx, m); err != nil {
		return a, mark.Refuse(mark.Damaged, "its properties cannot be written")
	}
	err = writePDF(ctx, out)
	if err != nil && !errors.Is(err, syscall.EFBIG) {
		err = mark.Refuse(mark.Damaged, "it cannot be written again")
	}
	return a, err
}

// markable refuses what readers show something else of than its pages: the mark would not be seen.
func markable(ctx *model.Context) error {
	root, err := ctx.Catalog()
	if err != nil || root == nil {
		return mark.Refuse(mark.Damaged, "it has no catalogue")
	}
	if needs := root.BooleanEntry("NeedsRendering"); needs != nil && *needs {
		return mark.Refuse(mark.Unsupported, "it is a dynamic XFA form, of which readers do not show the pages")
	}
	if o, ok := root.Find("Collection"); ok && o != nil {
		return mark.Refuse(mark.Unsupported, "it is a portfolio: the files in it would go out unmarked")
	}
	return nil
}

// writePDF writes the document and keeps the date on which it was made, which the writer puts to today.
func writePDF(ctx *model.Context, out *os.File) error {
	created := creationDate(ctx)
	from, err := out.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if err := api.WriteContext(ctx, struct{ io.Writer }{out}); err != nil {
		return err
	}
	// In an encrypted file the date is encrypted, and is not found in the bytes.
	if created == "" || ctx.Info == nil || ctx.EncKey != nil {
		return nil
	}
	return restoreCreationDate(out, from+ctx.Write.Table[ctx.Info.ObjectNumber.Value()], created)
}

// creationDate is the date in the form that the writer uses, or empty.
func creationDate(ctx *model.Context) string {
	if ctx.Info == nil {
		return ""
	}
	d, err := ctx.DereferenceDict(*ctx.Info)
	if err != nil || d == nil {
		return ""
	}
	text, err := ctx.DereferenceText(d["CreationDate"])
	if err != nil {
		return ""
	}
	at, ok := types.DateTime(text, true)
	if !ok {
		return ""
	}
	return types.DateString(at)
}

func restoreCreationDate(out *os.File, object int64, created string) error {
	head := make([]byte, 64<<10)
	n, err := out.ReadAt(head, object)
	if err != nil && err != io.EOF {
		return err
	}
	head = head[:n]
	if end := bytes.Index(head, []byte("endobj")); end >= 0 {
		head = head[:end]
	}
	key := []byte("/CreationDate(")
	i := bytes.Index(head, key)
	if i < 0 {
		return nil
	}
	i += len(key)
	// Only at the same length: the table of objects names offsets that must stay true.
	if end := bytes.IndexByte(head[i:], ')'); end != len(created) {
		return nil
	}
	_, err = out.WriteAt([]byte(created), object+int64(i))
	return err
}
