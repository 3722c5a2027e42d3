package register

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// What is told once has a name, and the database keeps a second one of that name out. The name is kept as a token of
// the organisation whose keyset seals the notice: whoever can write rows could put another under a name that can be
// guessed, before its time, and nobody would be told. Notices from before have their names in clear, and count where
// they open.

// TellsOnce is the name under which an organisation's affair is told once.
type TellsOnce struct {
	Owner article4.OrganisationID
	Name  string
}

// kept is how the name stands in the database; empty where there is none.
func (r *Register) kept(t TellsOnce) (string, error) {
	if t.Name == "" {
		return "", nil
	}
	token, err := r.sealer.Token(string(t.Owner), "told|"+t.Name)
	if err != nil {
		return "", fmt.Errorf("notice %s of %s: %w: %w", t.Name, t.Owner, ErrKeys, err)
	}
	return hex.EncodeToString(token), nil
}

// toldRow is what tells whether a notice is one of the gateway's.
type toldRow struct {
	ID          string
	Once        string
	Document    string
	Owner       string
	TextSealed  []byte
	FactsSealed []byte
}

// own reports whether a notice opens: it is sealed for its place, so nobody without the keys wrote it.
func (r *Register) own(row toldRow) bool {
	if row.TextSealed == nil && row.FactsSealed == nil {
		return false
	}
	n := Notice{ID: row.ID, Owner: article4.OrganisationID(row.Owner)}
	return r.openFacts(noticeRow{ID: row.ID, TextSealed: row.TextSealed, FactsSealed: row.FactsSealed}, &n) == nil
}

// told finds under which of some names a notice was told.
func (r *Register) told(ctx context.Context, tx *postgres.Tx, names []TellsOnce) (map[TellsOnce]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	of := map[string]TellsOnce{}
	for _, t := range names {
		kept, err := r.kept(t)
		if err != nil {
			return nil, err
		}
		of[kept], of[t.Name] = t, t
	}
	asked := make([]string, 0, len(of))
	for name := range of {
		asked = append(asked, name)
	}
	var rows []toldRow
	err := sql(ctx, tx).Raw(`SELECT id, once, owner, text_sealed, facts_sealed FROM notice WHERE once IN ?`,
		asked).Scan(&rows).Error
	out := map[TellsOnce]bool{}
	for _, row := range rows {
		t := of[row.Once]
		out[t] = out[t] || row.Once != t.Name || r.own(row)
	}
	return out, failed("notices told", "", err)
}

// ToldOnce reports whether a notice was told under this name.
func (r *Register) ToldOnce(ctx context.Context, tx *postgres.Tx, t TellsOnce) (bool, error) {
	found, err := r.told(ctx, tx, []TellsOnce{t})
	return found[t], err
}

// dueRow is a document on a day of which somebody is told once.
type dueRow struct {
	ID        article4.DocumentID
	Discloser article4.OrganisationID
	On        time.Time
}

// toldBefore finds those of some documents of whose day somebody was told before that had a name.
type toldBefore func(context.Context, *postgres.Tx, []article4.DocumentID) (map[article4.DocumentID]bool, error)

func neverBefore(context.Context, *postgres.Tx, []article4.DocumentID) (map[article4.DocumentID]bool, error) {
	return nil, nil
}

// day is what documents are gone through for: the days of which somebody is told, by which name.
type day struct {
	statement string
	name      func(article4.DocumentID, time.Time) string
	before    toldBefore
}

