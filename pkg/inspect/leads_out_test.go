package inspect_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"testing"

	"chancery.example/gateway/pkg/inspect"
)

// zipOf is an archive with the given names, each by its own header and in the directory.
func zipNamed(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte("harmless"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// linking is an archive with one symbolic link.
func linking(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "here"}
	h.SetMode(fs.ModeSymlink | 0o777)
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write([]byte("../../etc"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t *testing.T, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		h.Mode = 0o600
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func link(to string) tar.Header {
	return tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: to}
}

func compressed(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An archive whose names lead out of the folder into which it is unpacked is told, wherever the name stands: in its
// directory, by which programs unpack it, though the part's own header says otherwise, and in archives within it.
func TestAnArchiveThatLeadsOutOfItsFolderIsTold(t *testing.T) {
	harmless := zipNamed(t, "annex/one.txt", "annex/two..txt", "...", "a/.../b")
	// the directory says another name than the part's own header
	lies := bytes.Clone(zipNamed(t, "aa/bb/evil"))
	at := bytes.LastIndex(lies, []byte("aa/bb/evil"))
	copy(lies[at:], "../../evil")
	large := zipNamed(t, append(make([]string, 0, 40_001), func() []string {
		names := make([]string, 40_000)
		for i := range names {
			names[i] = "annex/part"
		}
		return append(names, "../evil")
	}()...)...)
	for name, c := range map[string]struct {
		content []byte
		want    bool
	}{
		"nothing of it":                  {harmless, false},
		"a plain text":                   {[]byte("../../evil"), false},
		"a name that climbs":             {zipNamed(t, "one.txt", "../../evil"), true},
		"one that climbs on the way":     {zipNamed(t, "annex/../../evil"), true},
		"an absolute one":                {zipNamed(t, "/etc/cron.d/evil"), true},
		"with backslashes":               {zipNamed(t, `..\..\evil.exe`), true},
		"of a drive":                     {zipNamed(t, `C:evil.exe`), true},
		"in the directory alone":         {lies, true},
		"a symbolic link":                {linking(t), true},
		"in an archive within":           {zipOfPart(t, "inner.zip", zipNamed(t, "../evil")), true},
		"more names than are kept":       {large, true},
		"a tar file":                     {tarOf(t, tar.Header{Name: "one"}), false},
		"a tar file that climbs":         {tarOf(t, tar.Header{Name: "../evil"}), true},
		"a tar file with a link":         {tarOf(t, link("/etc")), true},
		"a link that stays":              {tarOf(t, link("b")), false},
		"a compressed tar file":          {compressed(t, tarOf(t, tar.Header{Name: "../evil"})), true},
		"a folder that climbs, in a tar": {tarOf(t, tar.Header{Name: "../", Typeflag: tar.TypeDir}), true},
	} {
		for _, piece := range []int{1 << 20, 1000, 7} {
			if piece == 7 && len(c.content) > 1<<16 {
				continue
			}
			i := inspect.New(inspect.Config{})
			for rest := c.content; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				if _, err := i.Write(rest[:min(piece, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
			if got := i.Findings().LeadsOut; got != c.want {
				t.Errorf("%s, in pieces of %d: it leads out: %v", name, piece, got)
			}
			i.Close()
		}
	}
}

func zipOfPart(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
