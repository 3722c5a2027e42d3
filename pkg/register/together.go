package register

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

// Reading reads what one reader's decision looks at: the document, a version of it, and what the organisation may rely
// on. It waits for whoever holds the document.
func (r *Register) Reading(ctx context.Context, tx *postgres.Tx, w Wanted) (Dossier, error) {
	found, err := r.gather(ctx, tx, []Wanted{w}, false)
	if err != nil {
		return Dossier{}, err
	}
	return found[0].dossier, found[0].failed
}

// Together reads what several readers' decisions look at, in one trip. It waits for the Arrangement only: where
// somebody else holds a document or an attempt, or where the records of one reader cannot be read, that reader's
// dossier is Busy and holds nothing. All ask for the same locks. The attempts are held until the transaction ends.
func (r *Register) Together(ctx context.Context, tx *postgres.Tx, all []Wanted) ([]Dossier, error) {
	found, err := r.gather(ctx, tx, all, true)
	if err != nil {
		return nil, err
	}
	out := make([]Dossier, len(found))
	for i, f := range found {
		if out[i] = f.dossier; f.busy || f.failed != nil {
			out[i] = Dossier{Busy: true}
		}
	}
	return out, nil
}

// gathered is one reader's part of the answers.
type gathered struct {
	inquiry
	busy   bool
	failed error
}

// gathering is the trip. Each statement takes the readers as columns and answers with the number of the reader in
// front.
type gathering struct {
	inquiry // the questions, and the Arrangement
	wanted  []Wanted
	found   []gathered
	tries   bool

	documents, versions, people, organisations []string
}

// readers are the columns, under names.
const readers = `unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS reader (document, ` +
	`version, person, organisation, n)`

func (r *Register) gather(ctx context.Context, tx *postgres.Tx, all []Wanted, tries bool) ([]gathered, error) {
	in := &gathering{wanted: all, found: make([]gathered, len(all)), tries: tries}
	for _, w := range all {
		in.documents, in.versions = append(in.documents, string(w.Document)), append(in.versions, string(w.Version))
		in.people, in.organisations = append(in.people, string(w.Person)),
			append(in.organisations, string(w.Organisation))
	}
	// Otherwise each would be planned anew for every number of readers, which takes longer than the answer.
	in.ask("plans", `SET LOCAL plan_cache_mode = force_generic_plan`, nil, nil)
	in.hold(all[0].HoldArrangement, theArrangement)
	in.askArrangement()
	in.holdDocuments(all[0].HoldDocument)
	in.holdAttempts()
	in.askReadings()
	if err := tx.Ask(ctx, in.questions...); err != nil {
		return nil, err
	}
	if len(in.arrangement) == 0 {
		return nil, failed("arrangement", "", ErrNotFound)
	}
	for i := range in.found {
		f := &in.found[i]
		f.arrangement = in.arrangement
		f.dossier, f.failed = r.file(&f.inquiry)
	}
	return in.found, nil
}

// askReadings asks for everything but the locks.
func (in *gathering) askReadings() {
	in.each("situation", `SELECT n, clock_timestamp(), `+stopped(`reader.person`, `reader.organisation`)+`,
		`+stoppedDocument(`reader.document`)+` FROM `+readers, func(row rowFor) error {
		var at time.Time
		var person, document bool
		of, err := row.take(&at, &person, &document)
		of.dossier.At, of.dossier.PersonStopped, of.dossier.DocumentStopped = at, person, document
		return err
	})
	in.each("document", `SELECT n, d.*, v.* FROM `+readers+
		perReader(`SELECT `+documentTable.list()+` FROM document d WHERE d.id = reader.document`)+` AS d`+
		perReader(`SELECT `+versionList+
			` FROM version v WHERE v.id = coalesce(nullif(reader.version, ''), d.current_version)`)+` AS v`,
		func(row rowFor) error {
			var d documentRow
			var v versionRow
			of, err := row.take(append(documentTable.into(&d), versionTable.into(&v)...)...)
			of.document, of.version = []documentRow{d}, []versionRow{v}
			return err
		})
	const relied = ` WHERE q.document = reader.document AND (q.beneficiary = reader.organisation OR EXISTS
		(SELECT FROM document_entity e WHERE e.document = reader.document AND e.organisation = reader.organisation)
		OR EXISTS (SELECT FROM decision l WHERE l.request = q.id AND l.by_org = reader.organisation))`
	in.each("requests", `SELECT n, q.* FROM `+readers+
		perReader(`SELECT `+requestList+` FROM access_request q`+relied+` ORDER BY q.made_at, q.id`)+` AS q`,
		func(row rowFor) error {
			var q requestRow
			of, err := row.take(requestTable.into(&q)...)
			of.requests = append(of.requests, q)
			return err
		})
	in.each("decisions", `SELECT n, l.* FROM `+readers+
		perReader(`SELECT `+decisionList+` FROM access_request q`+decisionsOn+relied+` ORDER BY l.at, l.id`)+` AS l`,
		func(row rowFor) error {
			var l decisionRow
			of, err := row.take(decisionTable.into(&l)...)
			of.decisions = append(of.decisions, l)
			return err
		})
	in.each("releases", `SELECT n, x.* FROM `+readers+
		perReader(`SELECT `+releaseList+` FROM release x WHERE x.document = reader.document
		AND x.recipient = reader.organisation AND x.ended_at IS NULL ORDER BY x.at, x.id`)+` AS x`,
		func(row rowFor) error {
			var x releaseRow
			of, err := row.take(releaseTable.into(&x)...)
			of.releases = append(of.releases, x)
			return err
		})
}

