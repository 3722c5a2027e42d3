package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/postgres"
)

// unborne is what takes something from a build that knows nothing of it: what it reads or writes is no longer there, or
// no longer taken.
var unborne = regexp.MustCompile(
	`(?i)\b(DROP|RENAME|REVOKE|TRUNCATE|SET NOT NULL|ADD CONSTRAINT|ALTER COLUMN \w+ TYPE)\b|` +
		`ADD COLUMN[^,;]*\bNOT NULL\b`)

var (
	down     = regexp.MustCompile(`(?s)-- \+goose Down.*`)
	comment  = regexp.MustCompile(`(?m)--.*$`)
	defaults = regexp.MustCompile(`(?i)ADD COLUMN[^,;]*\bDEFAULT\b[^,;]*`)
	raises   = regexp.MustCompile(`(?i)UPDATE schema_bears SET oldest`)
	tables   = regexp.MustCompile(`(?i)CREATE TABLE (\w+)`)
	// Indexes that served reading alone, and made nothing unique: without them a build of before is slower, no worse.
	served = regexp.MustCompile(`(?i)DROP INDEX log_disclosures_to;`)
)

// A list of words that a column may hold, and a migration that puts another in its place.
var (
	listed   = regexp.MustCompile(`(?i)CONSTRAINT (\w+) CHECK \((\w+) IN \(([^()]*)\)\)`)
	replaced = regexp.MustCompile(`(?i)ALTER TABLE (\w+) DROP CONSTRAINT (\w+);\s*` +
		`ALTER TABLE (\w+) ADD (CONSTRAINT (\w+) CHECK \((\w+) IN \(([^()]*)\)\));`)
)

// loosened takes out of a migration the lists of words that only grew by it; before is what was migrated until then.
// What a build of before wrote it writes still, and of a word that it does not know it says that much (decision 0450).
func loosened(migration, before string) string {
	return replaced.ReplaceAllStringFunc(migration, func(found string) string {
		now := replaced.FindStringSubmatch(found)
		var was []string
		for _, one := range listed.FindAllStringSubmatch(before, -1) {
			if one[1] == now[2] && one[2] == now[6] {
				was = one
			}
		}
		if was == nil || now[1] != now[3] || now[2] != now[5] {
			return found
		}
		for word := range strings.SplitSeq(was[3], ",") {
			if !slices.Contains(wordsOf(now[7]), strings.TrimSpace(word)) {
				return found
			}
		}
		return ""
	})
}

func wordsOf(list string) (out []string) {
	for word := range strings.SplitSeq(list, ",") {
		out = append(out, strings.TrimSpace(word))
	}
	return out
}

// bears reports whether a build of before goes on beside a migration, or is kept out by it; before is what was migrated
// until then.
func bears(migration, before string) bool {
	text := loosened(comment.ReplaceAllString(down.ReplaceAllString(migration, ""), ""), before)
	for _, made := range tables.FindAllStringSubmatch(text, -1) { // what guards a new table takes nothing from anybody
		text = regexp.MustCompile(`(?i)CREATE TRIGGER[^;]* ON `+made[1]+`\b[^;]*;`).ReplaceAllString(text, "")
	}
	text = served.ReplaceAllString(defaults.ReplaceAllString(text, ""), "")
	return raises.MatchString(text) || !unborne.MatchString(text)
}

// firstBeside is the first migration that the builds of before may meet: those below it came before any release.
const firstBeside = 100

// A migration after which an older build no longer works keeps it from starting.
func TestEachMigrationIsBorneByTheBuildBeforeOrKeepsItOut(t *testing.T) {
	const list = "CREATE TABLE a (b text CONSTRAINT w CHECK (b IN ('x', 'y')))"
	for text, borne := range map[string]bool{
		"ALTER TABLE a DROP CONSTRAINT w;\nALTER TABLE a ADD CONSTRAINT w CHECK (b IN ('z', 'x',\n'y'));":  true,
		"ALTER TABLE a DROP CONSTRAINT w; ALTER TABLE a ADD CONSTRAINT w CHECK (b IN ('x', 'z'));":         false,
		"ALTER TABLE a DROP CONSTRAINT w; ALTER TABLE a ADD CONSTRAINT w CHECK (c IN ('x', 'y'));":         false,
		"ALTER TABLE a DROP CONSTRAINT w; ALTER TABLE b ADD CONSTRAINT w CHECK (b IN ('x', 'y'));":         false,
		"ALTER TABLE a DROP CONSTRAINT other; ALTER TABLE a ADD CONSTRAINT other CHECK (b IN ('x', 'y'));": false,
		"ALTER TABLE a ADD CONSTRAINT w CHECK (b IN ('x', 'y', 'z'));":                                     false,
		"CREATE TABLE a (b int NOT NULL)":                                               true,
		"ALTER TABLE a ADD COLUMN b int":                                                true,
		"ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0":                             true,
		"CREATE INDEX a_b ON a (b); -- and DROP nothing":                                true,
		"CREATE TABLE a (b int);\n-- +goose Down\nDROP TABLE a":                         true,
		"CREATE TABLE a (b int); CREATE TRIGGER c BEFORE TRUNCATE ON a EXECUTE d();":    true,
		"CREATE TABLE a (b int); CREATE TRIGGER c BEFORE TRUNCATE ON aa EXECUTE d();":   false,
		"DROP INDEX log_disclosures_to;":                                                true,
		"DROP INDEX a_b;":                                                               false,
		"ALTER TABLE a ADD COLUMN b int NOT NULL":                                       false,
		"ALTER TABLE a ALTER COLUMN b SET NOT NULL":                                     false,
		"ALTER TABLE a RENAME COLUMN b TO c":                                            false,
		"ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0)":                                  false,
		"alter table a drop column b":                                                   false,
		"ALTER TABLE a DROP COLUMN b; UPDATE schema_bears SET oldest = 120":             true,
		"ALTER TABLE a ADD COLUMN c int NOT NULL DEFAULT 0, ADD COLUMN b int NOT NULL;": false,
	} {
		if bears(text, list) != borne {
			t.Errorf("%q: borne %t", text, !borne)
		}
	}
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	before := ""
	for _, file := range files {
		number, err := strconv.Atoi(filepath.Base(file)[:4])
		must(t, err)
		text, err := os.ReadFile(file)
		must(t, err)
		if number >= firstBeside && !bears(string(text), before) {
			t.Errorf("%s takes something from the builds of before: UPDATE schema_bears SET oldest = %d in it", file,
				number)
		}
		before += comment.ReplaceAllString(down.ReplaceAllString(string(text), ""), "")
	}
}

// While replicas are exchanged one by one, a build meets the schema of the next: it starts there as long as nothing
// that it uses was taken from it, and not a step longer.
func TestABuildStartsOnALaterSchemaThatBearsIt(t *testing.T) {
	h := newFixture(t)
	own := scan[int64](t, open(t, h.SuperuserURL()), "SELECT max(version_id) FROM goose_db_version")
	exec(t, open(t, h.OwnerURL), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"ALTER TABLE log_home ADD COLUMN later text")
	must(t, postgres.Check(t.Context(), h.app))
	refused(t, postgres.Migrate(t.Context(), h.OwnerURL), "9999", "newer")
	exec(t, open(t, h.OwnerURL), "UPDATE schema_bears SET oldest = "+strconv.FormatInt(own+1, 10))
	refused(t, postgres.Check(t.Context(), h.app), "9999", "newer", "bears builds from "+strconv.FormatInt(own+1, 10))
}
