package register

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

// table is how the rows of one table of the database are written and read. Its columns are the fields of R and stand
// nowhere else: the field ByPerson is the column by_person, SHA256 is sha256. To add a column, add a field to the row,
// and say in the two functions beside it what it is made of and what is made of it. A test holds the fields against
// the database.
//
// joined, of newTable, maps a field that is no column of the table to the SQL that reads it; nothing writes such a
// field. Where the field is itself a row, the value is the alias of a joined table, and all columns of that one are
// read; "Field.Other" maps a field of that row.
type table[R any] struct {
	name, alias string
	columns     []column
	from        string // the table under its alias, and what is joined to it
	selects     string // SELECT and FROM
	inserts     string // of one row
	insertsRows string // of rows that come as columns, see postgres.Tx.LaterRows
}

// column is one column of a row.
type column struct {
	name  string
	reads string // the expression that gives it
	field []int  // where it stands in the row
	own   bool   // of the table itself
}

// newTable takes what stands behind FROM, beginning with the table and its alias.
func newTable[R any](from string, joined map[string]string) *table[R] {
	words := strings.Fields(from)
	t := &table[R]{name: words[0], alias: words[1], from: from}
	t.columns = columnsOf(reflect.TypeFor[R](), t.alias, joined)
	var names, places, arrays []string
	for _, c := range t.columns {
		if c.own {
			names, places = append(names, c.name), append(places, "$"+strconv.Itoa(len(names)+1))
			many := arrayType(reflect.TypeFor[R]().FieldByIndex(c.field).Type)
			arrays = append(arrays, places[len(places)-1]+"::"+many)
		}
	}
	into := `INSERT INTO ` + t.name + ` AS ` + t.alias + ` (` + strings.Join(names, ", ") + `) `
	t.selects = `SELECT ` + t.list() + ` FROM ` + from + ` `
	t.inserts = into + `VALUES (` + strings.Join(places, ", ") + `) `
	t.insertsRows = into + `SELECT * FROM unnest(` + strings.Join(arrays, ", ") + `)`
	return t
}

func columnsOf(row reflect.Type, alias string, joined map[string]string) []column {
	var out []column
	for i := range row.NumField() {
		f := row.Field(i)
		c := column{name: columnName(f.Name), field: []int{i}, own: true}
		c.reads = alias + "." + c.name
		if reads, foreign := joined[f.Name]; foreign {
			c.reads, c.own = reads, false
		}
		if f.Type.Kind() != reflect.Struct || f.Type == reflect.TypeFor[time.Time]() {
			out = append(out, c)
			continue
		}
		for _, of := range columnsOf(f.Type, c.reads, inside(f.Name, joined)) {
			out = append(out, column{
				name:  c.name + "_" + of.name,
				reads: of.reads,
				field: append([]int{i}, of.field...),
			})
		}
	}
	return out
}

// inside is what is joined for the fields of a row that is itself a field: "First.Used" is its Used.
func inside(field string, joined map[string]string) map[string]string {
	out := map[string]string{}
	for name, reads := range joined {
		if name, found := strings.CutPrefix(name, field+"."); found {
			out[name] = reads
		}
	}
	return out
}

// columnName is a field's name in lower case, words apart: ConditionsSHA256 is conditions_sha256.
func columnName(field string) string {
	var b strings.Builder
	for i, c := range strings.NewReplacer("SHA", "Sha", "ID", "Id").Replace(field) {
		if i > 0 && 'A' <= c && c <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

// list is what a SELECT gives of the table, each column under its name. The texts that are known already come empty.
func (t *table[R]) list(known ...string) string {
	all := make([]string, len(t.columns))
	for i, c := range t.columns {
		if slices.Contains(known, c.name) {
			c.reads = `''`
		}
		all[i] = c.reads + ` AS ` + c.name
	}
	return strings.Join(all, ", ")
}

// into is where a row goes that was read by list.
func (t *table[R]) into(row *R) []any {
	at := reflect.ValueOf(row).Elem()
	out := make([]any, len(t.columns))
	for i, c := range t.columns {
		out[i] = at.FieldByIndex(c.field).Addr().Interface()
	}
	return out
}

// all reads what rest finds: a statement from WHERE on, or from what is joined besides. what and id name it in errors.
func (t *table[R]) all(ctx context.Context, tx *postgres.Tx, what, id, rest string, args ...any) ([]R, error) {
	var rows []R
	err := tx.Ask(ctx, postgres.Question{What: strings.TrimSpace(what + " " + id), SQL: t.selects + rest, Args: args,
		Row: t.gather(&rows)})
	return rows, err
}

// gather is a Question's Row: it adds each row that was read by list.
func (t *table[R]) gather(rows *[]R) func(postgres.Row) error {
	return func(r postgres.Row) error {
		var row R
		err := r.Scan(t.into(&row)...)
		*rows = append(*rows, row)
		return err
	}
}

// one reads the row that rest finds; ErrNotFound names what was looked for.
func (t *table[R]) one(ctx context.Context, tx *postgres.Tx, what, id, rest string, args ...any) (R, error) {
	rows, err := t.all(ctx, tx, what, id, rest, args...)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%s %s: %w", what, id, ErrNotFound)
	}
	if err != nil {
		var none R
		return none, err
	}
	return rows[0], nil
}

// add writes a row. rest says what happens where one stands already; without it that is a conflict, named by its
// constraint.
func (t *table[R]) add(ctx context.Context, tx *postgres.Tx, what, id string, row R, rest ...string) error {
	return tx.Ask(ctx, postgres.Question{What: strings.TrimSpace(what + " " + id), Args: t.values(row),
		SQL: t.inserts + strings.Join(rest, " ")})
}

// addLater is add with the next trip to the database, together with other rows of the table, or with the commit.
func (t *table[R]) addLater(tx *postgres.Tx, what, id string, row R) {
	values := t.values(row)
	for i, v := range values {
		one := reflect.ValueOf(v)
		values[i] = reflect.Append(reflect.MakeSlice(reflect.SliceOf(one.Type()), 0, 1), one).Interface()
	}
	tx.LaterRows(what+" "+id, t.insertsRows, values...)
}

// values are those of the table's own columns, in their order.
func (t *table[R]) values(row R) []any {
	at, out := reflect.ValueOf(row), make([]any, 0, len(t.columns))
	for _, c := range t.columns {
		if c.own {
			out = append(out, at.FieldByIndex(c.field).Interface())
		}
	}
	return out
}

// arrayType is what PostgreSQL calls many values of a field.
func arrayType(field reflect.Type) string {
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	switch field {
	case reflect.TypeFor[time.Time]():
		return "timestamptz[]"
	case reflect.TypeFor[[]byte]():
		return "bytea[]"
	case reflect.TypeFor[bool]():
		return "boolean[]"
	case reflect.TypeFor[int](), reflect.TypeFor[int64]():
		return "bigint[]"
	}
	return "text[]"
}

// opened makes the records of rows; the first that cannot be read ends it.
func opened[R, T any](rows []R, to func(R) (T, error)) ([]T, error) {
	out := make([]T, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = to(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// openedEach makes the records of rows, and leaves out those that cannot be read: for what is told of an act that
// narrows, never for what is decided.
func openedEach[R, T any](rows []R, to func(R) (T, error)) (good []T, altered []R) {
	for _, row := range rows {
		if one, err := to(row); err == nil {
			good = append(good, one)
		} else {
			altered = append(altered, row)
		}
	}
	return good, altered
}
