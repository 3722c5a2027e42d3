package register

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Viewer is for whom a list is made; a list shows nothing that the viewer could not find one by one.
type Viewer struct {
	Person       article4.PersonID
	Organisation article4.OrganisationID
	Kind         article4.OrganisationKind
	// a focal point or signatory sees the protected documents of the own organisation whole
	SeesOwn bool
	Reads   bool                    // has a role that may read at all: an auditor sees stubs
	Audits  bool                    // an auditor, who is told of alterations
	Service *article4.ServiceLimits // of a machine client; nil: a person
	Now     time.Time
}

// limited is article4's limits of a machine client in SQL, for a document d.
func (v Viewer) limited(args postgres.Named) string {
	if v.Service == nil {
		return ""
	}
	args["markings"], args["purposes"] = v.Service.Markings, v.Service.Purposes
	return ` AND d.marking = ANY(@markings) AND EXISTS (SELECT 1 FROM document_purpose p WHERE p.document = d.id AND ` +
		`p.code = ANY(@purposes))`
}

// DocumentFilter narrows a list. Zero fields do not filter.
type DocumentFilter struct {
	IDs        []article4.DocumentID // these alone
	References []string              // likewise, by what people call them
	Words      []string
	Marking    article4.Marking
	Purpose    article4.PurposeCode
	Discloser  article4.OrganisationID
	Oldest     bool // oldest first instead of newest first
	AfterAt    time.Time
	AfterID    article4.DocumentID
	Limit      int
}

// standing is article4.StandingOf in SQL: the Discloser's people, the Recipient's people, third parties from a consent
// on, and entities that were asked (there is a request open or in force that needs their authorization) or that
// decided. It lets through what only the clock or a purpose ended; whoever lists asks the rules about each.
const standing = `(d.discloser = @org OR d.recipient = @org
	OR EXISTS (SELECT 1 FROM access_request q JOIN decision c ON c.request = q.id AND c.kind = 'consent' AND c.given AND
		c.by_org = d.discloser
		WHERE q.document = d.id AND q.beneficiary = @org)
	OR EXISTS (SELECT 1 FROM release x WHERE x.document = d.id AND x.recipient = @org AND x.ended_at IS NULL)
	OR EXISTS (SELECT 1 FROM access_request q JOIN decision l ON l.request = q.id AND l.by_org = @org
		WHERE q.document = d.id AND q.beneficiary <> d.discloser)
	OR EXISTS (SELECT 1 FROM document_entity e JOIN access_request q ON q.document = e.document
		WHERE e.document = d.id AND e.organisation = @org AND q.beneficiary <> d.discloser AND d.marking <>
			'non-confidential'
		AND q.withdrawn_at IS NULL AND q.closed IS NULL AND q.until > @now
		AND NOT EXISTS (SELECT 1 FROM decision l LEFT JOIN withdrawal w ON w.decision = l.id WHERE l.request = q.id AND
			(NOT l.given OR w.decision IS NOT NULL))))`

// titleSeen keeps search from answering questions about titles that the viewer may not read.
const titleSeen = `(d.show_title OR @reads AND (d.marking = 'non-confidential' AND (d.discloser = @org OR d.recipient = @org)
	OR d.discloser = @org AND (@own OR d.depositor = @person)))`

// Documents lists what the viewer has standing for, in the order of deposit.
func (r *Register) Documents(ctx context.Context, tx *postgres.Tx, v Viewer, f DocumentFilter) ([]Listed[Document],
	error) {
	args := postgres.Named{"org": v.Organisation, "person": v.Person, "own": v.SeesOwn, "reads": v.Reads, "now": v.Now,
		"limit":   f.Limit,
		"marking": f.Marking, "purpose": f.Purpose, "discloser": f.Discloser, "at": f.AfterAt, "id": f.AfterID}
	where := []string{standing + v.limited(args)}
	if f.IDs != nil {
		where = append(where, `d.id = ANY(@ids)`)
		args["ids"] = f.IDs
	}
	if f.References != nil {
		where = append(where, `d.reference = ANY(@references)`)
		args["references"] = f.References
	}
	if f.Marking != "" {
		where = append(where, `d.marking = @marking`)
	}
	if f.Discloser != "" {
		where = append(where, `d.discloser = @discloser`)
	}
	if f.Purpose != "" {
		where = append(where, `EXISTS (SELECT 1 FROM document_purpose p WHERE p.document = d.id AND p.code = @purpose)`)
	}
	words, err := r.wordConditions(ctx, tx, f.Words, args)
	if err != nil {
		return nil, err
	}
	where = append(where, words...)
	order := `d.deposited_at DESC, d.id DESC`
	if f.Oldest {
		order = `d.deposited_at, d.id`
	}
	if f.AfterID != "" {
		where = append(where, after(f.Oldest))
	}
	rows, err := documentTable.all(ctx, tx, "documents", "", `WHERE `+strings.Join(where, " AND ")+` ORDER BY `+order+
		` LIMIT @limit`, args)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.wholeDocument, placeOfDocument), nil
}

func placeOfDocument(row documentRow) Place {
	return Place{row.DepositedAt, row.ID, article4.DocumentID(row.ID)}
}

func after(oldest bool) string {
	if oldest {
		return `(d.deposited_at, d.id) > (@at, @id)`
	}
	return `(d.deposited_at, d.id) < (@at, @id)`
}

// wordConditions asks for each word under the token key of every Party, since either may be the Discloser.
func (r *Register) wordConditions(ctx context.Context, tx *postgres.Tx, words []string, args postgres.Named) ([]string,
	error) {
	if len(words) == 0 {
		return nil, nil
	}
	var parties []article4.OrganisationID
	if err := sql(ctx, tx).Raw(`SELECT id FROM organisation WHERE kind = 'party' ORDER BY ` +
		`id`).Scan(&parties).Error; err != nil {
		return nil, failed("parties", "", err)
	}
	where := []string{titleSeen}
	for i, word := range words {
		var tokens [][]byte
		for _, party := range parties {
			token, err := r.wordToken(party, word)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token)
		}
		name := fmt.Sprintf("word%d", i)
		args[name] = tokens
		where = append(where, `EXISTS (SELECT 1 FROM document_word w WHERE w.document = d.id
			AND w.word = ANY(@`+name+`))`)
	}
	return where, nil
}

func (r *Register) wordToken(o article4.OrganisationID, word string) ([]byte, error) {
	token, err := r.sealer.Token(string(o), "title|"+word)
	if err != nil {
		return nil, fmt.Errorf("search word of %s: %w: %w", o, ErrKeys, err)
	}
	return token, nil
}

// Words splits a title as search sees it: letters and digits, lower case, marks removed ("Générale" is "generale"),
// each once, at most 64.
func Words(title string) []string {
	folded := norm.NFKD.String(strings.ToLower(title))
	folded = strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) {
			return -1
		}
		return c
	}, folded)
	seen := map[string]bool{}
	var out []string
	for _, word := range strings.FieldsFunc(folded,
		func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		if !seen[word] && len(out) < 64 {
			seen[word] = true
			out = append(out, word)
		}
	}
	return out
}
