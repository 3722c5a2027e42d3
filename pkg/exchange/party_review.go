package exchange

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/sequencer"
)

// Review is what a focal point looks at when the Parties monitor and evaluate the cooperation (Article 5(4)): what was
// exchanged in a period, in numbers, as its own Party may know it. No title, no document and no name stands in it.
type Review struct {
	Party        article4.OrganisationID
	Since, Until time.Time // since <= at < until
	At           time.Time // of Open
	Counts       []ReviewCount
	Open         Waiting // what waits for the focal point now
}

// ReviewCount is how often one thing was done with the documents of one Party.
type ReviewCount struct {
	Discloser article4.OrganisationID // whose documents
	What      ReviewWhat
	Count     int
	// ByMarking and ByPurpose split Count. What names several purposes counts for each, and what names none for none.
	ByMarking map[article4.Marking]int
	ByPurpose map[article4.PurposeCode]int
}

// ReviewWhat is what was done.
type ReviewWhat string

// What a review counts, in its order.
const (
	ReviewDeposited        ReviewWhat = "deposited"
	ReviewDisclosed        ReviewWhat = "disclosed"                  // to people of the other Party
	ReviewDisclosedOnward  ReviewWhat = "disclosed-to-third-parties" // Article 4(8), or on a Release
	ReviewRequested        ReviewWhat = "requested"                  // for the other Party
	ReviewRequestedOnward  ReviewWhat = "requested-for-third-parties"
	ReviewGiven            ReviewWhat = "given"           // unasked: a Delivery
	ReviewGivenBySeries    ReviewWhat = "given-by-series" // on an authorization that stands for a series
	ReviewAuthorized       ReviewWhat = "authorized"
	ReviewConsented        ReviewWhat = "consented" // to a third party
	ReviewRefused          ReviewWhat = "refused"
	ReviewLapsed           ReviewWhat = "lapsed"
	ReviewExpired          ReviewWhat = "expired"
	ReviewWithdrawn        ReviewWhat = "withdrawn"
	ReviewSeriesAuthorized ReviewWhat = "series-authorized"
	ReviewSeriesWithdrawn  ReviewWhat = "series-withdrawn"
	ReviewReleased         ReviewWhat = "released" // what is non-confidential, to a third party
	ReviewReleasesEnded    ReviewWhat = "releases-ended"
	ReviewCorrected        ReviewWhat = "corrected" // new versions of any kind
	ReviewMarked           ReviewWhat = "marked"    // otherwise than before
	ReviewRecalled         ReviewWhat = "recalled"
)

// longestReview is how much of the log is counted at once.
const longestReview = 366 * 24 * time.Hour

// reviewKinds are the entries that a review counts, and what each is; requests and disclosures are told apart further.
var reviewKinds = map[ledger.Kind]ReviewWhat{
	ledger.KindDeposit:            ReviewDeposited,
	ledger.KindDisclosure:         ReviewDisclosed,
	ledger.KindRequest:            ReviewRequested,
	ledger.KindAuthorization:      ReviewAuthorized,
	ledger.KindFiling:             ReviewAuthorized,
	ledger.KindConsent:            ReviewConsented,
	ledger.KindRefusal:            ReviewRefused,
	ledger.KindLapse:              ReviewLapsed,
	ledger.KindExpiry:             ReviewExpired,
	ledger.KindWithdrawal:         ReviewWithdrawn,
	ledger.KindStanding:           ReviewSeriesAuthorized,
	ledger.KindStandingWithdrawal: ReviewSeriesWithdrawn,
	ledger.KindRelease:            ReviewReleased,
	ledger.KindReleaseEnded:       ReviewReleasesEnded,
	ledger.KindCorrection:         ReviewCorrected,
	ledger.KindMarking:            ReviewMarked,
	ledger.KindRecall:             ReviewRecalled,
}

// ReviewWhats are all that a review counts, in their order.
func ReviewWhats() []ReviewWhat {
	return []ReviewWhat{ReviewDeposited, ReviewDisclosed, ReviewDisclosedOnward, ReviewRequested, ReviewRequestedOnward,
		ReviewGiven, ReviewGivenBySeries, ReviewAuthorized, ReviewConsented, ReviewRefused, ReviewLapsed, ReviewExpired,
		ReviewWithdrawn, ReviewSeriesAuthorized, ReviewSeriesWithdrawn, ReviewReleased, ReviewReleasesEnded,
		ReviewCorrected, ReviewMarked, ReviewRecalled}
}

