package postgres_test

import (
	"fmt"
	"testing"

	"chancery.example/gateway/pkg/postgres"
)

// Each of these is refused to everybody, the superuser included, as long as the triggers stand.
var alterations = []string{
	"UPDATE log_entry SET kind = 'other'",
	"UPDATE log_entry SET kind = 'other' WHERE false",
	"DELETE FROM log_entry",
	"TRUNCATE log_entry CASCADE",
	"UPDATE log_seq SET index = index + 1",
	"DELETE FROM log_seq",
	"TRUNCATE log_seq",
	"UPDATE log_place SET index = index + 1",
	"DELETE FROM log_place",
	"TRUNCATE log_place",
	"INSERT INTO log_place (word, index, at) VALUES ('reason:x', 0, now()) ON CONFLICT (word, index) DO UPDATE SET " +
		"at = now()",
	"UPDATE log_checkpoint SET note = 'x'",
	"DELETE FROM log_checkpoint",
	"TRUNCATE log_checkpoint",
	"INSERT INTO log_checkpoint (size, note, at) VALUES (1, 'y', now()) ON CONFLICT (size) DO UPDATE SET note = " +
		"excluded.note",
}

func TestNobodyAltersTheLog(t *testing.T) {
	h := newFixture(t)
	owner := open(t, h.OwnerURL)
	exec(t, owner, anEntry, "INSERT INTO log_seq (index, entry, leaf) VALUES (0, 'ent_1', 'leaf')",
		"INSERT INTO log_checkpoint (size, note, at) VALUES (1, 'x', now())")
	for who, db := range map[string]*postgres.DB{"owner": owner, "superuser": open(t, h.SuperuserURL())} {
		for _, statement := range alterations {
			if err := db.Gorm().Exec(statement).Error; postgres.Constraint(err) != "log_is_append_only" {
				t.Errorf("%s: %s: %v", who, statement, err)
			}
		}
	}
	// A session that replays a replica skips ordinary triggers.
	super := open(t, h.SuperuserURL())
	err := super.InTx(t.Context(), func(tx *postgres.Tx) error {
		if err := postgres.Gorm(tx).Exec("SET LOCAL session_replication_role = replica").Error; err != nil {
			return err
		}
		return postgres.Gorm(tx).Exec("DELETE FROM log_entry").Error
	})
	if postgres.Constraint(err) != "log_is_append_only" {
		t.Errorf("as replica: %v", err)
	}
	if n := scan[int](t, owner, "SELECT count(*) FROM log_entry e JOIN log_seq s ON s.entry = e.id JOIN "+
		"log_checkpoint ON true WHERE kind = 'deposit' AND note = 'x'"); n != 1 {
		t.Errorf("%d entries are as they were", n)
	}
}

func TestTheAppMayOnlyAddEntries(t *testing.T) {
	h := newFixture(t)
	exec(t, h.app, anEntry, "INSERT INTO log_pending (entry) VALUES ('ent_1')")
	for _, statement := range append([]string{
		"INSERT INTO log_seq (index, entry, leaf) VALUES (0, 'ent_1', 'leaf')",
		"INSERT INTO log_place (word, index, at) VALUES ('reason:x', 0, now())",
		"DELETE FROM log_pending", "UPDATE log_head SET size = 5", "DELETE FROM log_detail",
		"UPDATE log_party SET n = 1", "DELETE FROM log_tile",
		"CREATE TABLE mine (x int)", "ALTER TABLE log_entry DISABLE TRIGGER ALL", "SET ROLE chancery_sequencer",
	}, alterations...) {
		if err := h.app.Gorm().Exec(statement).Error; err == nil {
			t.Errorf("%s: done", statement)
		}
	}
}

func TestTheSequencerWritesNoEntry(t *testing.T) {
	h := newFixture(t)
	seq := open(t, h.login(t, "seq", postgres.Sequencer))
	for _, statement := range append([]string{anEntry, "INSERT INTO log_pending (entry) VALUES ('x')",
		"DELETE FROM log_head", "DELETE FROM log_tile"}, alterations...) {
		if err := seq.Gorm().Exec(statement).Error; err == nil {
			t.Errorf("%s: done", statement)
		}
	}
}

func TestTheAuditorOnlyReads(t *testing.T) {
	h := newFixture(t)
	exec(t, h.app, anEntry)
	auditor := open(t, h.login(t, "auditor", postgres.Auditor))
	if n := scan[int](t, auditor, "SELECT count(*) FROM log_entry"); n != 1 {
		t.Errorf("%d entries", n)
	}
	for _, statement := range append([]string{anEntry, "INSERT INTO log_pending (entry) VALUES ('ent_1')"},
		alterations...) {
		if err := auditor.Gorm().Exec(statement).Error; err == nil {
			t.Errorf("%s: done", statement)
		}
	}
}

func TestAnEntryThatCouldBlockARoundIsRefused(t *testing.T) {
	h := newFixture(t)
	insert := func(id, parties, body, hash, nonce string) string {
		return "INSERT INTO log_entry (id, at, kind, parties, body, body_hash, nonce) VALUES ('" + id +
			"', now(), 'deposit', " +
			parties + ", " + body + ", " + hash + ", " + nonce + ")"
	}
	const (
		parties = `'{org_wco}'`
		body    = `'{}'`
		hash    = `sha256('{}')`
		nonce   = `decode(repeat('00', 32), 'hex')`
	)
	for statement, constraint := range map[string]string{
		insert("e", `'{}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e", `'{NULL}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e", `'{""}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e", `'{a,""}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e", `'{"a b"}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e", `'{{a},{b}}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("f", `ARRAY[E'a\nb']`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e2", `'{"a\"b"}'`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e2", `array_fill('a'::text, ARRAY[17])`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e2", `ARRAY[repeat('x', 101)]`, body, hash,
			nonce): "log_entry_concerns_a_party",
		insert("e2", parties, `''`, `sha256('')`,
			nonce): "log_entry_body_is_bounded",
		insert("e2", parties, `repeat('x', 65536)::bytea`, `sha256(repeat('x', 65536)::bytea)`,
			nonce): "log_entry_body_is_bounded",
		insert("e2", parties, body, `sha256('other')`, nonce): "log_entry_hash_is_of_the_body",
		insert("e2", parties, body, hash, `'short'`):          "log_entry_nonce_is_32_bytes",
	} {
		err := h.app.Gorm().Exec(statement).Error
		if got := postgres.Constraint(err); got != constraint {
			t.Errorf("%.120s: %q, want %q (%v)", statement, got, constraint, err)
		}
	}
}

// What pkg/ledger reads as a signed checkpoint, the tables hold: 32,768 bytes, cosignatures included.
func TestASignedCheckpointOfThirtyTwoKibibytesIsKept(t *testing.T) {
	h := newFixture(t)
	sequencer := open(t, h.login(t, "sequencer", postgres.Sequencer))
	for table, statement := range map[string]string{
		"log_checkpoint": "INSERT INTO log_checkpoint (size, note, at) VALUES (1, repeat('x', %d)::bytea, now())",
		"log_rotation":   "INSERT INTO log_rotation (note) VALUES (repeat('x', %d)::bytea)",
	} {
		err := sequencer.Gorm().Exec(fmt.Sprintf(statement, 32769)).Error
		if got := postgres.Constraint(err); got != table+"_note_is_bounded" {
			t.Errorf("%s: one byte more: %q (%v)", table, got, err)
		}
		if err := sequencer.Gorm().Exec(fmt.Sprintf(statement, 32768)).Error; err != nil {
			t.Errorf("%s: %v", table, err)
		}
	}
}
