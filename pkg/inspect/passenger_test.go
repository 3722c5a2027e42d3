package inspect_test

import (
	"encoding/base64"
	"io"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/inspect"
	"pgregory.net/rapid"
)

const (
	pnr = "UNB+IATA:1+DL++101209:2100+020A07'\r\nUNH+1+PNRGOV:10:1:IA+F6C2C268'\r\nMSG+:22'\r\n"
	api = "UNA:+.? 'UNB+UNOA:4+AIR1+DHS+070218:1545+000006640++DHS'UNG+PAXLST+AIR1+DHS+070218:1545+1+UN+D:05B'" +
		"UNH+PAX001+PAXLST:D:05B:UN:IATA'BGM+745'NAD+FM+++DOE:JANE'"
	pnrXML = `<?xml version="1.0"?><IATA_PNRGOV_NotifRQ xmlns="http://www.iata.org/IATA/2007/00" Version="2">` +
		`<PNRs><PNR NumberOfPassengers="1"><Passenger><GivenName>JANE</GivenName><Surname>DOE</Surname></Passenger></` +
		`PNR></PNRs></IATA_PNRGOV_NotifRQ>`
)

func TestMessagesAboutPassengersAreFoundWhereverTheyStand(t *testing.T) {
	utf16 := "\xFF\xFE" + strings.Join(strings.Split(pnr, ""), "\x00") + "\x00"
	telex := strings.NewReplacer("UNH", "UN\r\nH", "PAXLST", "PAX\r\nLST").Replace(api)
	cases := []struct{ name, content string }{
		{"plain", pnr},
		{"on one line", strings.ReplaceAll(pnr, "\r\n", "")},
		{"API", api},
		{"PNRGOV in XML", pnrXML},
		{"PNRGOV in XML, with a prefix",
			strings.NewReplacer("<PNR", "<n:PNR", "<Sur",
				"<n:Sur").Replace("<a>" + pnrXML[strings.Index(pnrXML, "<PNRs"):])},
		{"a part of PNRGOV in XML", `<Flight xmlns="http://www.iata.org/IATA/2007/00" ` +
			`Status="HK"></Flight><Passenger><Surname>DOE</Surname></Passenger>`},
		{"leading blank lines", strings.Repeat(" \t\r\n", 1000) + pnr},
		{"byte order mark", "\xEF\xBB\xBF" + pnr},
		{"UTF-16", utf16},
		{"UTF-16, the other way round", "\xFE\xFF\x00" + strings.Join(strings.Split(pnr, ""), "\x00")},
		{"UTF-16 without byte order mark", utf16[2:]},
		{"telex control characters", "\x01QK HDQRMDL\r\n.SITA 0123\r\n\x02" + pnr},
		{"split by the line ends of a telex", telex},
		{"quoted, and split by line ends", "> " + strings.ReplaceAll(telex, "\r\n", "\r\n> ")},
		{"after other text", "Dear colleague,\nplease find:\n" + pnr},
		{"after other text on its line", "2026-11-29T08:00:00Z INFO received " + pnr},
		{"quoted in a mail", "> > " + strings.ReplaceAll(pnr, "\r\n", "\r\n> > ")},
		{"in a JSON string", `{"message":"` + strings.ReplaceAll(pnr, "\r\n", `\r\n`) + `"}`},
		{"in a JSON string, escaped", `{"message":"` +
			strings.NewReplacer("\r\n", `\r\n`, "'", `\u0027`, "+", `\u002b`).Replace(pnr) + `"}`},
		{"in a cell of a CSV file", `1,"` + pnr + `",x`},
		{"in a URL", "https://gateway.example/?m=" + url.QueryEscape(pnr)},
		{"in XML, escaped", "<m>" + strings.NewReplacer("+", "&#43;", "'", "&apos;", ":", "&#x3A;").Replace(pnr) +
			"</m>"},
		{"in quoted-printable", strings.NewReplacer("+", "=2B", "PNR", "PN=\r\nR").Replace(pnr)},
		{"in base64", base64.StdEncoding.EncodeToString([]byte(api))},
		{"old line ends", "Dear colleague,\r" + pnr},
		{"lower case", strings.ToLower(pnr)},
		{"a message without its interchange", "UNH+1+PNRGOV:10:1:IA+F6C2C268'"},
		{"a group without its messages", "UNG+PAXLST+AIR1+DHS+070218:1545+1+UN+D:05B'"},
		{"UNA with other separators", "UNA:*.? $UNB*UNOA:4$UNH*1*PAXLST:D:02B$"},
		{"other separators that nothing declares", "UNH|1|PAXLST^D^02B^UN^IATA~"},
		{"UNA with letters for separators", "UNAxy.?zqUNByIATAx1qUNHy1yPNRGOVx11q"},
		{"UNA with letters, UNB on the next line", "UNAxy.?zq\r\nUNByIATAx1qUNHy1yPNRGOVx11q"},
		{"UNA with a blank for separator", "UNA: .?*'\nUNB UNOA:4'UNH 1 PAXLST:D'"},
		{"UNA that is too long, in letters of a word processor",
			"UNA:+.\\*’ UNB+IATA:1+1A'\nUNH+1+PNRGOV:11:1:IA+2705’"},
		{"control characters for separators", "UNB\x1DIATA\x1F1\x1CUNH\x1D1\x1DPNRGOV\x1F11\x1C"},
		{"separators that became blanks", "UNH 1 PAXLST:D:02B:UN:IATA"},
		{"blank behind the tag", "UNB +UNOA:4'UNH+1+PAXLST'"},
		{"blanks everywhere", "UNH + 1 + PAXLST : D : 02B : UN'"},
		{"a header that lost its tag", "UNB+UNOA:4+A+B'UMH+1+PAXLST:D:02B:UN'"},
		{"no reference", "UNH++PAXLST:D:02B:UN'"},
		{"cut within UNB", "UNB+\nUNH+1+PNRGOV"},
		{"after the first MiB", strings.Repeat("\n", 3<<20) + pnr},
		{"after a long line", strings.Repeat("X", 3<<20) + pnr},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if f := findings(t, []byte(c.content)); !f.PassengerData || len(f.NotLookedInto) > 0 {
				t.Errorf("passenger data %t, not looked into %v", f.PassengerData, f.NotLookedInto)
			}
		})
	}
}