// Review counts what was done at since or later, and before until, for a focal point of a Party and of its own Party
// alone; to all others it is absent. It is made of entries of the log that the Party may open, at most 366 days of
// them, and writes none: each thing counted could be found one by one, and no one of them is shown
// (docs/decisions/0385). ErrReviewing says that another one of that Party is being counted.
func (g *Gateway) Review(ctx context.Context, a Actor, since, until time.Time) (Review, error) {
	since, until = since.UTC(), until.UTC()
	switch {
	case since.IsZero() || !since.Before(until):
		return Review{}, invalid.One(invalid.NotAfterSince, "until", "")
	case until.Sub(since) > longestReview:
		return Review{}, invalid.One(invalid.PeriodTooLong, "until", "")
	}
	return shown(ctx, g, a, operation{act: article4.ActDescribe, what: "review"},
		func(ctx context.Context, v *visit) (Review, error) {
			ofParty := v.actor.organisation.Kind == article4.Party
			if !ofParty || !slices.Contains(v.actor.claims.Roles, article4.RoleFocalPoint) {
				return Review{}, errAbsent
			}
			return v.review(ctx, since, until)
		})
}

func (v *visit) review(ctx context.Context, since, until time.Time) (Review, error) {
	out := Review{Party: v.actor.organisation.ID, Since: since, Until: until, At: v.at}
	alone, err := v.register.BeginReview(ctx, v.tx, out.Party)
	if err == nil && !alone {
		err = ErrReviewing
	}
	if err != nil {
		return Review{}, err
	}
	var kinds []string
	for kind := range reviewKinds {
		kinds = append(kinds, string(kind))
	}
	found, err := v.sequencer.Reviewed(ctx, v.tx, sequencer.Reviewing{Party: string(out.Party), Kinds: kinds,
		Since: since, Until: until})
	if err != nil {
		return Review{}, err
	}
	for _, discloser := range v.ownFirst() {
		for _, what := range ReviewWhats() {
			out.Counts = append(out.Counts, v.reviewCount(discloser, what, found))
		}
	}
	return out, v.count(ctx, &out.Open)
}

// ownFirst are the two Parties, the caller's own first.
func (v *visit) ownFirst() []article4.OrganisationID {
	own := v.actor.organisation.ID
	return append([]article4.OrganisationID{own},
		slices.DeleteFunc(slices.Clone(v.parties), func(p article4.OrganisationID) bool { return p == own })...)
}

// reviewCount adds up what is of one kind.
func (v *visit) reviewCount(discloser article4.OrganisationID, what ReviewWhat,
	found []sequencer.Tally) ReviewCount {
	out := ReviewCount{Discloser: discloser, What: what, ByMarking: map[article4.Marking]int{},
		ByPurpose: map[article4.PurposeCode]int{}}
	for _, t := range found {
		if t.Discloser != string(discloser) || v.whatOf(t) != what {
			continue
		}
		out.Count += t.N
		if t.Marking != "" {
			out.ByMarking[article4.Marking(t.Marking)] += t.N
		}
		for _, code := range t.Purposes {
			out.ByPurpose[article4.PurposeCode(code)] += t.N
		}
	}
	return out
}

// whatOf tells apart what goes to third parties, and what is given from what is asked for.
func (v *visit) whatOf(t sequencer.Tally) ReviewWhat {
	what := reviewKinds[ledger.Kind(t.Kind)]
	onward := !slices.Contains(v.parties, article4.OrganisationID(t.For))
	switch {
	case what == ReviewDisclosed && onward:
		return ReviewDisclosedOnward
	case what != ReviewRequested:
		return what
	case onward:
		return ReviewRequestedOnward
	case t.Series:
		return ReviewGivenBySeries
	case t.Delivery:
		return ReviewGiven
	}
	return what
}

// Disclosers are the two Parties whose documents are counted, the focal point's own first.
func (r Review) Disclosers() []article4.OrganisationID {
	var out []article4.OrganisationID
	for _, c := range r.Counts {
		if !slices.Contains(out, c.Discloser) {
			out = append(out, c.Discloser)
		}
	}
	return out
}

// ReviewColumns are those of Table.
func ReviewColumns() []string { return []string{"documents_of", "what", "marking", "purpose", "count"} }

// Table is the review in rows: of each thing the whole first, with neither marking nor purpose; then what it splits
// into by marking; then by purpose.
func (r Review) Table() [][]string {
	var rows [][]string
	for _, c := range r.Counts {
		line := func(marking, purpose string, n int) {
			rows = append(rows, []string{string(c.Discloser), string(c.What), marking, purpose, strconv.Itoa(n)})
		}
		line("", "", c.Count)
		for _, m := range slices.Sorted(maps.Keys(c.ByMarking)) {
			line(string(m), "", c.ByMarking[m])
		}
		for _, code := range slices.Sorted(maps.Keys(c.ByPurpose)) {
			line("", string(code), c.ByPurpose[code])
		}
	}
	return rows
}
