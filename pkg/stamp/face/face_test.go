package face_test

import (
	"testing"

	"chancery.example/gateway/pkg/stamp/face"
)

func TestLettersBeyondTheFontStayLegible(t *testing.T) {
	for in, want := range map[string]string{
		"Zürich": "Z\xfcrich", "Gdańsk": "Gdansk", "Москва": "Moskva", "Щука": "Shchuka", "Αθήνα": "Athina",
		"中":       "{4E2D}",
		"“x” – €": "\x93x\x94 \x96 \x80", "a\u200bb": "ab", "Ł": "L",
	} {
		if got := string(face.WinAnsi(in)); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
