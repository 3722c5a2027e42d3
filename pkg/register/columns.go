package register

// What a dossier reads of each table, and where it goes.

const versionColumns = `id, document, number, upload, object, wrapped_key, size, sha256, digest_salt, commitment,
	media_type,
	file_name_sealed, passenger_data, created_at, kind, explanation_sealed, entry, unmarkable, malware, closed_at,
	destroyed_at,
	terms_sealed, warnings`

const requestColumns = `q.id, q.document, q.version, q.asked_by, q.asked_by_org, q.beneficiary, q.purpose,
	q.statement_sealed, q.until, q.form,
	q.made_at, q.lapses_at, q.withdrawn_at, q.closed, q.revision, q.terms_sealed, q.entry, q.entry_hash,
	ARRAY(SELECT p.person FROM request_person p WHERE p.request = q.id ORDER BY p.person),
	ARRAY(SELECT a.person FROM admission a WHERE a.request = q.id ORDER BY a.person), ` + agreementsPut

const decisionColumns = `l.id, l.request, l.document, l.kind, l.given, l.by_person, l.by_org, l.at, l.version,
	l.recipient, l.recipient_record,
	l.purpose, l.until, l.form, l.conditions_sealed, l.conditions_sha256, l.agreement, l.earlier_serves,
	l.statement_sealed, l.text_sealed,
	l.text_sha256, l.delegation, l.evidence, l.evidence_sealed, l.evidence_sha256, l.evidence_key, l.terms_sealed,
	l.entry, l.entry_hash,
	l.filed, l.given_by_sealed, l.given_on, l.instrument_sha256, l.confirmed_by, w.by_person, w.at, w.statement_sealed,
	w.entry, w.entry_hash,
	p.subject_sealed, o.keyset, w.decision IS NULL AND ` + takenBackInTheLog

// takenBackInTheLog asks whether a withdrawal in the log names a decision l. The log is append-only where the rows of
// withdrawals are not: that one was deleted is noticed before anything rests on the decision again.
const takenBackInTheLog = `EXISTS (SELECT FROM log_entry e WHERE e.kind = 'withdrawal' AND e.outcome = 'permit'
	AND e.document = l.document AND position(l.entry_hash IN convert_from(e.body, 'UTF8')) > 0)`

// decisionsOn are the decisions on requests q, with what took them back and who gave evidence of an own writing.
const decisionsOn = ` JOIN decision l ON l.request = q.id LEFT JOIN withdrawal w ON w.decision = l.id` + theSigner

// theSigner is whoever a token speaks for that came as evidence with a decision l.
const theSigner = ` LEFT JOIN person p ON p.id = l.by_person AND l.evidence = 'oidc'
	LEFT JOIN LATERAL (SELECT COALESCE(o.keyset, o.id) AS keyset FROM organisation o WHERE o.id = p.organisation) AS o
		ON true`

const releaseColumns = `x.id, x.document, x.recipient, x.purpose, x.statement_sealed, x.transfer_basis_sealed,
	x.by_discloser, x.by_person,
	x.by_org, x.at, x.entry, x.entry_hash`

func (d *documentRow) into() []any {
	return []any{&d.ID, &d.Reference, &d.Discloser, &d.Recipient, &d.Depositor, &d.Marking, &d.Proprietary,
		&d.PersonalData, &d.RegimeSealed,
		&d.LegalBasisSealed, &d.RetainUntil, &d.EntitiesNone, &d.EntitiesConfirmed, &d.TitleSealed, &d.PurposeSealed,
		&d.HandlingSealed,
		&d.AliasSealed, &d.ShowTitle, &d.Countries, &d.AsOf, &d.ReviewBy, &d.DepositedAt, &d.CurrentVersion,
		&d.TermsSealed, &d.Entry, &d.EntryHash}
}

func (v *versionRow) into() []any {
	return []any{&v.ID, &v.Document, &v.Number, &v.Upload, &v.Object, &v.WrappedKey, &v.Size, &v.SHA256, &v.DigestSalt,
		&v.Commitment,
		&v.MediaType, &v.FileNameSealed, &v.PassengerData, &v.CreatedAt, &v.Kind, &v.ExplanationSealed, &v.Entry,
		&v.Unmarkable, &v.Malware,
		&v.ClosedAt, &v.DestroyedAt, &v.TermsSealed, &v.Warnings}
}

func (f *requestFound) into() []any {
	q := &f.row
	return []any{&q.ID, &q.Document, &q.Version, &q.AskedBy, &q.AskedByOrg, &q.Beneficiary, &q.Purpose,
		&q.StatementSealed, &q.Until, &q.Form,
		&q.MadeAt, &q.LapsesAt, &q.WithdrawnAt, &q.Closed, &q.Revision, &q.TermsSealed, &q.Entry, &q.EntryHash,
		&f.people, &f.admitted, &q.Agreements}
}

func (f *decisionWithRow) into() []any {
	l := &f.Decision
	return []any{&l.ID, &l.Request, &l.Document, &l.Kind, &l.Given, &l.ByPerson, &l.ByOrg, &l.At, &l.Version,
		&l.Recipient, &l.RecipientRecord,
		&l.Purpose, &l.Until, &l.Form, &l.ConditionsSealed, &l.ConditionsSHA256, &l.Agreement, &l.EarlierServes,
		&l.StatementSealed, &l.TextSealed,
		&l.TextSHA256, &l.Delegation, &l.Evidence, &l.EvidenceSealed, &l.EvidenceSHA256, &l.EvidenceKey, &l.TermsSealed,
		&l.Entry, &l.EntryHash,
		&l.Filed, &l.GivenBySealed, &l.GivenOn, &l.InstrumentSHA256, &l.ConfirmedBy, &f.WBy, &f.WAt, &f.WStatement,
		&f.WEntry, &f.WEntryHash,
		&f.SignerSealed, &f.SignerKeyset, &f.TakenBack}
}

func (x *releaseRow) into() []any {
	return []any{&x.ID, &x.Document, &x.Recipient, &x.Purpose, &x.StatementSealed, &x.TransferBasisSealed,
		&x.ByDiscloser, &x.ByPerson,
		&x.ByOrg, &x.At, &x.Entry, &x.EntryHash}
}
