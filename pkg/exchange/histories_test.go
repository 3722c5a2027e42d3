package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Random histories: people of every kind try every verb, in lives of the Arrangement that go from its first day beyond
// its last, against a model that reads like the Arrangement. After each act: was the answer the model's, for the
// model's reasons; does one entry say so; did a refusal leave anything. At the end both Parties' auditors verify the
// log. The model is in the files histories_model_…_test.go.

// historySteps names the variable that asks for so many acts; without it a run is short.
const (
	historySteps = "HISTORY_STEPS"
	shortHistory = 350
	longHistory  = 10_000 // from here on every verb must have been permitted and refused; before, nearly all
	nearlyAll    = 12     // verbs may be missing from a short run
	actsOfALife  = 150
)

// life is one life of the Arrangement: the gateway and what the model knows of it.
type life struct {
	ctx   context.Context
	h     *fixture
	g     *exchange.Gateway
	rt    *rapid.T
	w     *world
	db    *pgx.Conn
	seen  *coverage
	texts int
	// numbers are what is drawn from.
	numbers []int
	born    time.Time     // the first day
	off     time.Duration // how far the clock that dates entries is off

	lacking  []string // what no life before showed
	hurries  bool     // no life before went beyond the end
	expected int      // entries that acts should have written so far
	consents []consentGiven
	// authorizations are those of the Discloser for its Recipient.
	authorizations []consentGiven
	// delegating is what a first official filed last.
	delegating *delegation
	mandating  *delegation // what was proposed last of who speaks for a third party
	acts       []string
}

// coverage counts what was permitted and what was not, by verb: a run that shows nothing fails.
type coverage struct {
	acts, lives, ended int
	permitted, refused map[string]int
	codes              map[string]int
	told               bool // what was wrong in the first life that was
	tape               *tape
}

func TestHistoriesEveryVerbAnswersAsTheArrangementSays(t *testing.T) {
	want := shortHistory
	if asked, err := strconv.Atoi(os.Getenv(historySteps)); err == nil {
		want = asked
	}
	seen := &coverage{permitted: map[string]int{}, refused: map[string]int{}, codes: map[string]int{}, tape: newTape()}
	for start := time.Now(); !seen.enough(want) && !t.Failed(); {
		if seen.acts > 6*want {
			seen.report(t)
			t.Fatalf("after %d acts, %d lives beyond the end; never both permitted and refused: %v", seen.acts,
				seen.ended, seen.oneSided())
		}
		t.Run(fmt.Sprintf("life %d", seen.lives+1), func(t *testing.T) { liveOnce(t, seen) })
		if seen.lives%20 == 0 {
			t.Logf("%d acts in %d lives, %.1f a second", seen.acts, seen.lives,
				float64(seen.acts)/time.Since(start).Seconds())
		}
	}
	seen.report(t)
	if *update {
		seen.tape.keep(t)
	}
}

// liveOnce lets rapid draw one life; of a life that shows an error it looks for a shorter one.
func liveOnce(t *testing.T, seen *coverage) {
	// Rapid draws the same life again only if this stays the same.
	lived, lacking, hurries := false, seen.oneSided(), seen.ended == 0
	rapid.Check(t, func(rt *rapid.T) {
		if lived {
			return
		}
		l := newLife(t, rt, seen)
		l.lacking, l.hurries = lacking, hurries
		for range 4 * actsOfALife { // not every verb finds something to be tried on
			if len(l.acts) < actsOfALife {
				l.act()
			}
		}
		l.verify()
		lived = true
		seen.lives++
		if l.w.ended() {
			seen.ended++
		}
	})
}

func newLife(t *testing.T, rt *rapid.T, seen *coverage) *life {
	h := newFixture(t)
	h.moveToNoon()
	w := &world{now: h.clock(time.Now()),
		named:   map[org]bool{wco: true, unoct: rapid.IntRange(0, 2).Draw(rt, "focal point") > 0},
		notices: map[string]*noticed{}}
	if rapid.Bool().Draw(rt, "the specific arrangement ends") {
		w.projectEnds = h.today().AddDate(0, 0, rapid.IntRange(20, 200).Draw(rt, "on day"))
		h.specific(&w.projectEnds)
	} else {
		h.specific(nil)
	}
	l := &life{ctx: t.Context(), h: h, rt: rt, w: w, seen: seen, born: h.today()}
	l.instrument()
	// the gateway writes when the history says so
	l.g = h.gateway(func(s *exchange.Settings) { s.SilenceAfter = 10 * time.Hour })
	seen.tape.listen(t, l.g)
	l.inhabit()
	l.furnish()
	var err error
	l.db, err = pgx.Connect(t.Context(), h.db.SuperuserURL())
	must(t, err)
	t.Cleanup(func() { l.db.Close(context.Background()) })
	l.expected = l.count().entries
	return l
}

