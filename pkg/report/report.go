package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"chancery.example/gateway/pkg/disk"
	"chancery.example/gateway/pkg/ledger"
)

// Options says what is reported, besides the verifier's own options.
type Options struct {
	Verify ledger.Options
	// From and To bound the lines that are listed: From <= at < To; the zero time bounds nothing. All entries are
	// verified, and what looks unusual is judged over all.
	From, To time.Time
	// Zone is where a night is a night; nil: UTC. Times are always written in UTC.
	Zone *time.Location
	// Language of the page: "en" or "fr". CSV files have English headings, for programs.
	Language string
}

// Page is the name of the page among the files.
const Page = "report.html"

// File is one of the files of a report.
type File struct {
	Name  string
	Write func(w io.Writer) error
}

// Make verifies one bundle, or both Parties' bundles of one log, and gathers the report. An error means that a bundle
// could not be read, or that the options ask for something that is not there.
func Make(bundles []ledger.Bundle, o Options) (*Report, error) {
	words, err := wordsOf(o.Language)
	if err != nil {
		return nil, err
	}
	if !o.From.IsZero() && !o.To.IsZero() && !o.From.Before(o.To) {
		return nil, errors.New("the report would end before it begins")
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	c := newCollector(o)
	o.Verify.Each, o.Verify.Found = c.take, c.find
	var verdict ledger.Report
	switch len(bundles) {
	case 1:
		verdict, err = ledger.Verify(bundles[0], o.Verify)
	case 2:
		verdict, err = ledger.VerifyJoint(bundles[0], bundles[1], o.Verify)
	default:
		return nil, fmt.Errorf("%d bundles: want one, or one of each Party", len(bundles))
	}
	if err != nil {
		return nil, err
	}
	return c.report(verdict, words), nil
}

// Write makes the files of the report in a folder that holds none of them yet, or those of an earlier report: each file
// appears whole, readable by its owner alone.
func (r *Report) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range r.Files() {
		if err := disk.Make(filepath.Join(dir, f.Name), f.Write); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
	}
	return nil
}