// prose are words about messages, and messages about other things.
var prose = []struct{ name, content string }{
	{"nothing", ""},
	{"an agenda", "UNA, UNB and UNH segments of PAXLST\nAny other business\n"},
	{"a glossary", "UNA - service string advice\nUNB - interchange header\nUNH - message header\nPAXLST - passenger " +
		"list\n"},
	{"an explanation", "UNB (the interchange header) stands before each PNRGOV message."},
	{"a sentence", "UNB is the interchange header, UNH the message's; PNRGOV is named in UNH, PAXLST too."},
	{"a table", "| UNH | Message header | PAXLST |\n| UNH | 0065 | PAXLST, or PNRGOV |\n"},
	{"a list", "UNH,UNB,PAXLST,PNRGOV\nUNH;1;PAXLST\n"},
	{"a description of the header", "The UNH segment has the message type PAXLST:D:02B:UN:IATA in S009."},
	{"a template", "UNH+<reference>+PAXLST:D:02B:UN:IATA'"},
	{"words that begin alike", "UNBELIEVABLE: PNRGOV\nUNANIMOUS+PAXLST\nUNHAPPY+1+PAXLST\nUN\nUNB"},
	{"names without interchange", "PAXLST and PNRGOV messages explained\n"},
	{"customs cargo", "UNB+UNOA:4'UNH+1+CUSCAR:D:95B:UN'"},
	{"an order about an order", "UNA:+.? " +
		"'UNB+UNOA:2+A+B+260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+128576'FTX+AAI+++PAXLST " +
		"TRAINING'FTX+AAI+++PAXLST'UNT+5+1'"},
	{"a name before the interchange", "PNRGOV\nUNB+UNOA:4'"},
	{"a schema", `<xs:schema><xs:element name="IATA_PNRGOV_NotifRQ"/><xs:element name="PNR"/><xs:element ` +
		`name="Surname"/></xs:schema>`},
	{"prose about XML", "The root is <IATA_PNRGOV_NotifRQ> and holds <PNR> elements; each <Surname> is required."},
	{"XML of customers", "<customers><Surname>DOE</Surname></customers>"},
	{"base64 of a digest", strings.Repeat("3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a\n", 100)},
	{"a program", "if (un && h) { unh = 1 + paxlst; }\nUNH = UNB + PAXLST\nvar unh=1+1+paxlst\n"},
}

func TestProseAboutMessagesIsNoPassengerData(t *testing.T) {
	for _, c := range prose {
		t.Run(c.name, func(t *testing.T) {
			if findings(t, []byte(c.content)).PassengerData {
				t.Error("passenger data")
			}
		})
	}
}

// TestAnySeparatorsAreKnown draws the six service characters at random, letters and blanks among them.
func TestAnySeparatorsAreKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SliceOfN(rapid.ByteRange(0x1C, 0x7E), 6, 6).Draw(t, "service characters")
		element, segment := string(c[1:2]), string(c[5:])
		gap := rapid.SampledFrom([]string{"", "\r\n", "\n", " "}).Draw(t, "gap")
		content := "UNA" + string(c) + gap + "UNB" + element + "IATA" + segment + "UNH" + element + "1" + element +
			"PNRGOV"
		i := inspect.New(inspect.Config{})
		io.WriteString(i, content)
		if !i.Findings().PassengerData {
			t.Fatalf("not known: %q", content)
		}
	})
}

func FuzzInspection(f *testing.F) {
	f.Add([]byte("UNA:+.? 'UNB+IATA:1'UNH+1+PNRGOV"), uint16(7))
	f.Add([]byte("\xFF\xFEU\x00N\x00H\x00+\x001\x00+\x00PAXLST"), uint16(1))
	f.Add([]byte(zipped(f, "a.txt", api)), uint16(3))
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(api))), uint16(5))
	f.Add([]byte("%PDF-1.4\n1 0 obj <<>>\nstream\nBT (UN\\110+1+PAX) Tj [(LS)-2<54>] TJ (:D:02B) ' ET\nendstream"),
		uint16(9))
	f.Add([]byte("<m>UNH&#43;1+<b>PAX</b>LST:D:02B</m>"), uint16(2))
	f.Fuzz(func(t *testing.T, content []byte, cut uint16) {
		whole, pieces := inspect.New(inspect.Config{TokenKey: tokenKey}),
			inspect.New(inspect.Config{TokenKey: tokenKey})
		defer whole.Close()
		defer pieces.Close()
		whole.Write(content)
		for piece := range slices.Chunk(content, max(1, int(cut%64))) {
			pieces.Write(piece)
		}
		found := whole.Findings()
		if got := pieces.Findings(); !reflect.DeepEqual(got, found) {
			t.Fatalf("in pieces %+v, whole %+v", got, found)
		}
		if !findings(t, append(content, pnr...)).PassengerData {
			t.Fatalf("not found behind %q", content)
		}
		if found.PassengerData && len(content) < len("UNH++PAXLST") {
			t.Fatalf("found in %q", content)
		}
	})
}