// inhabit signs in people of every kind.
func (l *life) inhabit() {
	staff, focal, signatory := article4.RoleStaff, article4.RoleFocalPoint, article4.RoleSignatory
	for _, o := range []string{"wco", "unoct"} {
		l.arrives(o, "staff."+o, nil, staff)
		l.arrives(o, "other."+o, nil, staff)
		l.arrives(o, "focal."+o, nil, staff, focal, signatory)
		l.arrives(o, "deputy."+o, nil, staff, focal, signatory)
		l.arrives(o, "newcomer."+o, nil, staff, signatory)
		l.arrives(o, "auditor."+o, nil, article4.RoleAuditor)
		limits := &article4.ServiceLimits{Purposes: []code{"art2.e"},
			Markings: []article4.Marking{article4.Confidential, article4.NonConfidential}}
		l.arrives(o, "service."+o, limits, article4.RoleService)
	}
	l.arrives("piu-exampleland", "analyst.piu", nil, staff)
	l.arrives("piu-exampleland", "other.piu", nil, staff)
	l.arrives("piu-exampleland", "focal.piu", nil, staff, focal)
	l.arrives("customs-exampleland", "focal.customs", nil, staff, focal)
	l.arrives("customs-exampleland", "staff.customs", nil, staff)
	l.arrives("piu-exampleland", "deputy.piu", nil, staff, focal)
	l.arrives("customs-exampleland", "deputy.customs", nil, staff, focal)
	l.arrives("operator", "focal.operator", nil, article4.RoleOperator)
}

func (l *life) arrives(issuer, subject string, limits *article4.ServiceLimits, roles ...article4.Role) {
	l.w.people = append(l.w.people, l.arrived(issuer, subject, limits, roles...))
}

// arrived is somebody who signed in.
func (l *life) arrived(issuer, subject string, limits *article4.ServiceLimits, roles ...article4.Role) *person {
	claims := exchange.Claims{
		Issuer:   l.h.issuers.URL(issuer),
		Subject:  subject,
		Client:   "portal",
		Name:     subject,
		Roles:    roles,
		ACR:      "mfa",
		AuthTime: time.Now(),
		SignIn:   article4.SignInFresh,
		Service:  limits,
	}
	fresh, err := l.g.Recognise(l.ctx, claims)
	must(l.h.t, err)
	claims.SignIn = article4.SignInStale
	stale, err := l.g.Recognise(l.ctx, claims)
	must(l.h.t, err)
	return &person{
		name:     subject,
		subject:  subject,
		org:      org("org_" + issuer),
		roles:    roles,
		limits:   limits,
		identity: fresh.Person(),
		actor:    fresh,
		stale:    stale,
	}
}

// actorNow is how somebody is signed in now.
func (p does) actorNow() exchange.Actor {
	if p.stale {
		return p.person.stale
	}
	return p.actor
}

// who tries something: mostly somebody who may, else anybody.
func (l *life) who(may func(does) answer) does {
	if l.below(10, "anybody") < 7 {
		var able []*person
		for _, p := range l.w.people {
			if a := may(does{person: p}); a.permitted() {
				able = append(able, p)
			}
		}
		if len(able) > 0 {
			return does{person: one(l, "who may", able...)}
		}
	}
	return does{person: one(l, "who", l.w.people...), stale: l.rarely("signed in long ago", 10)}
}

