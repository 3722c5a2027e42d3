package register

import (
	"context"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Event is that something was told: a notice by its identifiers, without what it says.
type Event struct {
	ID       string // of the notice
	Kind     string
	Document article4.DocumentID
	Request  article4.RequestID
	Subject  string
	At       time.Time
}

// PlaceNotices gives places to notices that have none, in the order in which they were told, and answers whose they
// are; and puts them on their way to the webhooks that they are sent to. One transaction at a time does it: whoever
// sees a place sees every smaller one.
func (r *Register) PlaceNotices(ctx context.Context, tx *postgres.Tx, limit int) ([]article4.OrganisationID, error) {
	db := sql(ctx, tx)
	var any bool
	err := db.Raw(`SELECT EXISTS (SELECT FROM notice WHERE place IS NULL)`).Scan(&any).Error
	if err != nil || !any {
		return nil, failed("notices without a place", "", err)
	}
	if err := db.Exec(`SELECT last FROM notice_places FOR UPDATE`).Error; err != nil {
		return nil, failed("places of notices", "", err)
	}
	var rows []struct {
		ID           string
		ToOrg, Owner article4.OrganisationID
	}
	err = db.Raw(`WITH next AS (SELECT n.id, row_number() OVER (ORDER BY n.at, n.id) AS number FROM notice n
			WHERE n.place IS NULL ORDER BY n.at, n.id LIMIT ?),
		counted AS (UPDATE notice_places SET last = last + (SELECT count(*) FROM next)
			RETURNING last - (SELECT count(*) FROM next) AS before)
		UPDATE notice n SET place = counted.before + next.number FROM next, counted WHERE n.id = next.id
		RETURNING n.id, n.to_org, n.owner`, limit).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, failed("places of notices", "", err)
	}
	var of []article4.OrganisationID
	var placed []string
	for _, row := range rows {
		of, placed = append(of, row.ToOrg, row.Owner), append(placed, row.ID)
	}
	slices.Sort(of)
	return slices.Compact(of), r.deliverPlaced(ctx, tx, placed)
}

// EventFilter says which events are read: those behind the event After, or from the beginning, told since an instant.
type EventFilter struct {
	After string
	Since time.Time
	Limit int
}

// noticeSeen are the notices n that a viewer may see: those to the viewer, those to the organisation and its people if
// the viewer answers for it, and those about the organisation's own affairs, each as far as its audience reaches;
// auditors those of alterations.
const noticeSeen = `(n.to_person = @person OR (@own AND (n.to_org = @org AND n.audience <> 'person'
	OR n.owner = @org AND n.audience = 'owner')) OR @audits AND n.kind = 'alteration' AND n.to_org = @org)`

// Events lists what the viewer may see, in the order in which it was told. ErrNotFound: After names nothing that the
// viewer may see. missed: something between After and Since was told and is not listed any more.
func (r *Register) Events(ctx context.Context, tx *postgres.Tx, v Viewer, f EventFilter) (found []Event, missed bool,
	err error) {
	args := map[string]any{"person": v.Person, "own": v.SeesOwn, "org": v.Organisation, "audits": v.Audits,
		"after": f.After, "since": f.Since, "limit": f.Limit, "place": int64(0)}
	db := sql(ctx, tx)
	if f.After != "" {
		var behind []int64
		err := db.Raw(`SELECT n.place FROM notice n WHERE n.id = @after AND n.place IS NOT NULL AND `+noticeSeen,
			args).Scan(&behind).Error
		if err == nil && len(behind) == 0 {
			err = ErrNotFound
		}
		if err != nil {
			return nil, false, failed("event", f.After, err)
		}
		args["place"] = behind[0]
	}
	var row struct{ Missed bool }
	err = db.Raw(`SELECT @after <> '' AND EXISTS (SELECT FROM notice n WHERE n.place > @place AND n.at < @since AND `+
		noticeSeen+`) AS missed`, args).Scan(&row).Error
	if err != nil {
		return nil, false, failed("events", "", err)
	}
	err = db.Raw(`SELECT n.id, n.kind, COALESCE(n.document, '') AS document, COALESCE(n.request, '') AS request,
		n.subject, n.at FROM notice n WHERE n.place IN (`+
		seenBy("place", `n.place > @place AND n.at >= @since ORDER BY n.place LIMIT @limit`)+`)
		ORDER BY n.place LIMIT @limit`, args).Scan(&found).Error
	for i := range found {
		found[i].At = found[i].At.UTC()
	}
	return found, row.Missed, failed("events", "", err)
}

// seenBy reads a column of the notices that the viewer may see, as far as the rest of each query says. Each way by
// which somebody may see a notice has its index, and is read no further than needed.
func seenBy(column, rest string) string {
	var ways []string
	for _, way := range []string{
		`n.to_person = @person`,
		`(@own OR @audits) AND n.to_org = @org`,
		`@own AND n.owner = @org AND n.audience = 'owner'`,
	} {
		ways = append(ways, `(SELECT n.`+column+` FROM notice n WHERE `+way+` AND `+noticeSeen+` AND `+rest+`)`)
	}
	return strings.Join(ways, ` UNION `)
}
