package register

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Text is the fingerprint of the text of one version (docs/decisions/0076). Its numbers were made with a key that is
// not in the database.
type Text struct {
	Words  int
	Digest []byte
	Tokens []uint64
	Whole  bool
}

// Resembling is a version whose text shares something with another text, and may come from it.
type Resembling struct {
	Document article4.DocumentID
	Version  article4.VersionID
	Text     Text
}

// signed are tokens as PostgreSQL has numbers.
func signed(tokens []uint64) []int64 {
	out := make([]int64, len(tokens))
	for i, token := range tokens {
		out[i] = int64(token)
	}
	return out
}

// AddText keeps the fingerprint of a version. One without words is kept by nobody.
func (r *Register) AddText(ctx context.Context, tx *postgres.Tx, id article4.VersionID, t Text) error {
	if t.Words == 0 {
		return nil
	}
	return failed("text of version", string(id), tx.Ask(ctx, postgres.Question{
		What: "text of a version",
		SQL:  `INSERT INTO version_text (version, words, digest, tokens, whole) VALUES ($1, $2, $3, $4, $5)`,
		Args: []any{string(id), t.Words, t.Digest, signed(t.Tokens), t.Whole},
	}))
}

// TextsDisclosedTo are the versions that were disclosed to an organisation by another one, and have the same text or a
// token in common.
func (r *Register) TextsDisclosedTo(ctx context.Context, tx *postgres.Tx, to article4.OrganisationID,
	t Text) ([]Resembling, error) {
	if t.Words == 0 {
		return nil, nil
	}
	var out []Resembling
	err := tx.Ask(ctx, postgres.Question{
		What: "texts disclosed",
		SQL: `SELECT v.document, t.version, t.words, t.digest, t.tokens, t.whole FROM version_text t
			JOIN version v ON v.id = t.version JOIN document d ON d.id = v.document
			WHERE d.discloser <> $1 AND (t.digest = $2 OR t.tokens && $3::bigint[])
			AND EXISTS (SELECT FROM disclosure x WHERE x.version = t.version AND x.organisation = $1)
			ORDER BY v.document, v.number`,
		Args: []any{string(to), t.Digest, signed(t.Tokens)},
		Row: func(row postgres.Row) error {
			var one Resembling
			var tokens []int64
			err := row.Scan(&one.Document, &one.Version, &one.Text.Words, &one.Text.Digest, &tokens, &one.Text.Whole)
			for _, token := range tokens {
				one.Text.Tokens = append(one.Text.Tokens, uint64(token))
			}
			out = append(out, one)
			return err
		},
	})
	return out, failed("texts disclosed to", string(to), err)
}
