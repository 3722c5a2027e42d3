package session

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// Gateway is what a session asks of the exchange; *exchange.Gateway is it.
type Gateway interface {
	identity.Recogniser
	// NewSignIn tells somebody, and nobody else, that they signed in from a place of which they were not known.
	NewSignIn(ctx context.Context, a exchange.Actor, place string) error
}

// place is from where somebody signs in: the browser in a few known words, and the network that it is in. Behind a
// proxy that does not tell, the network is the proxy's.
func place(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return browserOf(r)
	}
	address, bits := address.Unmap().WithZone(""), 48
	if address.Is4() {
		bits = 24
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return browserOf(r)
	}
	return browserOf(r) + ", " + network.String()
}

// noticed tells a person that they signed in from a place that is new for them, and only then takes it for known: what
// could not be told is told at the next sign-in from there. It ends no sign-in: where it cannot be kept or told, the
// operations log says so.
func (s *Sessions) noticed(ctx context.Context, actor exchange.Actor, where string) {
	person, digest := string(actor.Person()), sha256.Sum256([]byte(string(actor.Person())+"\x00"+where))
	fresh, err := s.seen(ctx, person, digest[:])
	if err == nil && fresh {
		if err = s.cfg.Gateway.NewSignIn(ctx, actor, where); err == nil {
			err = s.remember(ctx, person, digest[:])
		}
	}
	if err != nil {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelError, "a sign-in from a new place was not told",
			slog.String("person", person), slog.String("cause", err.Error()))
	}
}

// newPlace asks whether a person is known, and not from there.
const newPlace = `(EXISTS (SELECT FROM session_place WHERE person = $1)
	AND NOT EXISTS (SELECT FROM session_place WHERE person = $1 AND place_sha256 = $2))`

// seen reports whether somebody is known, and not from there; the first place and a known one are kept.
func (s *Sessions) seen(ctx context.Context, person string, place []byte) (fresh bool, err error) {
	err = s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		fresh = false
		return tx.Ask(ctx,
			postgres.Question{What: "session: one sign-in of a person at a time",
				SQL:  "SELECT pg_advisory_xact_lock(hashtextextended('chancery session ' || $1, 0))",
				Args: []any{person}},
			postgres.Question{What: "session: forget places",
				SQL: `DELETE FROM session_place WHERE seen_at < clock_timestamp() - interval '1 year'`},
			postgres.Question{What: "session: is the place new", SQL: `SELECT ` + newPlace, Args: []any{person, place},
				Row: func(r postgres.Row) error { return r.Scan(&fresh) }},
			postgres.Question{What: "session: remember the place",
				SQL: keepPlace + ` WHERE NOT ` + newPlace + placeKept, Args: []any{person, place}})
	})
	return fresh, err
}

// A place is kept by these, with a condition between them or none.
const (
	keepPlace = `INSERT INTO session_place (person, place_sha256, seen_at)
		SELECT $1::text, $2::bytea, clock_timestamp()`
	placeKept = ` ON CONFLICT (person, place_sha256) DO UPDATE SET seen_at = excluded.seen_at`
)

// remember keeps a place of which the person was told.
func (s *Sessions) remember(ctx context.Context, person string, place []byte) error {
	return s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return tx.Ask(ctx, postgres.Question{What: "session: remember the place", SQL: keepPlace + placeKept,
			Args: []any{person, place}})
	})
}

// Place is one session of a person, as that person sees it.
type Place struct {
	ID        string // names it in End; it opens nothing
	Browser   string
	CreatedAt time.Time
	SeenAt    time.Time
	EndsAt    time.Time
	Here      bool
}

// theirs are the living sessions of a person, and placeColumns what is shown of one.
var (
	theirs       = `person = $1 AND ` + register.SessionLives
	placeColumns = `encode(sha256(id_sha256), 'hex'), browser, created_at, seen_at, ends_at, id_sha256 = $2`
)

// places asks what answers with placeColumns; args are those from $3 on.
func places(out *[]Place, what, sql string, of Session, args ...any) postgres.Question {
	return postgres.Question{What: what, SQL: sql,
		Args: append([]any{string(of.Person()), of.id[:]}, args...), Row: func(r postgres.Row) error {
			var p Place
			err := r.Scan(&p.ID, &p.Browser, &p.CreatedAt, &p.SeenAt, &p.EndsAt, &p.Here)
			*out = append(*out, p)
			return err
		}}
}

// Places are the living sessions of the same person, the newest first.
func (s *Sessions) Places(ctx context.Context, of Session) ([]Place, error) {
	var out []Place
	err := s.cfg.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return tx.Ask(ctx, places(&out, "session: places", `SELECT `+placeColumns+` FROM session WHERE `+theirs+`
			ORDER BY created_at DESC, id_sha256`, of))
	})
	return out, err
}

// browserOf says from what browser a session is, so that its person knows it again: a few known words, nothing that a
// stranger chose.
func browserOf(r *http.Request) string {
	agent := r.UserAgent()
	name := "browser"
	for _, known := range []struct{ sign, name string }{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"},
		{"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if strings.Contains(agent, known.sign) {
			name = known.name
			break
		}
	}
	for _, known := range []struct{ sign, name string }{{"Windows", "Windows"}, {"Android", "Android"},
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS", "Mac"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, known.sign) {
			return name + ", " + known.name
		}
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
}
