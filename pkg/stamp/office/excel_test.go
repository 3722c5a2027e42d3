package office_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chancery.example/gateway/pkg/stamp/mark"
	"chancery.example/gateway/pkg/stamp/office"
)

func FuzzExcelLine(f *testing.F) {
	f.Add("&LLeft&CMiddle&RRight", "A & B && C", true)
	f.Add(strings.Repeat("&", 300), strings.Repeat("& ", 100), false)
	f.Fuzz(func(t *testing.T, old, name string, header bool) {
		m := mark.Mark{Marking: "confidential", CopyNumber: "7F3K-22QX-9V", Discloser: name, Purpose: name}
		line := office.ExcelLine(m, header, old)
		if n := utf8.RuneCountInString(line); n > 255 && utf8.ValidString(old) && utf8.ValidString(name) {
			t.Errorf("%d characters: %q", n, line)
		}
		if !strings.Contains(line, "CONFIDENTIAL") {
			t.Errorf("no marking in %q", line)
		}
	})
}

func TestASheetsOwnFooterStandsOnALineOfItsOwn(t *testing.T) {
	full := mark.Mark{
		Marking:    "confidential",
		Discloser:  "World Customs Organization",
		Recipient:  "United Nations Office of Counter-Terrorism",
		Person:     "per_5f2k9q1x7m3t",
		CopyNumber: "7F3K-22QX-9V",
		Purpose:    "art2.a Mutual exchange of information on progress",
		Date:       time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Reference:  "WCO-8841",
	}
	own := `&"Times New Roman,Regular"Page &P`
	if footer := office.ExcelLine(full, false, "&C"+own); !strings.HasSuffix(footer, "\n"+own) {
		t.Errorf("it does not: %q", footer)
	}
}
