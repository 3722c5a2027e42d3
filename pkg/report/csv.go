package report

import (
	"cmp"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// tables are the CSV files (RFC 4180, UTF-8), a heading each; instants are RFC 3339, UTC.
func (r *Report) tables() []File {
	decisions := func(name string, kinds ...ledger.Kind) File {
		return file(name, decisionHeads, r.Decisions, func(d *Decision) []string {
			for _, k := range kinds {
				if d.Kind == k {
					return r.decision(d)
				}
			}
			return nil
		})
	}
	return []File{
		file("disclosures.csv", []string{"at", "person", "person_name", "organisation", "discloser", "third_party",
			"document", "title", "version", "marking", "purpose", "statement", "form", "copy_number", "copy_sha256",
			"paragraph", "authority", "end", "bytes", "verdict", "new", "index", "entry", "leaf_sha256"},
			r.Disclosures, r.disclosure),
		decisions("consents.csv", ledger.KindConsent, ledger.KindRelease),
		decisions("authorizations.csv", ledger.KindAuthorization, ledger.KindFiling),
		decisions("withdrawals.csv", ledger.KindWithdrawal),
		decisions("refused-requests.csv", ledger.KindRefusal),
		file("refusals.csv", []string{"at", "person", "organisation", "act", "document", "title", "reasons",
			"paragraphs", "times", "verdict", "new", "index", "entry", "leaf_sha256"}, r.Refusals, r.refusal),
		file("third-parties.csv", []string{"organisation", "name", "requests", "consents", "releases", "refused",
			"disclosures", "documents", "agreement_signed", "last_disclosure"}, r.ThirdParties, r.thirdParty),
		file("unusual.csv", []string{"what", "person", "organisation", "about", "count", "entries"}, r.Unusual,
			r.oddity),
		file("findings.csv", []string{"check", "index", "entry", "why"}, r.Verdict.Findings,
			func(f ledger.Finding) []string {
				return []string{f.Check, strconv.FormatInt(f.Index, 10), f.Entry, f.Why}
			}),
	}
}

// file is a table; a line that is nil is left out.
func file[T any](name string, heads []string, lines []T, line func(T) []string) File {
	return File{name, func(w io.Writer) error {
		out := csv.NewWriter(w)
		out.UseCRLF = true
		if err := out.Write(heads); err != nil {
			return err
		}
		for _, l := range lines {
			cells := line(l)
			if cells == nil {
				continue
			}
			for i := range cells {
				cells[i] = inert(cells[i])
			}
			if err := out.Write(cells); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	}}
}

// inert keeps a spreadsheet from taking words of the log for a formula: whoever wrote a title may have meant it so. A
// whole number is none.
func inert(cell string) string {
	_, err := strconv.ParseInt(cell, 10, 64)
	if err == nil && cell[0] != '+' || !strings.ContainsAny(cell[:min(len(cell), 1)], "=+-@\t\r") {
		return cell
	}
	return "'" + cell
}

func rfc3339(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// at are the last four cells of each line: the verdict on it and where it stands.
func (e Entry) at() []string {
	verdict := "as it should be"
	if len(e.Wrong) > 0 {
		verdict = "wrong: " + strings.Join(e.Wrong, "; ")
	}
	return []string{verdict, strconv.FormatBool(e.New), strconv.FormatInt(e.Index, 10), e.ID, e.Leaf}
}

func (r *Report) disclosure(d *Disclosure) []string {
	var rests []string
	for _, a := range d.Authority {
		rests = append(rests, string(a.Kind)+" "+a.By.Organisation+" "+a.Entry.ID)
	}
	return append([]string{rfc3339(d.Entry.At), d.To.ID, r.names[d.To.ID], d.To.Organisation, d.From,
		strconv.FormatBool(d.Third), d.Document.ID, d.Document.Title, d.Document.Version, d.Document.Marking, d.Purpose,
		d.Statement, d.Form, d.Copy, d.Digest, d.Paragraph(), strings.Join(rests, "; "), cmp.Or(d.End, "open"),
		strconv.FormatInt(d.Bytes, 10)}, d.at()...)
}

var decisionHeads = []string{"at", "act", "person", "person_name", "organisation", "document", "title", "version",
	"marking", "request", "for", "purposes", "until", "conditions", "evidence", "statement", "paragraph", "verdict",
	"new", "index", "entry", "leaf_sha256"}

func (r *Report) decision(d *Decision) []string {
	return append([]string{rfc3339(d.Entry.At), string(d.Kind), d.By.ID, r.names[d.By.ID], d.By.Organisation,
		d.Document.ID, d.Document.Title, d.Document.Version, d.Document.Marking, d.Request, d.For,
		strings.Join(d.Purposes, " "), rfc3339(d.Until), strconv.FormatBool(d.Conditions), d.Evidence, d.Statement,
		d.Paragraph()},
		d.at()...)
}

func (r *Report) refusal(f *Refusal) []string {
	return append([]string{rfc3339(f.Entry.At), f.By.ID, f.By.Organisation, string(f.Act), f.Document.ID,
		f.Document.Title, strings.Join(f.Reasons, " "), strings.Join(ledger.Paragraphs(f.Reasons), " "),
		strconv.Itoa(f.Times)}, f.at()...)
}

func (r *Report) thirdParty(t *ThirdParty) []string {
	return []string{t.ID, r.names[t.ID], strconv.Itoa(t.Requests), strconv.Itoa(t.Consents), strconv.Itoa(t.Releases),
		strconv.Itoa(t.Refusals), strconv.Itoa(t.Disclosures), strconv.Itoa(t.Documents), rfc3339(t.Signed),
		rfc3339(t.Last)}
}

func (r *Report) oddity(u Unusual) []string {
	var entries []string
	for _, e := range u.Entries {
		entries = append(entries, e.ID)
	}
	return []string{u.Kind, u.Who.ID, u.Who.Organisation, u.What, strconv.Itoa(u.Count), strings.Join(entries, " ")}
}
