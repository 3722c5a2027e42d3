package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Document is a document as recorded, with the version that is current.
type Document struct {
	ID                article4.DocumentID
	Reference         string
	Discloser         article4.OrganisationID
	Recipient         article4.OrganisationID
	Depositor         article4.PersonID
	Marking           article4.Marking
	Proprietary       bool
	PersonalData      bool
	Regime            string
	LegalBasis        string
	RetainUntil       time.Time
	EntitiesNone      bool
	EntitiesConfirmed bool
	Entities          []article4.OrganisationID
	Inherited         []article4.OrganisationID // of Entities, those of a source of the other Party (reading 0110)
	Hidden            []article4.OrganisationID // of Inherited, those that the Discloser did not name itself
	Sources           []Source                  // that it derives from
	Purposes          []article4.PurposeCode
	Title             string
	Purpose           string
	Handling          string
	Alias             string
	ShowTitle         bool
	Countries         []string
	AsOf              time.Time
	ReviewBy          time.Time
	DepositedAt       time.Time
	Version           article4.VersionID
	Series            article4.SeriesID // empty: none
	Entry             string
	EntryHash         string
}

// Source is a document that another derives from, as it stood when it was named.
type Source struct {
	Document  article4.DocumentID
	Discloser article4.OrganisationID
	Protected bool
}

type documentRow struct {
	ID                string
	Reference         string
	Discloser         string
	Recipient         string
	Depositor         string
	Marking           string
	Proprietary       bool
	PersonalData      bool
	RegimeSealed      []byte
	LegalBasisSealed  []byte
	RetainUntil       *time.Time
	EntitiesNone      bool
	EntitiesConfirmed bool
	TitleSealed       []byte
	PurposeSealed     []byte
	HandlingSealed    []byte
	AliasSealed       []byte
	ShowTitle         bool
	Countries         string
	AsOf              *time.Time
	ReviewBy          *time.Time
	DepositedAt       time.Time
	CurrentVersion    string
	Series            *string
	TermsSealed       []byte
	Entry             string
	EntryHash         string
	Purposes          []string
	Entities          []string // as entityItem
	Sources           []string // as sourceItem
}

var documentTable = newTable[documentRow](`document d`, map[string]string{
	"Purposes": `ARRAY(SELECT p.code FROM document_purpose p WHERE p.document = d.id ORDER BY p.code)`,
	"Entities": `ARRAY(SELECT ` + entityItem + ` FROM document_entity e WHERE e.document = d.id
		ORDER BY e.organisation)`,
	"Sources": `ARRAY(SELECT ` + sourceItem + ` FROM document_source s WHERE s.document = d.id ORDER BY s.source)`,
})

func (r *Register) fromDocument(d Document) (documentRow, error) {
	row := documentRow{
		ID:                string(d.ID),
		Reference:         d.Reference,
		Discloser:         string(d.Discloser),
		Recipient:         string(d.Recipient),
		Depositor:         string(d.Depositor),
		Marking:           string(d.Marking),
		Proprietary:       d.Proprietary,
		PersonalData:      d.PersonalData,
		RetainUntil:       orNil(d.RetainUntil),
		EntitiesNone:      d.EntitiesNone,
		EntitiesConfirmed: d.EntitiesConfirmed,
		ShowTitle:         d.ShowTitle,
		Countries:         strings.Join(d.Countries, ","),
		AsOf:              orNil(d.AsOf),
		ReviewBy:          orNil(d.ReviewBy),
		DepositedAt:       d.DepositedAt,
		CurrentVersion:    string(d.Version),
		Series:            emptyNil(string(d.Series)),
		Entry:             d.Entry,
		EntryHash:         d.EntryHash,
	}
	var err error
	if row.TermsSealed, err = r.sealed(documentCell(d), documentTerms(d)); err != nil {
		return row, err
	}
	return row, r.sealTexts(d.Discloser, row.ID, documentTexts(&row, &d))
}

func (r *Register) toDocument(row documentRow) (Document, error) {
	d := Document{
		ID:                article4.DocumentID(row.ID),
		Reference:         row.Reference,
		Discloser:         article4.OrganisationID(row.Discloser),
		Recipient:         article4.OrganisationID(row.Recipient),
		Depositor:         article4.PersonID(row.Depositor),
		Marking:           article4.Marking(row.Marking),
		Proprietary:       row.Proprietary,
		PersonalData:      row.PersonalData,
		RetainUntil:       orZero(row.RetainUntil),
		EntitiesNone:      row.EntitiesNone,
		EntitiesConfirmed: row.EntitiesConfirmed,
		ShowTitle:         row.ShowTitle,
		AsOf:              orZero(row.AsOf),
		ReviewBy:          orZero(row.ReviewBy),
		DepositedAt:       row.DepositedAt.UTC(),
		Version:           article4.VersionID(row.CurrentVersion),
		Series:            article4.SeriesID(orEmpty(row.Series)),
		Entry:             row.Entry,
		EntryHash:         row.EntryHash,
	}
	if row.Countries != "" {
		d.Countries = strings.Split(row.Countries, ",")
	}
	return d, r.openTexts(d.Discloser, row.ID, documentTexts(&row, &d))
}

