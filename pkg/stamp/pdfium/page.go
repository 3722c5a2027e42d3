package pdfium

import (
	"errors"
	"fmt"
	"image"

	pdfium "github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"
)

// ErrNoPage: the file says that it has this page, and it cannot be shown.
var ErrNoPage = errors.New("pdfium: the page cannot be read")

// Page is an open page. What is changed of it is changed in memory only.
type Page struct {
	library pdfium.Pdfium
	handle  references.FPDF_PAGE
}

// Page opens one, counted from 0. It must be closed. Errors: ErrNoPage.
func (d *Document) Page(index int) (*Page, error) {
	loaded, err := d.library.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.handle, Index: index})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPage, err)
	}
	return &Page{library: d.library, handle: loaded.Page}, nil
}

func (p *Page) reference() requests.Page { return requests.Page{ByReference: &p.handle} }

// Close forgets the page.
func (p *Page) Close() error {
	if _, err := p.library.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: p.handle}); err != nil {
		return fmt.Errorf("pdfium: close page: %w", err)
	}
	return nil
}

// Size is that of the visible page as it is read, in points.
func (p *Page) Size() (width, height float64, err error) {
	w, errW := p.library.FPDF_GetPageWidthF(&requests.FPDF_GetPageWidthF{Page: p.reference()})
	h, errH := p.library.FPDF_GetPageHeightF(&requests.FPDF_GetPageHeightF{Page: p.reference()})
	if err := errors.Join(errW, errH); err != nil {
		return 0, 0, fmt.Errorf("pdfium: size: %w", err)
	}
	return float64(w.PageWidth), float64(h.PageHeight), nil
}

// Box is a rectangle of user space.
type Box struct{ Left, Bottom, Right, Top float32 }

// Box is the visible part of the page.
func (p *Page) Box() (Box, error) {
	got, err := p.library.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: p.reference()})
	if err != nil {
		return Box{}, fmt.Errorf("pdfium: box: %w", err)
	}
	return Box{Left: got.Rect.Left, Bottom: got.Rect.Bottom, Right: got.Rect.Right, Top: got.Rect.Top}, nil
}

// Crop makes b the visible part.
func (p *Page) Crop(b Box) error {
	_, errMedia := p.library.FPDFPage_SetMediaBox(&requests.FPDFPage_SetMediaBox{
		Page:   p.reference(),
		Left:   b.Left,
		Bottom: b.Bottom,
		Right:  b.Right,
		Top:    b.Top,
	})
	_, errCrop := p.library.FPDFPage_SetCropBox(&requests.FPDFPage_SetCropBox{
		Page:   p.reference(),
		Left:   b.Left,
		Bottom: b.Bottom,
		Right:  b.Right,
		Top:    b.Top,
	})
	if err := errors.Join(errMedia, errCrop); err != nil {
		return fmt.Errorf("pdfium: crop: %w", err)
	}
	return nil
}

// Annotations is how many there are on the page, and how many of them say themselves what they look like; of the
// others a reader makes something up.
func (p *Page) Annotations() (all, drawn int, err error) {
	counted, err := p.library.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p.reference()})
	if err != nil {
		return 0, 0, fmt.Errorf("pdfium: annotations: %w", err)
	}
	for i := range counted.Count {
		got, err := p.library.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: p.reference(), Index: i})
		if err != nil {
			continue // it is counted, and shown by nobody
		}
		has, errHas := p.library.FPDFAnnot_HasKey(&requests.FPDFAnnot_HasKey{Annotation: got.Annotation, Key: "AP"})
		_, errClose := p.library.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: got.Annotation})
		if err := errors.Join(errHas, errClose); err != nil {
			return 0, 0, fmt.Errorf("pdfium: annotations: %w", err)
		}
		if has.HasKey {
			drawn++
		}
	}
	return counted.Count, drawn, nil
}

