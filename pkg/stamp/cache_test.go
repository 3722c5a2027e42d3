package stamp_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

// make test runs this first, so that no test below the race detector has to compile.
func TestTheReaderOfPDFFilesIsCompiled(t *testing.T) {
	stamped(t, stamper(t), source(pdfOf("", []page{{a4, line(72, 700, "Text")}}), pdfType, "x.pdf"), mark)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := filepath.Glob(filepath.Join(cache, "chancery", "pdfium", "wazero-*", "*")); err != nil ||
		len(kept) == 0 {
		t.Errorf("the next child compiles it anew: %v", err)
	}
}

// Whoever could write there would decide what runs in the child.
func TestCompiledCodeIsNotTakenFromADirectoryThatOthersCanWriteTo(t *testing.T) {
	places := t.TempDir()
	open := filepath.Join(places, "cache", "chancery")
	if err := os.MkdirAll(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", filepath.Join(places, "cache"))
	t.Setenv("TMPDIR", places)
	if dir := stamp.CacheDirectory(); dir != filepath.Join(places, "chancery-"+uid(), "pdfium") {
		t.Errorf("it is taken from %q", dir)
	}
	t.Setenv("CACHE_DIRECTORY", filepath.Join(places, "given"))
	if dir := stamp.CacheDirectory(); dir != filepath.Join(places, "given", "pdfium") {
		t.Errorf("it is taken from %q", dir)
	}
}

func uid() string { return strconv.Itoa(os.Geteuid()) }
