// Package pdfium opens PDF files with pdfium, the library of Chromium, compiled to WebAssembly: what it may touch is
// its own memory and the reader that it is given. It needs no cgo and starts no process; it is used in the child
// process alone.
package pdfium

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	pdfium "github.com/klippa-app/go-pdfium"
	refusals "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// ErrPassword: the file opens with a password only.
var ErrPassword = errors.New("pdfium: the file opens with a password only")

// ErrUnreadable: pdfium does not take it for a PDF file.
var ErrUnreadable = errors.New("pdfium: the file cannot be read")

// Engine is one pdfium. It is not safe for concurrent use.
type Engine struct {
	pool    pdfium.Pool
	library pdfium.Pdfium
}

// Compile leaves the machine code of pdfium in the directory cache, unless it is there: that takes seconds and 350 MiB.
func Compile(cache string) error {
	// Files that are whole: wazero writes to a name that ends in ".tmp" first.
	if holds, err := filepath.Glob(filepath.Join(cache, "wazero-*", "*[0-9a-f]")); err != nil || len(holds) > 0 {
		return err
	}
	e, err := Start(cache)
	if err != nil {
		return err
	}
	return e.Close()
}

// Start takes the machine code of pdfium out of the directory cache, in a quarter of a second, or compiles it as
// Compile does. Whoever can write to that directory decides what runs here, so it must belong to this user alone. An
// empty name keeps nothing. Once Start has returned, Engine opens no file.
func Start(cache string) (*Engine, error) {
	config := wazero.NewRuntimeConfig().WithCoreFeatures(
		api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling)
	if cache != "" {
		kept, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("pdfium: cache: %w", err)
		}
		config = config.WithCompilationCache(kept)
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context:       context.Background(),
		MaxTotal:      1,
		FSConfig:      wazero.NewFSConfig(), // no file of this machine
		RuntimeConfig: config,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
		ReuseWorkers:  true,
	})
	if err != nil {
		return nil, fmt.Errorf("pdfium: %w", err)
	}
	library, err := pool.GetInstance(time.Minute)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pdfium: %w", err), pool.Close())
	}
	return &Engine{pool: pool, library: library}, nil
}

// Close ends it, and whatever it has open.
func (e *Engine) Close() error { return e.pool.Close() }

// Document is an open file. It must be closed, and its source must stay as it is until then.
type Document struct {
	library pdfium.Pdfium
	handle  references.FPDF_DOCUMENT
	pages   int
}

// Open reads a file of size bytes. Errors: ErrPassword, ErrUnreadable, and others, after which the engine is of no use.
func (e *Engine) Open(in io.ReadSeeker, size int64) (*Document, error) {
	opened, err := e.library.OpenDocument(&requests.OpenDocument{FileReader: in, FileReaderSize: size})
	switch {
	case errors.Is(err, refusals.ErrPassword), errors.Is(err, refusals.ErrSecurity):
		return nil, ErrPassword
	case errors.Is(err, refusals.ErrFile), errors.Is(err, refusals.ErrFormat), errors.Is(err, refusals.ErrPage),
		errors.Is(err, refusals.ErrUnknown):
		return nil, ErrUnreadable
	case err != nil:
		return nil, fmt.Errorf("pdfium: open: %w", err)
	}
	d := &Document{library: e.library, handle: opened.Document}
	counted, err := e.library.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.handle})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pdfium: pages: %w", err), d.Close())
	}
	d.pages = counted.PageCount
	return d, nil
}

// Pages is how many there are.
func (d *Document) Pages() int { return d.pages }

// Save writes the whole file again, as pdfium understood it: with a table of its objects, and streams of the length
// that they have.
func (d *Document) Save(out *os.File) error {
	_, err := d.library.FPDF_SaveAsCopy(&requests.FPDF_SaveAsCopy{
		Flags:      requests.SaveFlagNoIncremental,
		Document:   d.handle,
		FileWriter: out,
	})
	if err != nil {
		return fmt.Errorf("pdfium: save: %w", err)
	}
	return nil
}

// Close forgets it.
func (d *Document) Close() error {
	if _, err := d.library.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: d.handle}); err != nil {
		return fmt.Errorf("pdfium: close: %w", err)
	}
	return nil
}
