package register

import (
	"context"
	"errors"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Mail is word to one person that something waits: of one notice or several.
type Mail struct {
	ID       string
	Person   article4.PersonID
	Notices  []string
	Attempts int // this one included
	Contact  Contact
	// Unreadable: the address does not open, and Contact is empty.
	Unreadable bool
}

// MailState is what became of a mail.
type MailState string

// The states that end a mail.
const (
	MailSent    MailState = "sent"
	MailBounced MailState = "bounced" // the address was refused for good
	MailDead    MailState = "dead"    // it was tried as often as is tried
)

// inOneMail is how many notices one mail tells of.
const inOneMail = 50

// mailReaders are the people who are sent word of a notice n that is unsent u: whoever it is put before, or whoever
// answers for the organisation; not whose act it is, nor who is suspended, and of what asks nothing only who wants it.
const mailReaders = `FROM notice_unsent u JOIN notice n ON n.id = u.notice
	JOIN person p ON CASE WHEN n.to_person IS NULL THEN p.organisation = n.to_org ELSE p.id = n.to_person END
	JOIN contact c ON c.person = p.id AND (n.to_person IS NOT NULL OR c.answers)
	WHERE u.notice IN ? AND c.address_sealed IS NOT NULL AND c.bounced_at IS NULL
	AND p.id IS DISTINCT FROM u.besides AND (u.class <> 'courtesy' OR c.courtesy)
	AND NOT EXISTS (SELECT FROM log_stop k WHERE k.person = p.id AND k.lifted_at IS NULL)`

// SortNotices makes mails of notices of which no word was sent yet, and says how many it sorted and how many of these
// reach nobody. Notices that another transaction sorts are passed over. What waits for the same person and is not being
// sent goes into one mail; what may wait until the next of the day's mails does.
func (r *Register) SortNotices(ctx context.Context, tx *postgres.Tx, now, nextDaily time.Time, limit int) (sorted,
	unreached int, err error) {
	db := sql(ctx, tx)
	var unsent []string
	err = db.Raw(`SELECT notice FROM notice_unsent ORDER BY notice LIMIT ? FOR UPDATE SKIP LOCKED`,
		limit).Scan(&unsent).Error
	if err != nil || len(unsent) == 0 {
		return 0, 0, failed("notices unsent", "", err)
	}
	var found []struct {
		Notice, Person string
		Later          bool
	}
	err = db.Raw(`SELECT n.id AS notice, p.id AS person, c.daily AND u.class <> 'urgent' AS later `+mailReaders+
		` ORDER BY p.id, n.id`, unsent).Scan(&found).Error
	if err != nil {
		return 0, 0, failed("readers of notices", "", err)
	}
	reached := map[string]bool{}
	for _, f := range found {
		due := now
		if f.Later {
			due = nextDaily
		}
		reached[f.Notice] = true
		if err := r.intoMail(ctx, tx, f.Notice, f.Person, due); err != nil {
			return 0, 0, err
		}
	}
	err = db.Exec(`DELETE FROM notice_unsent WHERE notice IN ?`, unsent).Error
	return len(unsent), len(unsent) - len(reached), failed("notices unsent", "", err)
}

// intoMail puts a notice into a mail that waits for the person, or into a new one.
func (r *Register) intoMail(ctx context.Context, tx *postgres.Tx, notice, person string, due time.Time) error {
	db := sql(ctx, tx)
	var open string
	err := db.Raw(`SELECT m.id FROM mail m WHERE m.person = ? AND m.state = 'waiting' AND m.attempts = 0
		AND m.due_at <= ? AND (SELECT count(*) FROM mail_notice x WHERE x.mail = m.id) < ?
		ORDER BY m.due_at LIMIT 1 FOR UPDATE SKIP LOCKED`, person, due, inOneMail).Scan(&open).Error
	if err == nil && open == "" {
		open = NewID("mai_")
		err = db.Exec(`INSERT INTO mail (id, person, due_at) VALUES (?,?,?)`, open, person, due).Error
	}
	if err == nil {
		err = db.Exec(`INSERT INTO mail_notice (mail, notice) VALUES (?,?) ON CONFLICT DO NOTHING`, open, notice).Error
	}
	return failed("mail of", notice, err)
}

// ClaimMails takes mails that are due, for the time that an attempt may last: whoever is killed meanwhile loses them to
// the next. Mails that another transaction takes are passed over. They come in the order in which they are due.
func (r *Register) ClaimMails(ctx context.Context, tx *postgres.Tx, now, until time.Time, limit int) ([]Mail, error) {
	var rows []struct {
		ID, Person string
		Attempts   int
	}
	err := sql(ctx, tx).Raw(`WITH taken AS (UPDATE mail SET claimed_until = ?, attempts = attempts + 1 WHERE id IN
		(SELECT id FROM mail WHERE state = 'waiting' AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)
			ORDER BY due_at, id LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING id, person, attempts, due_at)
		SELECT id, person, attempts FROM taken ORDER BY due_at, id`,
		until, now, now, limit).Scan(&rows).Error
	if err != nil {
		return nil, failed("mails due", "", err)
	}
	out := make([]Mail, len(rows))
	for i, row := range rows {
		m := Mail{ID: row.ID, Person: article4.PersonID(row.Person), Attempts: row.Attempts}
		if err := r.reach(ctx, tx, &m); err != nil {
			return nil, err
		}
		err := sql(ctx, tx).Raw(`SELECT notice FROM mail_notice WHERE mail = ? ORDER BY notice`,
			m.ID).Scan(&m.Notices).Error
		if err != nil {
			return nil, failed("notices of mail", m.ID, err)
		}
		out[i] = m
	}
	return out, nil
}

// reach finds where a mail goes. An address that does not open keeps no other mail from being sent.
func (r *Register) reach(ctx context.Context, tx *postgres.Tx, m *Mail) error {
	c, err := r.ContactOf(ctx, tx, m.Person)
	if errors.Is(err, ErrKeys) {
		m.Unreadable = true
		return nil
	}
	m.Contact = c
	return err
}

// EndMail records what became of a mail. Of one whose address was refused the person is sent nothing more.
func (r *Register) EndMail(ctx context.Context, tx *postgres.Tx, m Mail, state MailState, fault string,
	at time.Time) error {
	db := sql(ctx, tx)
	err := db.Exec(`UPDATE mail SET state = ?, fault = ?, ended_at = ?, claimed_until = NULL
		WHERE id = ? AND state = 'waiting'`, state, fault, at, m.ID).Error
	if err == nil && state == MailBounced {
		err = db.Exec(`UPDATE contact SET bounced_at = ? WHERE person = ? AND bounced_at IS NULL`, at, m.Person).Error
	}
	return failed("mail", m.ID, err)
}

// GiveBackMails frees mails that were claimed and not tried: the attempt does not count.
func (r *Register) GiveBackMails(ctx context.Context, tx *postgres.Tx, mails []Mail) error {
	ids := make([]string, len(mails))
	for i, m := range mails {
		ids[i] = m.ID
	}
	return failed("mails", "", sql(ctx, tx).Exec(`UPDATE mail SET claimed_until = NULL,
		attempts = GREATEST(0, attempts - 1) WHERE id IN ? AND state = 'waiting'`, ids).Error)
}

// PutOffMail says when a mail that could not be sent is tried again.
func (r *Register) PutOffMail(ctx context.Context, tx *postgres.Tx, m Mail, fault string, due time.Time) error {
	return failed("mail", m.ID, sql(ctx, tx).Exec(`UPDATE mail SET due_at = ?, fault = ?, claimed_until = NULL
		WHERE id = ? AND state = 'waiting'`, due, fault, m.ID).Error)
}

// SweepMails forgets mails that ended before an instant; dead ones stay until somebody looked after them.
func (r *Register) SweepMails(ctx context.Context, tx *postgres.Tx, before time.Time) error {
	return failed("mails", "", sql(ctx, tx).Exec(`DELETE FROM mail WHERE state IN ('sent', 'bounced') AND ended_at < ?`,
		before).Error)
}

// MailFigures are what the operator looks at.
type MailFigures struct {
	Unsorted int       // notices of which no mail was made yet
	Waiting  int       // mails that are due
	Oldest   time.Time // since when the oldest of these is due; zero: none is
	Dead     int
	Bounced  int // people whose address was refused
}

// CountMails reads the figures.
func (r *Register) CountMails(ctx context.Context, tx *postgres.Tx, now time.Time) (MailFigures, error) {
	var row struct {
		Unsorted, Waiting, Dead, Bounced int
		Oldest                           *time.Time
	}
	err := sql(ctx, tx).Raw(`SELECT (SELECT count(*) FROM notice_unsent) AS unsorted,
		(SELECT count(*) FROM mail WHERE state = 'waiting' AND due_at <= @now) AS waiting,
		(SELECT min(due_at) FROM mail WHERE state = 'waiting' AND due_at <= @now) AS oldest,
		(SELECT count(*) FROM mail WHERE state = 'dead') AS dead,
		(SELECT count(*) FROM contact WHERE bounced_at IS NOT NULL) AS bounced`,
		map[string]any{"now": now}).Scan(&row).Error
	return MailFigures{row.Unsorted, row.Waiting, orZero(row.Oldest), row.Dead, row.Bounced}, failed("mails", "", err)
}

// DeadMail is a mail that was given up.
type DeadMail struct {
	ID       string
	Person   article4.PersonID
	Attempts int
	Since    time.Time // when the earliest of its notices was told
	Kinds    string    // of its notices, each once, with commas between them
	Fault    string
	EndedAt  time.Time
}

// DeadMails lists those that were given up, the latest first.
func (r *Register) DeadMails(ctx context.Context, tx *postgres.Tx, limit int) ([]DeadMail, error) {
	var out []DeadMail
	err := sql(ctx, tx).Raw(`SELECT m.id, m.person, m.attempts, m.fault, m.ended_at,
			COALESCE(min(n.at), m.ended_at) AS since, COALESCE(string_agg(DISTINCT n.kind, ','), '') AS kinds
		FROM mail m LEFT JOIN mail_notice x ON x.mail = m.id LEFT JOIN notice n ON n.id = x.notice
		WHERE m.state = 'dead' GROUP BY m.id ORDER BY m.ended_at DESC, m.id LIMIT ?`, limit).Scan(&out).Error
	return out, failed("dead mails", "", err)
}

// ReviveMails has those that were given up tried again from now on, the named ones or, where none is named, all; it
// says how many.
func (r *Register) ReviveMails(ctx context.Context, tx *postgres.Tx, ids []string, now time.Time) (int, error) {
	done := sql(ctx, tx).Exec(`UPDATE mail SET state = 'waiting', attempts = 0, ended_at = NULL, due_at = ?
		WHERE state = 'dead' AND (? OR id IN ?)`, now, len(ids) == 0, ids)
	return int(done.RowsAffected), failed("dead mails", "", done.Error)
}

// DropMails forgets the named ones of those that were given up, and says how many.
func (r *Register) DropMails(ctx context.Context, tx *postgres.Tx, ids []string) (int, error) {
	done := sql(ctx, tx).Exec(`DELETE FROM mail WHERE state = 'dead' AND id IN ?`, ids)
	return int(done.RowsAffected), failed("dead mails", "", done.Error)
}
