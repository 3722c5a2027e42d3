package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTraceSendsTheFileOrTheNumberAndSaysWhoseCopyItIs(t *testing.T) {
	const one = `{"items":[{"copy_number":"C-7F3K2-2QX9V4","by":"BY","document":"doc_1","reference":"D-1","version":"ver_1","organisation":"org_unoct",
		"person":"per_1","purpose":"art2.e","form":"stamped","at":"2026-11-23T09:00:00Z","disclosure":"dis_1","log_entry":"ent_1"}],"log_entry":"ent_2"}`
	answer, status, got := "", 200, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.URL.Path
		if parts, err := r.MultipartReader(); err == nil {
			part, err := parts.NextPart()
			must(t, err)
			content, err := io.ReadAll(part)
			must(t, err)
			got += " " + part.FormName() + " " + part.FileName() + " " + string(content)
		} else {
			text, _ := io.ReadAll(r.Body)
			got += " " + string(text)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	variables := []string{"CHANCERY_SERVER=" + server.URL, "CHANCERY_TOKEN=secret-token"}
	file := filepath.Join(t.TempDir(), "found.pdf")
	must(t, os.WriteFile(file, []byte("%PDF-"), 0o600))
	for _, tt := range []struct {
		clue, by, sent, says string
	}{
		{file, "digest", "POST /api/v1/trace content found.pdf %PDF-", "byte for byte"},
		{file, "label", "content found.pdf", "was altered since"},
		{"C-7F3K2-2QX9V4", "number", `{"text":"C-7F3K2-2QX9V4"}`, "per_1 of org_unoct"},
		{"Copy C-7F3K2-2OX9V4 ·", "look-alike", `{"text":"Copy C-7F3K2-2OX9V4 ·"}`, "misread"},
	} {
		answer = strings.Replace(one, "BY", tt.by, 1)
		code, out, errs := ran(t, variables, "trace", tt.clue)
		if code != exitDone || !strings.Contains(out, tt.says) || !strings.Contains(out, "ent_1") ||
			!strings.Contains(got, tt.sent) {
			t.Errorf("trace %s: exit %d, the gateway got %q\n%s%s", tt.clue, code, got, out, errs)
		}
	}
	if code, out, _ := ran(t, variables, "trace", file, "--json"); code != exitDone ||
		!strings.Contains(out, `"copy_number": "C-7F3K2-2QX9V4"`) {
		t.Errorf("exit %d\n%s", code, out)
	}
	answer = `{"items":[],"numbers":["C-7F3K2-2QX9V4"],"unread":"too-large","log_entry":"ent_3"}`
	if code, out, errs := ran(t, variables, "trace", file); code != exitNotFound || out != "" ||
		!strings.Contains(errs, "ent_3") || !strings.Contains(errs, "too-large") {
		t.Errorf("nothing found: exit %d\n%s%s", code, out, errs)
	}
	status = 403
	if code, _, _ := ran(t, variables, "trace", file); code != exitRefused {
		t.Errorf("refused: exit %d", code)
	}
	if code, _, _ := ran(t, variables, "trace", t.TempDir()); code != exitFailure {
		t.Errorf("a directory: exit %d", code)
	}
	if code, _, _ := ran(t, nil, "trace"); code != exitUsage {
		t.Errorf("without a clue: exit %d", code)
	}
}
