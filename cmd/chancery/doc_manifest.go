package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"chancery.example/gateway/api"
)

// row is a line of a manifest.
type row struct {
	number   int // as a spreadsheet counts: the heading is 1
	file     string
	path     string
	digest   string
	metadata api.DepositMetadata
}

func (r row) fault(format string, args ...any) error {
	return fmt.Errorf("row %d (%s): %s", r.number, printable(r.file), printableLines(fmt.Sprintf(format, args...)))
}

// pushFolder deposits the files of a folder as its manifest declares them, or none of them.
func (g *gateway) pushFolder(ctx context.Context, env environment, dir, manifest string, common declaration,
	a answered, dry bool) error {
	if common["marking"] != "" {
		return &failure{exitUsage, errors.New("--marking does not go with --manifest: every row bears its own " +
			"marking, " +
			"Article 4(9)")}
	}
	if _, err := pick[rowDeposited](a.fields); err != nil {
		return err
	}
	rows, err := readManifest(dir, manifest, common)
	if err != nil {
		return &failure{exitRefused, fmt.Errorf("nothing was sent.\n%w", err)}
	}
	p, err := newPushing(ctx, env, g)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if known, err := p.known(r); err != nil || known.Document != "" {
			if err != nil {
				return fmt.Errorf("nothing was sent.\n%w", err)
			}
			continue
		}
		if err := g.explainDeposit(ctx, r.metadata); err != nil {
			var refusal *failure
			if errors.As(err, &refusal) {
				return &failure{refusal.code, fmt.Errorf("nothing was sent.\n%w", r.fault("%v", err))}
			}
			return err
		}
	}
	if dry {
		fmt.Fprintf(env.stderr, "The rules would take all %d.\n", len(rows))
		return nil
	}
	return p.pushEach(ctx, a, rows)
}

// rowDeposited is what became of a row.
type rowDeposited struct {
	File     string `json:"file"`
	Document string `json:"document"`
}

// pushEach deposits the rows, and prints each as it is done; as JSON at the end, where a fault ends it those before it.
func (p *pushing) pushEach(ctx context.Context, a answered, rows []row) (err error) {
	fields, err := pick[rowDeposited](a.fields)
	if err != nil {
		return err
	}
	done := []json.RawMessage{}
	if a.fields != "" {
		defer func() { err = errors.Join(err, printJSON(p.env.stdout, done)) }()
	}
	for _, r := range rows {
		document, err := p.push(ctx, r)
		if err != nil {
			return fmt.Errorf("%w\n  the rows before are deposited; run it again for the others", err)
		}
		if a.fields == "" {
			if _, err := fmt.Fprintf(p.env.stdout, "%s\t%s\n", printable(r.file), printable(document)); err != nil {
				return err
			}
			continue
		}
		text, err := json.Marshal(rowDeposited{r.file, document})
		if err != nil {
			return err
		}
		one, err := fields.of(text)
		if err != nil {
			return err
		}
		done = append(done, one)
	}
	return nil
}

// failed keeps the exit code of a refusal.
func (r row) failed(err error) error {
	var refusal *failure
	if errors.As(err, &refusal) {
		return &failure{refusal.code, r.fault("%v", err)}
	}
	return r.fault("%v", err)
}

// readManifest reads the table and the folder, and names every fault of both.
func readManifest(dir, manifest string, common declaration) ([]row, error) {
	text, err := readSmall(manifest)
	if err != nil {
		return nil, err
	}
	table := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	heading, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", manifest, err)
	}
	at := slices.Index(heading, "file")
	if at < 0 {
		return nil, fmt.Errorf("%s has no column file", manifest)
	}
	for _, column := range heading {
		if _, known := declared[column]; !known && column != "file" {
			return nil, fmt.Errorf("%s: there is no column %q; there are file, %s", manifest, column,
				strings.Join(sortedKeys(declared), ", "))
		}
	}
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	var rows []row
	var faults []error
	for number := 2; ; number++ {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", manifest, err)
		}
		r := row{number: number, file: cells[at], path: filepath.Join(dir, cells[at])}
		faults = append(faults, r.read(folder, heading, cells, common)...)
		if slices.ContainsFunc(rows, func(other row) bool { return other.file == r.file }) {
			faults = append(faults, r.fault("the file has a row already"))
		}
		rows = append(rows, r)
	}
	faults = append(faults, withoutRow(dir, manifest, rows)...)
	return rows, errors.Join(faults...)
}

// read takes in a line and the file that it names.
func (r *row) read(folder *os.Root, heading, cells []string, common declaration) (faults []error) {
	said := declaration{"title": r.file}
	for name, value := range common {
		said[name] = value
	}
	for i, column := range heading {
		if cells[i] != "" && column != "file" {
			said[column] = cells[i]
		}
	}
	if said["marking"] == "" {
		faults = append(faults, r.fault("it has no marking: Article 4(9) asks for one, confidential, restricted or "+
			"non-confidential"))
	}
	var err error
	if r.metadata, err = said.metadata(nil); err != nil {
		faults = append(faults, r.fault("%v", err))
	}
	f, err := folder.Open(r.file) // never outside of the folder
	if err != nil {
		return append(faults, r.fault("%v", err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return append(faults, r.fault("it is no file"))
	}
	digest, size, err := digestOf(f)
	if err != nil {
		return append(faults, r.fault("%v", err))
	}
	r.digest = digest
	r.metadata.Size, r.metadata.Sha256 = &size, &r.digest
	return faults
}

// withoutRow names what stands in the folder, or in one inside of it, and is declared by nobody. What is hidden is
// passed over.
func withoutRow(dir, manifest string, rows []row) (faults []error) {
	names, err := filesBelow(dir)
	if err != nil {
		return []error{err}
	}
	table, err := filepath.Abs(manifest)
	if err != nil {
		return []error{err}
	}
	for _, name := range names {
		if path, err := filepath.Abs(filepath.Join(dir, name)); err == nil && path == table {
			continue
		}
		if !slices.ContainsFunc(rows, func(r row) bool { return filepath.Clean(r.file) == name }) {
			faults = append(faults, fmt.Errorf("%s stands in the folder, and no row says what it is", printable(name)))
		}
	}
	return faults
}

// filesBelow are the files of a folder and of those inside of it, without hidden ones.
func filesBelow(dir string) (names []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		if strings.HasPrefix(e.Name(), ".") {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !e.IsDir() {
			name, err := filepath.Rel(dir, path)
			names = append(names, name)
			return err
		}
		return nil
	})
	return names, err
}