// verbs are all that change something; how often each stands here is how often it is tried.
func (l *life) verbs() []func() *step {
	often := []func() *step{l.request, l.authorize, l.consent, l.read, l.fetch}
	verbs := slices.Concat(often, often, often,
		[]func() *step{l.deposit, l.deposit, l.refuse, l.withdraw, l.say, l.say, l.say, l.admit, l.admit, l.file,
			l.file, l.confirm,
			l.release, l.release, l.endRelease, l.propose, l.sign, l.decline, l.mark, l.mark,
			l.addEntity, l.removeEntity,
			l.decideLowering, l.decideLowering,
			l.withdrawLowering, l.sayNotConcerned, l.correct, l.recall,
			l.destroy, l.erase,
			l.suspend, l.leak, l.lift, l.lift, l.lift, l.lift, l.hold, l.endHold, l.endHold, l.designate, l.delegate,
			l.endDelegation, l.mandate, l.mandate, l.endMandate,
			l.endSessions, l.endSessions,
			l.deliver, l.depositInto, l.depositInto, l.depositInto, l.depositInto, l.depositInto, l.depositAddressed,
			l.openSeries, l.authorizeSeries, l.authorizeSeries, l.authorizeSeries, l.authorizeSeries,
			l.withdrawFromSeries, l.withdrawFromSeries, l.stage, l.stage, l.seeStaged, l.unstage,
			l.depositStaged, l.depositStaged, l.turnPage, l.turnPage, l.turnPage, l.turnPage, l.turnPage,
			l.recognise, l.confirmRecognition, l.acknowledge, l.timePasses, l.correctClock, l.correctClock,
			l.backgroundRounds})
	sooner := 1
	if l.hurries {
		sooner = 4
	}
	switch {
	case l.w.ended():
	case l.w.noticeGiven() && l.completion():
		verbs = slices.Concat(verbs, slices.Repeat([]func() *step{l.timePasses}, 10*sooner))
	case l.completion() || l.rarely("early notice", 40):
		verbs = slices.Concat(verbs, slices.Repeat([]func() *step{l.giveNotice}, 15*sooner))
	}
	for _, s := range l.w.stops {
		if !s.lifted {
			verbs = append(verbs, l.lift)
		}
	}
	if len(l.w.firsts) > 0 && !l.w.firsts[len(l.w.firsts)-1].over {
		verbs = append(verbs, l.confirm)
	}
	return verbs
}

// act draws one act, does it, and holds the answer against the model's.
func (l *life) act() {
	l.w.now = l.h.clock(time.Now())
	verb := one(l, "verb", l.verbs()...)
	if len(l.lacking) > 0 && l.below(3, "what is lacking") == 0 {
		verb = l.named(one(l, "lacking", l.lacking...))
	}
	if s := verb(); s != nil {
		l.carryOut(s)
	}
}

func (l *life) carryOut(s *step) {
	start := l.count()
	if s.prepare != nil {
		s.prepare()
	}
	l.w.now = l.h.clock(time.Now())
	before := l.count()
	l.expected += before.entries - start.entries
	err := s.do()
	after := l.count()
	l.acts = append(l.acts, fmt.Sprintf("%3d %s %s %s: %s", len(l.acts), s.who.name, s.verb, s.what, saidOf(err)))
	l.seen.acts++
	l.compare(s, err)
	l.oneEntry(s, err, before, after)
	if s.always != nil {
		s.always()
	}
	if err == nil && s.learn != nil {
		s.learn()
	}
}

// wrong ends a life. The acts before it are told once: rapid looks for a shorter life with the same end and tells that.
func (l *life) wrong(format string, args ...any) {
	l.h.t.Helper()
	if !l.seen.told {
		l.seen.told = true
		l.h.t.Logf("the life so far:\n%s\n"+format, append([]any{strings.Join(l.acts, "\n")}, args...)...)
	}
	l.rt.Fatalf(format, args...)
}

func saidOf(err error) string {
	if err == nil {
		return "done"
	}
	return err.Error()
}

// compare: permitted or not, and for which reasons.
func (l *life) compare(s *step, err error) {
	var refusal *exchange.Refusal
	var absent *exchange.NotFound
	is := "permitted"
	var got []string
	switch {
	case err == nil:
		l.seen.permitted[s.verb]++
	case errors.As(err, &absent):
		is = "absent"
	case errors.As(err, &refusal):
		is = "refused"
		for _, r := range refusal.Reasons {
			got = append(got, string(r.Code))
			l.seen.codes[string(r.Code)]++
		}
		slices.Sort(got)
		got = slices.Compact(got)
	case errors.Is(err, exchange.ErrConflict):
		is = "conflict"
	case errors.Is(err, exchange.ErrOver):
		is = "over"
	default:
		l.wrong("%s: %s %s: %v", s.who.name, s.verb, s.what, err)
	}
	if err != nil {
		l.seen.refused[s.verb]++
	}
	if !s.want.agrees(is, got) {
		l.wrong("%s (%s): %s %s: %s %v; the model says %s", s.who.name, s.who.org, s.verb, s.what, is, got, s.want)
	}
}

