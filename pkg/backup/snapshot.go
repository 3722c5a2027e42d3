package backup

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/vault"
)

// page is how many rows are asked for at once.
const page = 2000

// snapshot is one state of the database, which stays as it is while it is read.
type snapshot struct {
	conn *pgx.Conn
	tx   pgx.Tx
	name string // by which pg_dump reads the same
}

// take begins a snapshot with a login that may read everything.
func take(ctx context.Context, databaseURL string) (*snapshot, error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return nil, plainly("connect", err)
	}
	s := &snapshot{conn: conn}
	s.tx, err = conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err == nil {
		// pg_dump takes as long as it takes, and this transaction stands still meanwhile.
		_, err = s.tx.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0")
	}
	if err == nil {
		err = s.tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&s.name)
	}
	if err != nil {
		s.end(ctx)
		return nil, plainly("snapshot", err)
	}
	return s, nil
}

// plainly is an error of the database without the address, in which a password may stand.
func plainly(what string, err error) error {
	var connect interface{ SafeToRetry() bool }
	if errors.As(err, &connect) || strings.Contains(err.Error(), "cannot parse") {
		return fmt.Errorf("backup: %s: %s", what, strings.SplitN(err.Error(), "\n", 2)[0])
	}
	return fmt.Errorf("backup: %s: %w", what, err)
}

func (s *snapshot) end(ctx context.Context) { _ = s.conn.Close(context.WithoutCancel(ctx)) }

// head fills in what the database says of itself.
func (s *snapshot) head(ctx context.Context, m *Manifest) error {
	var checkpoint []byte
	err := s.tx.QueryRow(ctx, `SELECT (SELECT size FROM log_head), (SELECT count(*) FROM log_pending),
			(SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1),
			(SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied)`).
		Scan(&m.Entries, &m.Waiting, &checkpoint, &m.Schema)
	if err != nil {
		return plainly("head of the log", err)
	}
	if checkpoint == nil {
		return errors.New("backup: nothing of the log was signed yet: start the gateway once")
	}
	m.Checkpoint = string(checkpoint)
	rows, err := s.tx.Query(ctx, "SELECT note FROM log_rotation ORDER BY id")
	if err != nil {
		return plainly("rotations", err)
	}
	notes, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		return plainly("rotations", err)
	}
	for _, n := range notes {
		m.Rotations = append(m.Rotations, string(n))
	}
	return nil
}

// entries writes all that have their place, in its order.
func (s *snapshot) entries(ctx context.Context, size int64, w io.Writer) error {
	for from := int64(0); from < size; from += page {
		rows, err := s.tx.Query(ctx, `SELECT s.leaf, e.nonce, e.body FROM log_seq s JOIN log_entry e ON e.id = s.entry
			WHERE s.index >= $1 AND s.index < $2 ORDER BY s.index`, from, from+page)
		if err != nil {
			return plainly("entries", err)
		}
		n := min(page, size-from)
		var r record
		_, err = pgx.ForEachRow(rows, []any{&r.leaf, &r.nonce, &r.body}, func() error {
			n--
			return r.write(w)
		})
		if err != nil {
			return plainly("entries", err)
		}
		if n != 0 {
			return fmt.Errorf("backup: entries behind index %d are not all there: \"chanceryd log check\" says which",
				from)
		}
	}
	return nil
}

// objects lists the object of each version that can be opened, by its key, byte by byte.
func (s *snapshot) objects(ctx context.Context, w io.Writer) error {
	for after, more := "", true; more; {
		rows, err := s.tx.Query(ctx, `SELECT object COLLATE "C", document, id, size FROM version
			WHERE destroyed_at IS NULL AND object COLLATE "C" > $1 ORDER BY 1 LIMIT $2`, after, page)
		if err != nil {
			return plainly("versions", err)
		}
		more = false
		var o object
		_, err = pgx.ForEachRow(rows, []any{&o.key, &o.document, &o.version, &o.size}, func() error {
			after, more = o.key, true
			o.size = vault.SealedSize(o.size)
			_, err := io.WriteString(w, o.String())
			return err
		})
		if err != nil {
			return plainly("versions", err)
		}
	}
	return nil
}

// withoutPassword is an address as everybody on this machine may read it.
func withoutPassword(databaseURL string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return "", errors.New("backup: write the database's address as postgres://LOGIN:PASSWORD@HOST:PORT/DATABASE")
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	query := u.Query()
	query.Del("password")
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // libpq takes a plus for itself
	return u.String(), nil
}

// dump has pg_dump write the same state of the database. The password is in nobody's list of processes.
func (s *snapshot) dump(ctx context.Context, databaseURL string, into *os.File) error {
	address, err := withoutPassword(databaseURL)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "pg_dump", "--format=custom", "--no-password", "--snapshot="+s.name,
		"--dbname="+address)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+s.conn.Config().Password)
	cmd.Stdout, cmd.Stderr = into, &said
	err = cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("backup: there is no pg_dump here: install PostgreSQL's client programs, of the server's " +
			"version or newer")
	}
	if err != nil {
		return fmt.Errorf("backup: pg_dump: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}

// Clock is what time it is to the database, and when the newest entry of the log was made; zero for none.
func Clock(ctx context.Context, databaseURL string) (now, newest time.Time, err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return now, newest, plainly("connect", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var last *time.Time
	err = conn.QueryRow(ctx, `SELECT clock_timestamp(), (SELECT e.at FROM log_seq s JOIN log_entry e ON e.id = s.entry
		ORDER BY s.index DESC LIMIT 1)`).Scan(&now, &last)
	if err != nil {
		return now, newest, plainly("clock", err)
	}
	if last != nil {
		newest = *last
	}
	return now, newest, nil
}

// wasDestroyed asks the database of now whether two people destroyed a version.
func wasDestroyed(ctx context.Context, databaseURL, version string) (bool, error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return false, plainly("connect", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var gone bool
	err = conn.QueryRow(ctx, "SELECT destroyed_at IS NOT NULL FROM version WHERE id = $1", version).Scan(&gone)
	if err != nil {
		return false, plainly("version", err)
	}
	return gone, nil
}

// buffered writes through a buffer into a member.
func buffered(dir *os.Root, name string, write func(w io.Writer) error) error {
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<18)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