// perReader asks a question anew for each reader, by index, in its own order: a planner that takes the tables for
// small, or the readers for many, would read whole tables. OFFSET 0 keeps it from knowing better.
func perReader(question string) string {
	return ` CROSS JOIN LATERAL (` + question + ` OFFSET 0)`
}

// each asks for what every reader needs.
func (in *gathering) each(what, sql string, row func(rowFor) error) {
	in.ask(what, sql, []any{in.documents, in.versions, in.people, in.organisations},
		func(r postgres.Row) error { return row(rowFor{r, in.found}) })
}

// rowFor is a row that begins with the number of the reader whom it is for.
type rowFor struct {
	row   postgres.Row
	found []gathered
}

func (r rowFor) take(into ...any) (*gathered, error) {
	var n int
	if err := r.row.Scan(append([]any{&n}, into...)...); err != nil {
		return &gathered{}, err
	}
	return &r.found[n-1], nil
}

// holdDocuments takes the locks in the order of their names, as everybody does who takes several.
func (in *gathering) holdDocuments(lock Lock) {
	if lock == Unlocked {
		return
	}
	held := ` FROM (SELECT DISTINCT d FROM unnest($1::text[]) AS d ORDER BY d) AS held`
	if !in.tries {
		in.ask("lock", `SELECT `+lock.take(`'document ' || d`)+held, []any{in.documents}, nil)
		return
	}
	in.ask("lock", `SELECT d, `+lock.try(`'document ' || d`)+held, []any{in.documents}, in.unlessBusy(in.documents))
}

// holdAttempts lets nobody else go on with the same acts under the same keys, and looks what came of them before. Of
// two readers with one attempt the second is busy.
func (in *gathering) holdAttempts() {
	var names, people, operations, keys []string
	of := make([]string, len(in.wanted))
	for i, w := range in.wanted {
		if w.Attempt == nil {
			continue
		}
		of[i] = w.Attempt.name(w.Person)
		in.found[i].busy = slices.Contains(names, of[i])
		names, people = append(names, of[i]), append(people, string(w.Person))
		operations, keys = append(operations, w.Attempt.Operation), append(keys, w.Attempt.Key)
	}
	if len(names) == 0 {
		return
	}
	in.ask("lock", `SELECT name, `+ForUpdate.try(`name`)+` FROM unnest($1::text[]) AS name`, []any{names},
		in.unlessBusy(of))
	in.ask("attempts", `SELECT given.name, `+attemptTable.list()+` FROM unnest($1::text[], $2::text[], $3::text[],
		$4::text[])
		AS given (name, person, operation, key) JOIN attempt a USING (person, operation, key)`,
		[]any{names, people, operations, keys},
		func(row postgres.Row) error {
			var name string
			var found attemptRow
			err := row.Scan(append([]any{&name}, attemptTable.into(&found)...)...)
			if i := slices.Index(of, name); err == nil {
				in.found[i].dossier.Attempt = found.to()
			}
			return err
		})
}

// unlessBusy takes whether a name could be had; names are those of the readers.
func (in *gathering) unlessBusy(names []string) func(postgres.Row) error {
	return func(row postgres.Row) error {
		var name string
		var had bool
		err := row.Scan(&name, &had)
		for i := range names {
			in.found[i].busy = in.found[i].busy || err == nil && !had && names[i] == name
		}
		return err
	}
}
