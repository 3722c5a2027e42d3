package exchange_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// objects counts what stands in the store, whole or half.
func (h *fixture) objects() int {
	h.t.Helper()
	client, err := h.store.Client()
	must(h.t, err)
	n := 0
	for o := range client.ListObjects(h.t.Context(), h.bucket, minio.ListObjectsOptions{Recursive: true}) {
		must(h.t, o.Err)
		n++
	}
	for u := range client.ListIncompleteUploads(h.t.Context(), h.bucket, "", true) {
		must(h.t, u.Err)
		n++
	}
	return n
}

func source(r io.Reader, part exchange.ContentPart) exchange.ContentSource {
	return func() (io.Reader, exchange.ContentPart, error) { return r, part, nil }
}

var errLine = errors.New("the line broke")

type broken struct{ left int }

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errLine
	}
	n := min(len(p), b.left)
	b.left -= n
	return n, nil
}

func TestARefusedOrBrokenDepositLeavesNothingBehind(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.MaxUpload = 1 << 20 })
	staff := h.staff(g, "staff.wco")
	paxlst := "UNA:+.? '\r\nUNB+UNOA:4+XX+YY+260101:1200+1'\r\nUNH+1+PAXLST:D:12B:UN:IATA'\r\n"
	tests := []struct {
		name   string
		change func(*exchange.Metadata)
		body   io.Reader
		part   exchange.ContentPart
		codes  []article4.Code
	}{
		{"4(9) without a marking", func(m *exchange.Metadata) { m.Marking = "" }, strings.NewReader("x"),
			exchange.ContentPart{}, []article4.Code{"art4.9/unmarked"}},
		{"4(9) an unknown marking", func(m *exchange.Metadata) { m.Marking = "secret" }, strings.NewReader("x"),
			exchange.ContentPart{}, []article4.Code{"art4.9/unmarked"}},
		{"4(3) undeclared", func(m *exchange.Metadata) { m.PersonalData.Declared = false }, strings.NewReader("x"),
			exchange.ContentPart{}, []article4.Code{"art4.3/undeclared"}},
		{"4(3) a regime and a legal basis of blanks", func(m *exchange.Metadata) {
			m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: " ", LegalBasis: "\u00a0",
				RetainUntil: time.Now().AddDate(1, 0, 0)}
		}, strings.NewReader("x"), exchange.ContentPart{}, []article4.Code{"art4.3/no-safeguard"}},
		{"4(4) entities not declared", func(m *exchange.Metadata) { m.EntitiesDeclared = false },
			strings.NewReader("x"), exchange.ContentPart{}, []article4.Code{"art4.4/entities-undeclared"}},
		{"passenger data undeclared", func(*exchange.Metadata) {}, strings.NewReader(paxlst), exchange.ContentPart{},
			[]article4.Code{"art4.3/passenger-data-undeclared"}},
		{"empty", func(*exchange.Metadata) {}, strings.NewReader(""), exchange.ContentPart{},
			[]article4.Code{"gateway/empty"}},
		{"declared empty", func(m *exchange.Metadata) { m.Size = 0 }, strings.NewReader(""), exchange.ContentPart{},
			[]article4.Code{"gateway/empty"}},
		{"too large", func(*exchange.Metadata) {}, strings.NewReader(strings.Repeat("a", 1<<20+1)),
			exchange.ContentPart{}, []article4.Code{"gateway/too-large"}},
		{"declared too large", func(m *exchange.Metadata) { m.Size = 1<<20 + 1 },
			strings.NewReader(strings.Repeat("a", 1<<20+1)), exchange.ContentPart{},
			[]article4.Code{"gateway/too-large"}},
		{"shorter than declared", func(m *exchange.Metadata) { m.Size = 200_000 },
			strings.NewReader(strings.Repeat("a", 100_000)), exchange.ContentPart{},
			[]article4.Code{"gateway/size-mismatch"}},
		{"longer than declared", func(m *exchange.Metadata) { m.Size = 100_000 },
			strings.NewReader(strings.Repeat("a", 200_000)), exchange.ContentPart{},
			[]article4.Code{"gateway/size-mismatch"}},
		{"another digest", func(m *exchange.Metadata) { m.SHA256 = article4.Digest(strings.Repeat("0", 64)) },
			strings.NewReader("x"), exchange.ContentPart{}, []article4.Code{"gateway/digest-mismatch"}},
		{"a text declared as PDF", func(*exchange.Metadata) {}, strings.NewReader("only words"),
			exchange.ContentPart{MediaType: "application/pdf"}, []article4.Code{"gateway/type-mismatch"}},
		{"the line breaks", func(m *exchange.Metadata) { m.Size = 500_000 }, &broken{left: 300_000},
			exchange.ContentPart{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := metadata()
			tt.change(&m)
			_, err := g.Deposit(t.Context(), staff, m, source(tt.body, tt.part))
			if tt.codes == nil {
				if !errors.Is(err, exchange.ErrContent) {
					t.Errorf("got %v; want ErrContent", err)
				}
				return
			}
			refusedFor(t, err, tt.codes...)
		})
	}
	list, err := g.List(t.Context(), h.signatory(g, "focal.wco"), exchange.DocumentQuery{})
	must(t, err)
	if len(list.Items) != 0 {
		t.Errorf("%d documents stand after refusals only", len(list.Items))
	}
	deadline := time.Now().Add(15 * time.Second)
	for h.objects() > 0 && time.Now().Before(deadline) {
		time.Sleep(200 * time.Millisecond)
	}
	if n := h.objects(); n > 0 {
		t.Errorf("%d objects stand in the store after refusals only", n)
	}
}

func TestADepositReportsEverythingAbsentAtOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	_, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), exchange.Metadata{Size: -1}, content("x"))
	var refusal *exchange.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v; want a refusal", err)
	}
	said := map[article4.Code]bool{}
	for _, r := range refusal.Reasons {
		said[r.Code] = true
	}
	for _, code := range []article4.Code{"art4.9/unmarked", "art4.9/no-purpose", "art4.3/undeclared",
		"art4.4/entities-undeclared"} {
		if !said[code] {
			t.Errorf("%s is not among %v", code, refusal.Reasons)
		}
	}
}

func TestACountryIsTwoCapitalLetters(t *testing.T) {
	m := metadata()
	m.Countries = []string{"FR", "ZA"}
	must(t, exchange.CheckMetadata(m))
	for _, country := range []string{"É", ",,", "1A", "A1", "..", "fr", "Fr", "F", "FRA", ""} {
		m.Countries = []string{"FR", country}
		if err := exchange.CheckMetadata(m); err == nil || !strings.Contains(err.Error(), "countries[1]") {
			t.Errorf("%q: %v", country, err)
		}
	}
}

func TestArticle4_9WhatWasReceivedIsNotDepositedAsOnesOwn(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	m := metadata()
	m.Marking = article4.NonConfidential
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	back := metadata()
	back.Recipient = wco
	refusedFor(t, second(g.Deposit(t.Context(), reader, back, content(secret))), "art4.9/received-from-the-other")
	_, err = g.Deposit(t.Context(), reader, back, content(secret+" with our own remark"))
	must(t, err)
}

func TestEveryFileOfTheCorpusIsDepositedAndReadBackAsItIs(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/*/*")
	must(t, err)
	if len(files) == 0 {
		t.Skip("SKIPPED: ../shared/corpus is absent; the corpus was not deposited")
	}
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	var group errgroup.Group
	group.SetLimit(6)
	for _, file := range files {
		group.Go(func() error {
			if err := thereAndBack(t, g, staff, file); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			return nil
		})
	}
	_ = group.Wait()
}

// thereAndBack deposits a file and reads it again.
func thereAndBack(t *testing.T, g *exchange.Gateway, staff exchange.Actor, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	m := metadata()
	m.Size = int64(len(data))
	if dir := filepath.Base(filepath.Dir(file)); dir == "gtas" || dir == "passenger" {
		var refusal *exchange.Refusal
		_, err := g.Deposit(t.Context(), staff, m, content(string(data)))
		if !errors.As(err, &refusal) || len(refusal.Reasons) != 1 ||
			refusal.Reasons[0].Code != "art4.3/passenger-data-undeclared" {
			return fmt.Errorf("undeclared: %w; want art4.3/passenger-data-undeclared", err)
		}
		m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "UN principles",
			LegalBasis: "SCR 2396", RetainUntil: time.Now().AddDate(1, 0, 0)}
	}
	doc, err := g.Deposit(t.Context(), staff, m, content(string(data)))
	if err != nil {
		return err
	}
	d, err := g.Disclose(t.Context(), staff, doc.ID, exchange.Reading{Form: article4.Original})
	if err != nil {
		return err
	}
	transfer, err := g.Content(t.Context(), staff, d.ID, nil)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(transfer)
	if err = errors.Join(err, transfer.Finish(t.Context(), int64(len(got)))); err == nil &&
		string(got) != string(data) {
		err = errors.New("came back altered")
	}
	return err
}
