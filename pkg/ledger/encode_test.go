package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/ledger"
)

// full has every member of a body set.
func full() ledger.Body {
	b := body("ent_1")
	b.Issuer, b.Client, b.ACR, b.AuthTime = "https://id.unoct.example", "portal", "urn:mfa", at.Add(-time.Minute)
	b.Reasons = []string{"art4.8/no-written-consent"}
	b.Configuration, b.Document, b.Request, b.Target = "ent_0", "doc_1", "req_1", "t"
	b.Terms = &ledger.Terms{Discloser: "org_wco", Marking: "confidential", Until: at.AddDate(0, 1, 0), RetainUntil: at.AddDate(1, 0, 0), Entities: []string{"org_a"}}
	b.Disclosure = &ledger.Disclosure{ID: "dis_1", Version: "ver_1", Expires: at.Add(15 * time.Minute)}
	b.Closing = &ledger.Closing{Disclosure: "dis_1", End: ledger.EndComplete, Length: 5, Bytes: 5}
	b.Configured = &ledger.Configured{Arrangement: "sha256:1", Weakening: []string{"no-scanner"}, Signed: []ledger.Signed{{Party: "org_wco", On: at}, {Party: "org_unoct"}},
		Specific:    []ledger.Specific{{Purposes: []string{"sa1.a"}, Signed: at, Ends: at.AddDate(1, 0, 0)}, {Purposes: []string{"sa2.a", "sa2.b"}, Signed: at}},
		Delegations: []ledger.Delegation{{Digest: "d", Organisation: "org_wco", Acts: []string{"consent", "refuse"}, From: at, Until: at.AddDate(1, 0, 0)}}}
	b.Counted = &ledger.Counted{Refusals: 3, From: at, To: at.Add(time.Second)}
	b.Private = map[string]string{"title": strings.Repeat("ab", 32), "file-name": strings.Repeat("cd", 32)}
	return b
}

