package register_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

func (h *fixture) series() register.Series {
	return register.Series{
		ID:           "ser_one",
		Discloser:    wco,
		Recipient:    unoct,
		Name:         secret + " weekly",
		Markings:     []article4.Marking{article4.Confidential},
		Purposes:     []article4.PurposeCode{purpose.Code},
		Entities:     []article4.OrganisationID{piu},
		PersonalData: true,
		Proprietary:  true,
		OpenedBy:     h.ann,
		OpenedAt:     at,
		Entry:        "ent_series",
		EntryHash:    "hash_series",
	}
}

func (h *fixture) standing() register.StandingAuthorization {
	return register.StandingAuthorization{
		ID:              "aut_standing",
		Series:          "ser_one",
		Discloser:       wco,
		By:              h.ann,
		Organisation:    wco,
		At:              at,
		Recipient:       unoct,
		RecipientRecord: digest("1"),
		Markings:        []article4.Marking{article4.Confidential},
		Purpose:         purpose.Code,
		People:          []article4.PersonID{h.bob},
		Until:           at.Add(time.Hour),
		Form:            article4.Original,
		Statement:       secret + " each week",
		Text:            secret + " text",
		TextSHA:         digest("2"),
		Delegation:      digest("3"),
		Evidence:        article4.EvidenceOIDC,
		EvidenceText:    secret + " token",
		EvidenceSHA:     digest("4"),
		EvidenceKey:     []byte("a key"),
		Entry:           "ent_standing",
		EntryHash:       "hash_standing",
	}
}

// A series and what stands for it are read back whole, and what is taken back says by whom and why.
func TestASeriesIsReadBackWhole(t *testing.T) {
	h := newFixture(t)
	h.fill()
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		return errors.Join(h.register.AddSeries(ctx, tx, h.series()), h.register.AddStanding(ctx, tx, h.standing()))
	})
	taken := h.standing()
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		s, err := h.register.Series(ctx, tx, "ser_one")
		whole(t, s)
		same(t, s, h.series())
		a, wrong := h.register.StandingAuthorization(ctx, tx, "aut_standing")
		whole(t, a, "WithdrawnAt", "WithdrawnBy", "WithdrawnWhy", "WithdrawnEntry")
		same(t, a, h.standing())
		taken.WithdrawnAt, taken.WithdrawnBy, taken.WithdrawnWhy = at.Add(time.Minute), h.bob, secret+" over"
		taken.WithdrawnEntry = "ent_over"
		return errors.Join(err, wrong, h.register.WithdrawStanding(ctx, tx, taken, "hash_over"))
	})
	h.do(func(ctx context.Context, tx *postgres.Tx) error {
		all, err := h.register.StandingAuthorizations(ctx, tx, "ser_one")
		whole(t, all[0])
		same(t, all[0], taken)
		return err
	})
}

// What somebody with the database's password writes into the columns of a series does not fit its seal.
func TestASeriesThatWasAlteredIsNoticed(t *testing.T) {
	for _, alter := range []string{
		`UPDATE series SET entities = '{}'`, `UPDATE series SET discloser = 'org_unoct', recipient = 'org_wco'`,
		`UPDATE standing_authorization SET until = until + interval '1 year'`,
		`UPDATE standing_authorization SET by_org = 'org_unoct'`,
		`UPDATE standing_authorization SET said_sealed = (SELECT said_sealed FROM series)`,
	} {
		h := newFixture(t)
		h.fill()
		h.do(func(ctx context.Context, tx *postgres.Tx) error {
			return errors.Join(h.register.AddSeries(ctx, tx, h.series()), h.register.AddStanding(ctx, tx, h.standing()))
		})
		conn, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
		must(t, err)
		_, err = conn.Exec(t.Context(), alter)
		must(t, errors.Join(err, conn.Close(t.Context())))
		h.do(func(ctx context.Context, tx *postgres.Tx) error {
			_, one := h.register.Series(ctx, tx, "ser_one")
			_, two := h.register.StandingAuthorization(ctx, tx, "aut_standing")
			if one == nil && two == nil {
				t.Errorf("%s: not noticed", alter)
			}
			return nil
		})
	}
}
