package ledger_test

import (
	"reflect"
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
	b.Terms = &ledger.Terms{Discloser: "org_wco", Marking: "confidential", Until: at.AddDate(0, 1, 0),
		RetainUntil: at.AddDate(1, 0, 0), Entities: []string{"org_a"}}
	b.Disclosure = &ledger.Disclosure{ID: "dis_1", Version: "ver_1", Expires: at.Add(15 * time.Minute)}
	b.Completion = &ledger.Completion{Disclosure: "dis_1", End: ledger.EndComplete, Length: 5, Bytes: 5,
		Began: at.Add(-time.Second)}
	b.Configured = &ledger.Configured{
		Arrangement: "sha256:1",
		Weakening:   []string{"no-scanner"},
		Signed:      []ledger.Signed{{Party: "org_wco", On: at}, {Party: "org_unoct"}},
		Specific: []ledger.Specific{{Purposes: []string{"sa1.a"}, Signed: at, Ends: at.AddDate(1, 0, 0)},
			{Purposes: []string{"sa2.a", "sa2.b"}, Signed: at}},
		Delegations: []ledger.Delegation{{
			Digest:       "d",
			Organisation: "org_wco",
			Acts:         []string{"consent", "refuse"},
			From:         at,
			Until:        at.AddDate(1, 0, 0),
			Holder:       "h",
		}},
		Organisations: []ledger.Binding{{Organisation: "org_wco", Issuer: "https://id.wco.example",
			Clients: []string{"portal"}, ACR: []string{"mfa"}, ACRClaim: "amr", RoleClaim: "groups",
			Roles: map[string]string{"staff-of-wco": "staff", "officials-of-wco": "signatory"}}},
	}
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
	const want = `{"v":1,"kind":"disclosure","id":"ent_1","at":"2026-03-01T12:00:00.123456Z","actor":"per_x","` +
		`organisation":"org_unoct",` +
		`"outcome":"permit","reasons":["<&>\u2028\u0001\"\\` + "\uFFFD" + ` é"],"rules":"sha256:00","build":"v1",` +
		`"private":{"a":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","b":"` +
		`0000000000000000000000000000000000000000000000000000000000000000"}}`
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
	for name, have := range map[string]time.Time{"at": got.At, "until": got.Terms.Until,
		"expires": got.Disclosure.Expires,
		"signed":  got.Configured.Signed[0].On, "ends": got.Configured.Specific[0].Ends,
		"from": got.Configured.Delegations[0].From} {
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

// every sets each field of a body's parts that the fast way knows.
func every(t *testing.T) ledger.Body {
	t.Helper()
	b := full()
	b.Configured, b.Counted = nil, nil
	b.Terms, b.Disclosure, b.Completion = &ledger.Terms{}, &ledger.Disclosure{}, &ledger.Completion{}
	for _, part := range []any{b.Terms, b.Disclosure, b.Completion} {
		v := reflect.ValueOf(part).Elem()
		for i := range v.NumField() {
			switch f := v.Field(i); f.Interface().(type) {
			case bool:
				f.SetBool(true)
			case int64:
				f.SetInt(int64(i) * 1000)
			case []string:
				f.Set(reflect.ValueOf([]string{"one", "two"}))
			case time.Time:
				f.Set(reflect.ValueOf(at.Add(time.Duration(i) * 1100 * time.Millisecond)))
			default:
				f.SetString(v.Type().Field(i).Name)
			}
		}
	}
	return b
}

// The fast way and the slower one read the same, or an entry would mean two things; and each member takes the fast one.
func TestTheFastWayReadsEveryMember(t *testing.T) {
	b := every(t)
	data, err := ledger.Encode(b)
	must(t, err)
	got, plain := ledger.PlainBody(data)
	if diff := cmp.Diff(b, got); !plain || diff != "" {
		t.Errorf("taken %t (-want +got):\n%s", plain, diff)
	}
	_, plain = ledger.PlainBody(must2(ledger.Encode(full()))(t))
	if plain {
		t.Error("a configuration took the fast way, which does not know it")
	}
}

// Whatever is done to one byte, or to a time, the fast way takes it only if it is what Encode writes.
func TestTheFastWayTakesTheCanonicalBytesAlone(t *testing.T) {
	data, err := ledger.Encode(every(t))
	must(t, err)
	try := func(data []byte) {
		t.Helper()
		if b, plain := ledger.PlainBody(data); plain {
			again, err := ledger.Encode(b)
			if err != nil || string(again) != string(data) {
				t.Errorf("%q was taken for %q, %v", data, again, err)
			}
		}
	}
	for i := range data {
		before := data[i]
		for _, c := range []byte("\"\\{}[],:019aZT.- \x00\xff") {
			data[i] = c
			try(data)
		}
		data[i] = before
		try(data[:i])
	}
	short, err := ledger.Encode(body("ent_1"))
	must(t, err)
	for _, instant := range []string{"2026-03-01T12:00:00Z", "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.50Z",
		"2026-03-01T12:00:00.1234567Z", "2026-03-01T12:00:00.Z",
		"2026-03-01T12:00:00.12x4Z", "2026-03-01T12:00:00x5Z", "2026-00-01T12:00:00.5Z", "2026-02-29T12:00:00.5Z",
		"2026-13-01T12:00:00.5Z", "2026-03-01T24:00:00.5Z", "2026-03-01T12:60:00.5Z", "2026-03-01T12:00:60.5Z",
		"0026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.5z", "2026-03-01t12:00:00.5Z", "2026-03-01"} {
		try([]byte(strings.Replace(string(short), at.Format(time.RFC3339Nano), instant, 1)))
	}
}

func must2[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
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