// AddDocument records a document with its purposes, its entities concerned and the keyed words of its title.
func (r *Register) AddDocument(ctx context.Context, tx *postgres.Tx, d Document) error {
	row, err := r.fromDocument(d)
	if err != nil {
		return err
	}
	if err := documentTable.add(ctx, tx, "document", row.ID, row); err != nil {
		return err
	}
	db := sql(ctx, tx)
	if err := addPurposes(db, d.ID, d.Purposes); err != nil {
		return err
	}
	for _, entity := range d.Entities {
		if err := addEntity(db, d, entity); err != nil {
			return err
		}
	}
	if err := addSources(db, d.ID, d.Sources); err != nil {
		return err
	}
	return r.addWords(db, d)
}

func addPurposes(db *gorm.DB, id article4.DocumentID, purposes []article4.PurposeCode) error {
	for _, code := range purposes {
		if err := db.Exec(`INSERT INTO document_purpose (document, code) VALUES (?,?)`, id, code).Error; err != nil {
			return failed("purpose of document", string(id), err)
		}
	}
	return nil
}

func addSources(db *gorm.DB, id article4.DocumentID, sources []Source) error {
	for _, s := range sources {
		if err := db.Exec(`INSERT INTO document_source (document, source, discloser, protected) VALUES (?,?,?,?)`, id,
			s.Document, s.Discloser, s.Protected).Error; err != nil {
			return failed("source of document", string(id), err)
		}
	}
	return nil
}

func addEntity(db *gorm.DB, d Document, entity article4.OrganisationID) error {
	return failed("entity of document", string(d.ID),
		db.Exec(`INSERT INTO document_entity (document, organisation, inherited, named) VALUES (?,?,?,?)`, d.ID, entity,
			slices.Contains(d.Inherited, entity), !slices.Contains(d.Hidden, entity)).Error)
}

// Derive names further sources of a document, and the entities concerned that it takes over from them, those in
// inherited from the other Party. What is named already stays named once.
func (r *Register) Derive(ctx context.Context, tx *postgres.Tx, d *Document, from []Source,
	entities, inherited []article4.OrganisationID) error {
	db := sql(ctx, tx)
	more := slices.DeleteFunc(slices.Clone(from), func(s Source) bool { return d.derivesFrom(s.Document) })
	if err := addSources(db, d.ID, more); err != nil {
		return err
	}
	d.Sources = append(d.Sources, more...)
	for _, entity := range entities {
		if slices.Contains(d.Entities, entity) {
			continue
		}
		d.Entities, d.EntitiesNone, d.EntitiesConfirmed = append(d.Entities, entity), false, true
		if slices.Contains(inherited, entity) {
			d.Inherited, d.Hidden = append(d.Inherited, entity), append(d.Hidden, entity)
		}
		if err := addEntity(db, *d, entity); err != nil {
			return err
		}
	}
	return r.change(ctx, tx, *d)
}

func (d *Document) derivesFrom(id article4.DocumentID) bool {
	return slices.ContainsFunc(d.Sources, func(s Source) bool { return s.Document == id })
}

func (r *Register) addWords(db *gorm.DB, d Document) error {
	for _, word := range Words(d.Title) {
		token, err := r.wordToken(d.Discloser, word)
		if err != nil {
			return err
		}
		err = db.Exec(`INSERT INTO document_word (document, word) VALUES (?,?) ON CONFLICT DO NOTHING`, d.ID,
			token).Error
		if err != nil {
			return failed("words of document", string(d.ID), err)
		}
	}
	return nil
}

// Document reads one with its purposes and entities.
func (r *Register) Document(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) (Document, error) {
	row, err := documentTable.one(ctx, tx, "document", string(id), `WHERE d.id = $1`, id)
	if err != nil {
		return Document{}, err
	}
	return r.wholeDocument(row)
}

// change writes what an act changed of a document, and seals its terms anew. The row must be held by the caller.
func (r *Register) change(ctx context.Context, tx *postgres.Tx, d Document) error {
	sealed, err := r.sealed(documentCell(d), documentTerms(d))
	if err != nil {
		return err
	}
	return failed("document", string(d.ID),
		sql(ctx, tx).Exec(`UPDATE document SET marking = ?, proprietary = ?, entities_none = ?,
		entities_confirmed = ?, current_version = ?, terms_sealed = ? WHERE id = ?`, d.Marking, d.Proprietary,
			d.EntitiesNone,
			d.EntitiesConfirmed, d.Version, sealed, d.ID).Error)
}