func (a answer) agrees(is string, got []string) bool {
	switch is {
	case "absent":
		return a.absent || a.either
	case "conflict":
		return a.conflict
	case "over":
		return a.over
	case "permitted":
		return a.permitted()
	case "refused":
		if a.either {
			return true
		}
		return !a.absent && slices.ContainsFunc(append([][]string{a.codes}, a.others...), func(codes []string) bool {
			return len(codes) > 0 && slices.Equal(slices.Sorted(slices.Values(codes)), got)
		})
	}
	return false
}

func (a answer) String() string {
	switch {
	case a.absent:
		return "absent"
	case a.either:
		return "absent or refused"
	case a.conflict:
		return "conflict"
	case a.over:
		return "over"
	case len(a.codes) == 0:
		return "permitted"
	}
	return fmt.Sprintf("refused for %v, or %v", a.codes, a.others)
}

// oneSided are the verbs that were never permitted, or never refused.
func (c *coverage) oneSided() []string {
	var out []string
	for verb := range (*life)(nil).byName() {
		if c.permitted[verb] == 0 || c.refused[verb] == 0 && !slices.Contains(nobodysVerbs, verb) {
			out = append(out, verb)
		}
	}
	slices.Sort(out)
	return out
}

// nobodysVerbs are never refused.
var nobodysVerbs = []string{"time passes", "clock corrected", "background rounds"}

func (l *life) named(verb string) func() *step { return l.byName()[verb] }

// byName are all verbs.
func (l *life) byName() map[string]func() *step {
	return map[string]func() *step{"deposit": l.deposit, "request": l.request, "authorize": l.authorize,
		"consent": l.consent, "refuse": l.refuse,
		"disclose": l.read, "fetch": l.fetch, "withdraw": l.withdraw, "ask": l.say, "answer": l.say, "admit": l.admit,
		"file": l.file, "confirm": l.confirm,
		"release": l.release, "end release": l.endRelease,
		"propose": l.propose, "sign": l.sign, "decline": l.decline, "mark": l.mark, "add entity": l.addEntity,
		"remove entity": l.removeEntity, "decide on a lowering": l.decideLowering,
		"withdraw from a lowering": l.withdrawLowering, "amend": l.amend, "say not concerned": l.sayNotConcerned,
		"correct": l.correct, "recall": l.recall, "destroy": l.destroy, "erase": l.erase, "suspend": l.suspend,
		"report a leak": l.leak, "lift": l.lift,
		"hold": l.hold, "end hold": l.endHold, "give notice": l.giveNotice, "designate": l.designate,
		"delegate":       l.delegate,
		"end Delegation": l.endDelegation, "mandate": l.mandate, "end Mandate": l.endMandate,
		"end sessions": l.endSessions, "recognise": l.recognise, "confirm recognition": l.confirmRecognition,
		"acknowledge": l.acknowledge, "deliver": l.deliver, "deposit into a series": l.depositInto,
		"deposit, addressed": l.depositAddressed, "open a series": l.openSeries,
		"authorize a series": l.authorizeSeries, "withdraw from a series": l.withdrawFromSeries, "stage": l.stage,
		"see what is staged": l.seeStaged, "unstage": l.unstage, "deposit what is staged": l.depositStaged,
		"turn a page": l.turnPage,
		"time passes": l.timePasses, "clock corrected": l.correctClock, "background rounds": l.backgroundRounds}
}

// enough acts, a life beyond the end, and no verb that only ever did one thing: of a short run nearly none.
func (c *coverage) enough(acts int) bool {
	missing := nearlyAll
	if acts >= longHistory {
		missing = 0
	}
	return c.acts >= acts && c.ended > 0 && len(c.oneSided()) <= missing
}

func (c *coverage) report(t *testing.T) {
	t.Logf("%d acts in %d lives, %d of them beyond the end", c.acts, c.lives, c.ended)
	for _, verb := range slices.Sorted(maps.Keys((*life)(nil).byName())) {
		t.Logf("%-20s %5d permitted %5d refused", verb, c.permitted[verb], c.refused[verb])
	}
	for _, code := range slices.Sorted(maps.Keys(c.codes)) {
		t.Logf("%-32s %5d", code, c.codes[code])
	}
}
