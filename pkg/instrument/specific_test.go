package instrument_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/instrument"
)

const specificArrangement = `
specific_arrangements:
  - title: Project on maritime targeting
    signed_on: 2024-03-01
    ends_on: 2027-02-28
    instrument_sha256: 3d7e11b48f69d311f8cfd92a9771cff07a31a67bfeff056ddf564bf088a70d8f
    purposes:
      - {code: sa1.a, paragraph: "2(d)", label: "Joint targeting of containers"}
      - {code: sa1.b, paragraph: "3(a)", label: "Training for the project"}
  - title: Project on airports
    signed_on: 2025-01-15
    purposes:
      - {code: sa2.a, paragraph: "2(d)", label: "Joint targeting of air cargo"}
`

func TestArticle6_3TheArrangementFileHoldsSpecificArrangements(t *testing.T) {
	in, err := instrument.Read(strings.NewReader(string(deploy.Arrangement) + specificArrangement))
	if err != nil {
		t.Fatal(err)
	}
	first, second := in.SpecificArrangements[0], in.SpecificArrangements[1]
	if len(first.Purposes) != 2 || first.EndsOn == nil ||
		!first.EndsOn.Equal(time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC)) || second.EndsOn != nil {
		t.Errorf("read %+v", in.SpecificArrangements)
	}
}

func TestEachProblemOfASpecificArrangementNamesItsKeyAndParagraph(t *testing.T) {
	for name, c := range map[string]struct{ old, new, field, detail string }{
		"no title": {"title: Project on maritime targeting", "title: ' '", "[0].title", "missing"},
		"unsigned": {"    signed_on: 2024-03-01\n", "", "[0].signed_on", "missing"},
		"signed at some time": {"signed_on: 2024-03-01", "signed_on: 2024-03-01T10:00:00Z", "[0].signed_on",
			"without time"},
		"over before it began": {"ends_on: 2027-02-28", "ends_on: 2024-02-28", "[0].ends_on", "before signed_on"},
		"no instrument's hash": {"instrument_sha256: 3d", "instrument_sha256: x", "[0].instrument_sha256", "SHA-256"},
		"an Article's code":    {"code: sa1.a", "code: art2.z", "[0].purposes[0].code", "sa1.a"},
		"two arrangements":     {"code: sa1.b", "code: sa3.b", "[0].purposes[1].code", "begin alike"},
		"one code twice":       {"code: sa1.b", "code: sa1.a", "[0].purposes[1].code", "already"},
		"wider than Article 2": {`paragraph: "2(d)", label: "Joint targeting of containers"`,
			`paragraph: "9(1)", label: "Anything"`, "[0].purposes[0].paragraph", "narrows"},
		"one arrangement twice": {"code: sa2.a", "code: sa1.c", "[1].purposes", "already"},
	} {
		t.Run(name, func(t *testing.T) {
			text := string(deploy.Arrangement) + strings.Replace(specificArrangement, c.old, c.new, 1)
			if text == string(deploy.Arrangement)+specificArrangement {
				t.Fatalf("the text has no %q", c.old)
			}
			problems := problemsOf(t, text)
			for _, p := range problems {
				if p.Field == "specific_arrangements"+c.field && strings.Contains(p.Detail, c.detail) &&
					p.Paragraph == "6(3)" {
					return
				}
			}
			t.Errorf("%s is not named: %+v", c.field, problems)
		})
	}
}