// untold leaves, of the documents behind an identifier whose day has come, those of whose day nobody was told.
func (r *Register) untold(ctx context.Context, tx *postgres.Tx, of day, today time.Time, after article4.DocumentID,
	limit int) ([]article4.DocumentID, error) {
	const lookedThrough = 1000
	var out []article4.DocumentID
	for {
		var rows []dueRow
		err := sql(ctx, tx).Raw(of.statement+` ORDER BY d.id LIMIT @limit`,
			map[string]any{"today": today, "after": after, "limit": lookedThrough}).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		names := make([]TellsOnce, len(rows))
		for i, row := range rows {
			names[i], after = TellsOnce{row.Discloser, of.name(row.ID, row.On)}, row.ID
		}
		told, err := r.told(ctx, tx, names)
		if err != nil {
			return nil, err
		}
		var left []article4.DocumentID
		for i, row := range rows {
			if !told[names[i]] {
				left = append(left, row.ID)
			}
		}
		before, err := of.before(ctx, tx, left)
		if err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(left, func(id article4.DocumentID) bool { return before[id] })...)
		if len(out) >= limit || len(rows) < lookedThrough {
			return out[:min(limit, len(out))], nil
		}
	}
}

// ReviewTold names that a document's review-by day was reminded of.
func ReviewTold(id article4.DocumentID, by time.Time) string {
	return "review|" + string(id) + "|" + by.UTC().Format(time.DateOnly)
}

// Reviews lists, behind an identifier, documents whose review-by day has come and of which nobody was reminded; those
// of which nothing can be had any more are left out.
func (r *Register) Reviews(ctx context.Context, tx *postgres.Tx, today time.Time, after article4.DocumentID,
	limit int) ([]article4.DocumentID, error) {
	out, err := r.untold(ctx, tx, day{`SELECT d.id, d.discloser, d.review_by AS "on" FROM document d
		JOIN version v ON v.id = d.current_version
		WHERE d.review_by <= @today AND d.id > @after AND v.destroyed_at IS NULL`, ReviewTold, r.remindedBefore}, today,
		after, limit)
	return out, failed("documents to review", "", err)
}

// remindedBefore are those of some documents of whose review-by day somebody was reminded before reminders had names: a
// reminder from then is of a day that had come by then.
func (r *Register) remindedBefore(ctx context.Context, tx *postgres.Tx,
	ids []article4.DocumentID) (map[article4.DocumentID]bool, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []toldRow
	err := sql(ctx, tx).Raw(`SELECT n.id, n.document, n.owner, n.text_sealed, n.facts_sealed FROM notice n
		JOIN document d ON d.id = n.document AND d.review_by <= n.at
		WHERE n.document IN ? AND n.kind = 'review' AND n.once IS NULL`, ids).Scan(&rows).Error
	out := map[article4.DocumentID]bool{}
	for _, row := range rows {
		id := article4.DocumentID(row.Document)
		out[id] = out[id] || r.own(row)
	}
	return out, failed("reminders", "", err)
}

// Reminded reports whether a reminder of a document's review-by day, as it is now, stands already.
func (r *Register) Reminded(ctx context.Context, tx *postgres.Tx, d Document) (bool, error) {
	told, err := r.ToldOnce(ctx, tx, TellsOnce{d.Discloser, ReviewTold(d.ID, d.ReviewBy)})
	if told || err != nil {
		return told, err
	}
	before, err := r.remindedBefore(ctx, tx, []article4.DocumentID{d.ID})
	return before[d.ID], err
}

// RetentionTold names that the end of a document's retention was told.
func RetentionTold(id article4.DocumentID, until time.Time) string {
	return "retention|" + string(id) + "|" + until.UTC().Format(time.DateOnly)
}

// RetentionOver lists, behind an identifier, documents whose personal data was to be kept until a day before this one,
// of which a version is kept still, and of which that was not told yet.
func (r *Register) RetentionOver(ctx context.Context, tx *postgres.Tx, today time.Time, after article4.DocumentID,
	limit int) ([]article4.DocumentID, error) {
	out, err := r.untold(ctx, tx, day{`SELECT d.id, d.discloser, d.retain_until AS "on" FROM document d
		WHERE d.personal_data AND d.retain_until < @today AND d.id > @after
		AND EXISTS (SELECT FROM version v WHERE v.document = d.id AND v.destroyed_at IS NULL)`, RetentionTold,
		neverBefore}, today, after, limit)
	return out, failed("documents whose retention is over", "", err)
}