func TestABodyComesBackAsItWasEncoded(t *testing.T) {
	for name, b := range map[string]ledger.Body{"smallest": body("ent_1"), "full": full()} {
		data, err := ledger.Encode(b)
		must(t, err)
		got, err := ledger.Decode(data)
		must(t, err)
		if diff := cmp.Diff(b, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The bytes are what stands in logs for good: this text may never change for version 1.
func TestTheCanonicalBytesOfVersion1(t *testing.T) {
	b := body("ent_1")
	b.Reasons = []string{"<&>\u2028\x01\"\\\uFFFD é"}
	b.Private = map[string]string{"b": strings.Repeat("0", 64), "a": strings.Repeat("f", 64)}
	const want = `{"v":1,"kind":"disclosure","id":"ent_1","at":"2026-03-01T12:00:00.123456Z","actor":"per_x","organisation":"org_unoct",` +
		`"outcome":"permit","reasons":["<&>\u2028\u0001\"\\` + "\uFFFD" + ` é"],"rules":"sha256:00","build":"v1",` +
		`"private":{"a":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","b":"0000000000000000000000000000000000000000000000000000000000000000"}}`
	data, err := ledger.Encode(b)
	must(t, err)
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = ledger.Decode(data)
	must(t, err)
}

func TestTimesAreWrittenInUTCAndMicrosecondsAndTheCallersBodyStays(t *testing.T) {
	zone := time.FixedZone("", 3600)
	b := full()
	local := at.Add(999 * time.Nanosecond).In(zone)
	b.At, b.Terms.Until, b.Disclosure.Expires, b.Counted.To = local, local, local, local
	b.Configured.Signed[0].On, b.Configured.Specific[0].Ends, b.Configured.Delegations[0].From = local, local, local
	data, err := ledger.Encode(b)
	must(t, err)
	got, err := ledger.Decode(data)
	must(t, err)
	for name, have := range map[string]time.Time{"at": got.At, "until": got.Terms.Until, "expires": got.Disclosure.Expires,
		"signed": got.Configured.Signed[0].On, "ends": got.Configured.Specific[0].Ends, "from": got.Configured.Delegations[0].From} {
		if have != at {
			t.Errorf("%s: %s", name, have)
		}
	}
	if b.Terms.Until != local || b.Disclosure.Expires != local || b.Configured.Signed[0].On != local {
		t.Error("the body that was handed in was altered")
	}
}

func TestABodyThatCannotBeReadAgainIsNotEncoded(t *testing.T) {
	for _, c := range []struct {
		about string
		spoil func(*ledger.Body)
	}{
		{"version 0", func(b *ledger.Body) { b.Version = 0 }},
		{"version 2", func(b *ledger.Body) { b.Version = 2 }},
		{"no kind", func(b *ledger.Body) { b.Kind = "" }},
		{"no id", func(b *ledger.Body) { b.ID = "" }},
		{"no time", func(b *ledger.Body) { b.At = time.Time{} }},
		{"outcome", func(b *ledger.Body) { b.Outcome = "perhaps" }},
		{"private field title", func(b *ledger.Body) { b.Private = map[string]string{"title": "Plain words"} }},
		{"not UTF-8", func(b *ledger.Body) { b.Actor = "a\xffb" }},
		{"year", func(b *ledger.Body) { b.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"more than 65535", func(b *ledger.Body) { b.Reasons = []string{strings.Repeat("x", ledger.MaxBody)} }},
	} {
		b := body("ent_1")
		c.spoil(&b)
		_, err := ledger.Encode(b)
		refused(t, err, c.about)
	}
}

func TestABackslashIsNoBrokenText(t *testing.T) {
	b := body("ent_1")
	b.Actor = `C:\ufffd` + "\uFFFD"
	data, err := ledger.Encode(b)
	must(t, err)
	got, err := ledger.Decode(data)
	must(t, err)
	if got.Actor != b.Actor {
		t.Errorf("%q became %q", b.Actor, got.Actor)
	}
}

func TestABodyOfExactlyTheBoundIsEncodedAndOneMoreByteIsNot(t *testing.T) {
	b := body("ent_1")
	b.Build = ""
	short, err := ledger.Encode(b)
	must(t, err)
	b.Build = strings.Repeat("x", ledger.MaxBody-len(short))
	data, err := ledger.Encode(b)
	must(t, err)
	if len(data) != ledger.MaxBody {
		t.Fatalf("%d bytes", len(data))
	}
	_, err = ledger.Decode(data)
	must(t, err)
	b.Build += "x"
	_, err = ledger.Encode(b)
	refused(t, err, "65536 bytes")
}

func TestOnlyTheCanonicalBytesAreDecoded(t *testing.T) {
	data, err := ledger.Encode(body("ent_1"))
	must(t, err)
	good := string(data)
	for about, bad := range map[string]string{
		"unknown field":         strings.Replace(good, `{"v":1`, `{"v":1,"extra":1`, 1),
		"bytes after":           good + `{}`,
		"EOF":                   "",
		"not in canonical":      " " + good,
		"not in canonical ":     good + "\n",
		"not in canonical form": strings.Replace(good, `"actor":"per_x"`, `"actor":"per_y","actor":"per_x"`, 1),
		"canonical form":        strings.Replace(good, `"actor"`, `"Actor"`, 1),
		"canonical  ":           strings.Replace(good, "per_x", `per_\u0078`, 1),
		"in canonical":          strings.Replace(good, "123456Z", "123456+00:00", 1),
		"canonical":             strings.Replace(good, "123456Z", "123456789Z", 1),
		"decode entry":          strings.Replace(good, `"kind":"disclosure",`, ``, 1),
		"array":                 `[` + good + `]`,
		"more than 65535":       strings.Repeat(" ", ledger.MaxBody+1),
		"decode":                strings.Repeat("[", 60000),
	} {
		_, err := ledger.Decode([]byte(bad))
		refused(t, err, strings.TrimSpace(about))
	}
}

// FuzzDecode: whatever is accepted encodes to the very same bytes, so a body has one hash only.
func FuzzDecode(f *testing.F) {
	for _, b := range []ledger.Body{body("ent_1"), full()} {
		data, err := ledger.Encode(b)
		must(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ledger.Decode(data)
		if err != nil {
			return
		}
		again, err := ledger.Encode(b)
		must(t, err)
		if string(again) != string(data) {
			t.Errorf("%q encodes to %q", data, again)
		}
	})
}
