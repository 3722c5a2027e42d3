package portal

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"testing"
)

// What scripts of the pages do not do: write markup out of text, run text, listen to other windows, or keep anything
// in the browser. The pages' policy refuses the first two as well.
func TestScriptsWriteNoMarkupAndKeepNothingInTheBrowser(t *testing.T) {
	never := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|` +
		`postMessage|"message"|localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker`)
	scripts := 0
	err := fs.WalkDir(builtFiles, "built", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := builtFiles.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.HasSuffix([]byte(path), []byte(".js")) {
			return nil
		}
		scripts++
		if found := never.FindAllString(string(text), -1); len(found) > 0 {
			t.Errorf("%s: %q", path, found)
		}
		return nil
	})
	if err != nil || scripts == 0 {
		t.Fatalf("%d scripts: %v", scripts, err)
	}
}

// A first visit loads at most 60 kB, compressed, of style and script; a page is some more.
func TestAFirstVisitLoadsLittle(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for _, name := range []string{"govuk.css", "portal.css", "portal.js", "deposit.js", "icon.svg"} {
		text, err := builtFiles.ReadFile("built/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 45_000 {
		t.Errorf("style and script are %d bytes, compressed", out.Len())
	}
	t.Logf("style and script are %d bytes, compressed", out.Len())
}
