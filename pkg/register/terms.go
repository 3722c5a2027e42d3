package register

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Documents, requests and decisions carry what the rules look at twice: in columns, and once more sealed together under
// the Discloser's keyset; what waits for a second person, under that of whoever began it. Whoever can write into the
// database, but does not hold the keys, can alter the columns and not the seal: a marking lowered by hand, a term
// lengthened, a recipient exchanged are noticed, and nothing leaves.

// terms joins values so that no two lists of values give the same text.
func terms(values ...any) string {
	out := make([]byte, 0, 64*len(values))
	for _, v := range values {
		said := term(v)
		out = strconv.AppendInt(out, int64(len(said)), 10)
		out = append(append(append(out, ':'), said...), ';')
	}
	return string(out)
}

// term is a value as fmt.Sprint writes it; an instant to the nanosecond, and a list as its terms.
func term(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []string:
		all := make([]any, len(v))
		for i, s := range v {
			all[i] = s
		}
		return terms(all...)
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case fmt.Stringer, error:
		return fmt.Sprint(v)
	}
	if at := reflect.ValueOf(v); at.Kind() == reflect.String {
		return at.String()
	}
	return fmt.Sprint(v)
}

// sorted makes identifiers comparable however they were listed.
func sorted[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	slices.Sort(out)
	return out
}

// verify opens sealed terms and holds them against what the columns say, or against what was sealed of them before.
func (r *Register) verify(c cell, sealed []byte, said string, before ...string) error {
	kept, err := r.open(c, sealed)
	if err != nil {
		return err
	}
	if kept != said && !slices.Contains(before, kept) {
		return fmt.Errorf("%s of %s: %w", c.column, c.row, ErrAltered)
	}
	return nil
}

func documentCell(d Document) cell { return cell{d.Discloser, "document.terms", string(d.ID)} }

// documentTerms are what the rules look at, and what is told of a document by its days and countries.
func documentTerms(d Document) string {
	return documentTermsOfBefore(d) + terms("told", d.DepositedAt, d.AsOf, d.ReviewBy, d.Countries)
}

// documentTermsOfBefore were all that was sealed, and are of documents that nothing changed since. Those of a document
// that derives from none are those of before there were sources.
func documentTermsOfBefore(d Document) string {
	said := terms(d.Reference, d.Recipient, d.Depositor, d.Marking, d.Proprietary, d.PersonalData, d.RetainUntil,
		d.EntitiesNone,
		d.EntitiesConfirmed, sorted(d.Entities), sorted(d.Purposes), d.ShowTitle, d.Version, d.EntryHash)
	if d.Series != "" {
		said += terms("series", d.Series)
	}
	if len(d.Sources) == 0 && len(d.Inherited) == 0 {
		return said
	}
	sources := make([]string, len(d.Sources))
	for i, s := range d.Sources {
		sources[i] = terms(s.Document, s.Discloser, s.Protected)
	}
	return terms(said, sorted(sources), sorted(d.Inherited), sorted(d.Hidden))
}

func requestCell(q Request) cell { return cell{q.Discloser, "access_request.terms", string(q.ID)} }

func requestTerms(q Request) string {
	said := terms(q.Document, q.Version, q.AskedBy, q.AskedByOrg, q.Beneficiary, q.Purpose, q.Until, q.Form, q.MadeAt,
		sorted(q.People), q.EntryHash)
	if q.Delivery {
		said += terms("delivery")
	}
	if q.Carries != "" {
		said += terms("carries", q.Carries)
	}
	return said
}

func decisionCell(l Decision) cell { return cell{l.Discloser, "decision.terms", string(l.ID)} }

func decisionTerms(l Decision) string {
	said := terms(l.Request, l.Document, l.Kind, l.Given, l.By, l.Organisation, l.At, l.Version, l.Recipient,
		l.RecipientRecord, l.Purpose,
		l.Until, l.Form, l.ConditionsSHA, l.Agreement, l.EarlierServes, l.TextSHA, l.Delegation, l.Evidence,
		l.EvidenceSHA,
		string(l.EvidenceKey), l.Filed, l.GivenOn, l.Instrument, l.ConfirmedBy, l.EntryHash)
	if l.Series != "" {
		said += terms("series", l.Series, l.Standing, sorted(l.Markings))
	}
	return said
}

func pendingCell(p Pending) cell { return cell{p.Organisation, "pending.terms", p.ID} }

// pendingTerms are who said what first, and until when a second person may say it too.
func pendingTerms(p Pending) string {
	return terms(p.ID, p.Act, p.Target, p.Organisation, p.By, p.At, p.ExpiresAt, p.PayloadSHA, p.Entry, p.EntryHash)
}

func versionCell(v Version) cell { return cell{v.Discloser, "version.terms", string(v.ID)} }

// versionTerms are what is handed out as this version, of which document, and whether it may be handed out still.
func versionTerms(v Version) string {
	said := terms(v.Document, v.Number, v.Upload, v.Object, v.Size, v.SHA256, v.Commitment, v.MediaType,
		v.PassengerData, v.CreatedAt,
		v.Kind, v.Entry, v.Unmarkable, v.Malware, v.ClosedAt, v.DestroyedAt)
	if v.Warnings == "" {
		return said
	}
	return terms(said, v.Warnings)
}