// HideLastForm hides the object that is drawn last on the page, if it is a form; hidden tells.
func (p *Page) HideLastForm() (hidden bool, err error) {
	counted, err := p.library.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: p.reference()})
	if err != nil {
		return false, fmt.Errorf("pdfium: objects: %w", err)
	}
	if counted.Count == 0 {
		return false, nil
	}
	last, err := p.library.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: p.reference(),
		Index: counted.Count - 1})
	if err != nil {
		return false, fmt.Errorf("pdfium: objects: %w", err)
	}
	kind, err := p.library.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: last.PageObject})
	if err != nil {
		return false, fmt.Errorf("pdfium: objects: %w", err)
	}
	if kind.Type != enums.FPDF_PAGEOBJ_FORM {
		return false, nil
	}
	// Active stays false: the object is not drawn any more.
	_, err = p.library.FPDFPageObj_SetIsActive(&requests.FPDFPageObj_SetIsActive{PageObject: last.PageObject})
	if err != nil {
		return false, fmt.Errorf("pdfium: objects: %w", err)
	}
	return true, nil
}

// Text is what can be copied from the page.
func (p *Page) Text() (string, error) {
	loaded, err := p.library.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: p.reference()})
	if err != nil {
		return "", fmt.Errorf("pdfium: text: %w", err)
	}
	defer p.library.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: loaded.TextPage})
	counted, err := p.library.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: loaded.TextPage})
	if err != nil || counted.Count <= 0 {
		return "", nil
	}
	got, err := p.library.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: loaded.TextPage, Count: counted.Count})
	if err != nil {
		return "", fmt.Errorf("pdfium: text: %w", err)
	}
	return got.Text, nil
}

// Render draws the visible page on white, with its annotations or without, and without the fields of forms: width
// times height bytes of grey, row by row, 255 white.
func (p *Page) Render(width, height int, annotations bool) ([]byte, error) {
	var flags enums.FPDF_RENDER_FLAG
	if annotations {
		flags = enums.FPDF_RENDER_FLAG_ANNOT
	}
	grey := make([]byte, width*height)
	err := p.drawn(width, height, flags, func(bgrx []byte) {
		for i := range grey {
			// The weights of ITU-R BT.601, of 256.
			grey[i] = byte((int(bgrx[4*i])*29 + int(bgrx[4*i+1])*150 + int(bgrx[4*i+2])*77) >> 8)
		}
	})
	return grey, err
}

// drawn hands the pixels of the page to see, four bytes each: blue, green, red, and one that says nothing.
func (p *Page) drawn(width, height int, flags enums.FPDF_RENDER_FLAG, see func(bgrx []byte)) error {
	made, err := p.library.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: width, Height: height})
	if err != nil {
		return fmt.Errorf("pdfium: bitmap: %w", err)
	}
	defer p.library.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap})
	_, errFill := p.library.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{
		Bitmap: made.Bitmap,
		Width:  width,
		Height: height,
		Color:  0xffffffff,
	})
	_, errDraw := p.library.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: made.Bitmap,
		Page:   p.reference(),
		SizeX:  width,
		SizeY:  height,
		Flags:  flags,
	})
	pixels, errRead := p.library.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: made.Bitmap})
	if err := errors.Join(errFill, errDraw, errRead); err != nil {
		return fmt.Errorf("pdfium: render: %w", err)
	}
	see(pixels.Buffer[:4*width*height])
	return nil
}

// Flatten draws annotations and the fields of forms into the page, as a reader on a screen shows them. To draw the page
// afterwards, open it again. flat tells whether there was anything.
func (p *Page) Flatten() (flat bool, err error) {
	done, err := p.library.FPDFPage_Flatten(&requests.FPDFPage_Flatten{
		Page:  p.reference(),
		Usage: requests.FPDFPage_FlattenUsageNormalDisplay,
	})
	if err != nil {
		return false, fmt.Errorf("pdfium: flatten: %w", err)
	}
	return done.Result == responses.FPDFPage_FlattenResultSuccess, nil
}

// Draw draws the visible page on white, width pixels by height, with the annotations that are not flattened.
func (p *Page) Draw(width, height int) (*image.RGBA, error) {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	err := p.drawn(width, height, enums.FPDF_RENDER_FLAG_ANNOT, func(bgrx []byte) {
		for i := 0; i < len(out.Pix); i += 4 {
			out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = bgrx[i+2], bgrx[i+1], bgrx[i], 0xff
		}
	})
	return out, err
}
