package pdf_test

import (
	"testing"

	"chancery.example/gateway/pkg/stamp/pdf"
)

// What was closed leaves nothing open, whatever it was.
func FuzzContent(f *testing.F) {
	for _, s := range []string{"q Q", "q q (open", "BT <41", "BI ID \x00 EI Q", "/A BMC", "Q Q q % comment\nQ",
		"<</A [1 2(]>> BDC"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		_, clear, closed := pdf.Weigh(content)
		if saved, _, _ := pdf.Weigh(closed); clear && saved != 0 {
			t.Errorf("%q leaves %d states saved", closed, saved)
		}
	})
}

func FuzzToUnicode(f *testing.F) {
	f.Add([]byte("2 beginbfchar <01> <0041> <02> <00420043> endbfchar 1 beginbfrange <10> <12> <0061> <20> <21> "+
		"[<0062> <0063>] endbfrange"), []byte("\x01\x02\x10\x11\x20"), false)
	f.Add([]byte("1 beginbfrange <0000> <ffff> <d800> endbfrange"), []byte("\x00\x01"), true)
	f.Fuzz(func(t *testing.T, text, codes []byte, wide bool) { pdf.ToUnicode(text, codes, wide) })
}

func TestAToUnicodeMapIsRead(t *testing.T) {
	text := "2 beginbfchar <01> <0041> <02> <00420043> endbfchar 1 beginbfrange <10> <12> <0061> <20> <21> [<0078> " +
		"<0079>] endbfrange"
	if got := pdf.ToUnicode([]byte(text), []byte("\x01\x02\x10\x12\x20\x21"), false); got != "ABCacxy" {
		t.Errorf("got %q", got)
	}
}