// ConfirmEntities records that the Discloser's first decision repeated "entities concerned: none" (Article 4(4)).
func (r *Register) ConfirmEntities(ctx context.Context, tx *postgres.Tx, d *Document) error {
	d.EntitiesConfirmed = true
	return r.change(ctx, tx, *d)
}

// Remark records a document's new marking.
func (r *Register) Remark(ctx context.Context, tx *postgres.Tx, d *Document, m article4.Marking,
	proprietary bool) error {
	d.Marking, d.Proprietary = m, proprietary
	return r.change(ctx, tx, *d)
}

// Supersede makes another version the current one of a document.
func (r *Register) Supersede(ctx context.Context, tx *postgres.Tx, d *Document, current article4.VersionID) error {
	d.Version = current
	return r.change(ctx, tx, *d)
}

// AddEntity names a further entity concerned; one that is named already stays named once.
func (r *Register) AddEntity(ctx context.Context, tx *postgres.Tx, d *Document, entity article4.OrganisationID) error {
	if slices.Contains(d.Hidden, entity) {
		d.Hidden = without(d.Hidden, entity)
		err := sql(ctx, tx).Exec(`UPDATE document_entity SET named = true WHERE document = ? AND organisation = ?`,
			d.ID, entity).Error
		if err != nil {
			return failed("entity of document", string(d.ID), err)
		}
		return r.change(ctx, tx, *d)
	}
	if slices.Contains(d.Entities, entity) {
		return nil
	}
	if err := addEntity(sql(ctx, tx), *d, entity); err != nil {
		return err
	}
	d.Entities = append(d.Entities, entity)
	d.EntitiesNone, d.EntitiesConfirmed = false, true
	return r.change(ctx, tx, *d)
}

// RemoveEntity takes an entity concerned off; the log keeps that it was.
func (r *Register) RemoveEntity(ctx context.Context, tx *postgres.Tx, d *Document,
	entity article4.OrganisationID) error {
	err := sql(ctx, tx).Exec(`DELETE FROM document_entity WHERE document = ? AND organisation = ?`, d.ID, entity).Error
	if err != nil {
		return failed("entity of document", string(d.ID), err)
	}
	d.Entities = without(d.Entities, entity)
	d.EntitiesNone = len(d.Entities) == 0
	return r.change(ctx, tx, *d)
}

func without[T comparable](all []T, these ...T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return slices.Contains(these, one) })
}

const (
	// entityItem is an entity concerned e, marked where it was taken over from a source of the other Party: + where
	// the Discloser named it as well, * where it did not.
	entityItem = `e.organisation || CASE WHEN NOT e.inherited THEN '' WHEN e.named THEN '+' ELSE '*' END`
	// sourceItem is a source s.
	sourceItem = `s.source || ' ' || s.discloser || CASE WHEN s.protected THEN ' protected' ELSE '' END`
)

// wholeDocument opens the sealed texts, and holds the whole against the sealed terms.
func (r *Register) wholeDocument(row documentRow) (Document, error) {
	d, err := r.toDocument(row)
	if err != nil {
		return Document{}, err
	}
	d.Purposes = named[article4.PurposeCode](row.Purposes)
	for _, item := range row.Entities {
		entity := article4.OrganisationID(strings.TrimRight(item, "+*"))
		d.Entities = append(d.Entities, entity)
		if string(entity) != item {
			d.Inherited = append(d.Inherited, entity)
		}
		if strings.HasSuffix(item, "*") {
			d.Hidden = append(d.Hidden, entity)
		}
	}
	for _, item := range row.Sources {
		parts := strings.Fields(item)
		d.Sources = append(d.Sources, Source{article4.DocumentID(parts[0]), article4.OrganisationID(parts[1]),
			len(parts) > 2})
	}
	return d, r.verify(documentCell(d), row.TermsSealed, documentTerms(d), documentTermsOfBefore(d))
}

// Reference is what people call a document, and how it is marked.
type Reference struct {
	ID        article4.DocumentID
	Reference string
	Marking   article4.Marking
}

// References are those of these documents; of what is none there is none.
func (r *Register) References(ctx context.Context, tx *postgres.Tx, ids []article4.DocumentID) (
	map[article4.DocumentID]Reference, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []Reference
	err := sql(ctx, tx).Raw(`SELECT id, reference, marking FROM document WHERE id IN ?`, ids).Scan(&rows).Error
	out := make(map[article4.DocumentID]Reference, len(rows))
	for _, row := range rows {
		out[row.ID] = row
	}
	return out, failed("references of documents", "", err)
}
