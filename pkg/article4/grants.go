package article4

import "slices"

// grantStanding says how a grant stands towards what a reader needs.
type grantStanding string

const (
	grantMatching     grantStanding = "matching"
	grantExpired      grantStanding = "expired"
	grantOtherPurpose grantStanding = "other-purpose"
	grantOtherVersion grantStanding = "other-version"
	grantLapsed       grantStanding = "lapsed"
	grantWithdrawn    grantStanding = "withdrawn"
	grantNone         grantStanding = "none"
)

// agreement standing where none is asked for: between the Parties, and where no grant is there to ask for one.
const notRequired = "not-required"

// grantView is one grant flattened against what a reader needs. The zero grant stands for "there is none".
type grantView struct {
	grant      *GrantFacts
	standing   grantStanding
	decisions  []decisionStanding // in the order of Required
	sources    []decisionStanding // consents of the sources' Disclosers (reading 0110)
	agreement  AgreementStanding
	admitted   bool
	conditions bool
	form       bool // the grant gives the form that is asked for
}

// nearestGrant flattens every grant of the reader's organisation and keeps the one with the least in the way;
// of equals the first. Where one permits, it is chosen.
func nearestGrant(f *Facts) grantView {
	best := noGrant(f)
	for i := range f.Access.Grants {
		if f.Access.Grants[i].For != f.Actor.Organisation {
			continue
		}
		view := viewGrant(f, &f.Access.Grants[i])
		if best.grant == nil || view.distance() < best.distance() {
			best = view
		}
	}
	return best
}

// noGrant is the view of a reader whom no grant names: every required decision is absent.
func noGrant(f *Facts) grantView {
	view := grantView{standing: grantNone, agreement: AgreementNotRequired, admitted: true, conditions: true,
		form: true}
	view.sources = sourcesOf(*f.Document, f.Actor.Kind, nil, need{})
	for _, required := range Required(*f.Document, f.Actor.Kind) {
		view.decisions = append(view.decisions, decisionStanding{Requirement: required, Standing: StandingNone})
	}
	return view
}

// viewGrant flattens one grant. Without a stated purpose the decisions are held against the grant's own,
// so that the one thing missing is reported as the purpose and not as everything else.
func viewGrant(f *Facts, grant *GrantFacts) grantView {
	n := need{
		version:   f.Document.Version,
		marking:   f.Document.Marking,
		depositor: f.Document.Depositor,
		recipient: f.Actor.Organisation,
		purpose:   f.Access.Purpose,
		now:       f.Now,
	}
	if n.purpose == "" {
		n.purpose = grant.Purpose
	}
	if f.Actor.Kind == Party {
		n.series = f.Document.Series
	}
	view := grantView{
		grant:     grant,
		decisions: decisionsOf(Required(*f.Document, f.Actor.Kind), grant.Decisions, n),
		sources:   sourcesOf(*f.Document, f.Actor.Kind, grant.Decisions, n),
		agreement: agreementOf(grant, f.Actor.Kind),
		admitted: grant.AskedBy == f.Actor.Person || slices.Contains(grant.People, f.Actor.Person) ||
			slices.Contains(grant.Admitted, f.Actor.Person),
		conditions: grant.ConditionsOf == "" || grant.ConditionsOf == f.Access.Conditions,
		form:       !f.Access.Form.Valid() || f.Access.Form.Within(grant.Form),
	}
	view.standing = view.standingFor(f, n.purpose)
	if view.standing == grantLapsed {
		view.markLapsed()
	}
	return view
}

func decisionsOf(required []Requirement, decisions []DecisionFacts, n need) []decisionStanding {
	standings := make([]decisionStanding, len(required))
	for i, one := range required {
		standings[i] = decisionStanding{Requirement: one, Standing: standingOf(decisions, one, n)}
	}
	return standings
}

// agreementOf is what became of the Confidentiality Agreements together: the least that became of any. Article 4(8)
// asks them of third parties only.
func agreementOf(grant *GrantFacts, kind OrganisationKind) AgreementStanding {
	if kind == Party {
		return AgreementNotRequired
	}
	all := []AgreementStanding{grant.Agreements.Named.known(), grant.Agreements.OfDiscloser.known(),
		grant.Agreements.OfRecipient.known()}
	for _, least := range []AgreementStanding{AgreementDeclined, AgreementUnsigned, AgreementUnproven,
		AgreementSuperseded, AgreementSigned} {
		if slices.Contains(all, least) {
			return least
		}
	}
	return AgreementNotRequired
}

// declined are the Parties of whose texts the third party declined the one that counts: the Discloser's consent names
// its own or the other Party's, and it is the Discloser that may consent anew.
func (g *GrantFacts) declined(doc *DocumentFacts) []OrganisationID {
	var of []OrganisationID
	if g.Agreements.Named == AgreementDeclined || g.Agreements.OfDiscloser == AgreementDeclined {
		of = append(of, doc.Discloser)
	}
	if g.Agreements.OfRecipient == AgreementDeclined {
		of = append(of, doc.Recipient)
	}
	return of
}

// known takes a standing that is not known for unsigned.
func (s AgreementStanding) known() AgreementStanding {
	switch s {
	case AgreementNotRequired, AgreementSigned, AgreementSuperseded, AgreementUnproven, AgreementDeclined:
		return s
	}
	return AgreementUnsigned
}

// standingFor is the first that fits.
func (v *grantView) standingFor(f *Facts, purpose PurposeCode) grantStanding {
	switch {
	case v.grant.Withdrawn || v.deniedByOthers():
		return grantWithdrawn
	case v.grant.Version != f.Document.Version:
		return grantOtherVersion
	case v.grant.Purpose != purpose:
		return grantOtherPurpose
	case lapsed(v.grant, v.lacking(), f.Now):
		return grantLapsed
	case !f.Now.Before(v.grant.Until):
		return grantExpired
	}
	return grantMatching
}

// deniedByOthers reports whether somebody refused or took back whose decision is not needed any more. What those still
// concerned said is in the decisions, and has reasons of its own.
func (v *grantView) deniedByOthers() bool {
	return slices.ContainsFunc(v.grant.Decisions, func(l DecisionFacts) bool {
		return (l.State == DecisionRefused || l.State == DecisionWithdrawn) &&
			!slices.ContainsFunc(v.decisions, func(required decisionStanding) bool { return required.From == l.By })
	})
}

// lacking reports whether something was never supplied. What was given and is no longer good is not lacking:
// it has a reason of its own and does not lapse.
func (v *grantView) lacking() bool {
	none := func(l decisionStanding) bool { return l.Standing == StandingNone }
	return v.agreement == AgreementUnsigned || v.agreement == AgreementDeclined ||
		slices.ContainsFunc(v.decisions, none) || slices.ContainsFunc(v.sources, none)
}

// markLapsed turns a consent that nobody gave into one that lapsed (reading 0007).
func (v *grantView) markLapsed() {
	for i := range v.decisions {
		if v.decisions[i].Kind == Consent && v.decisions[i].Standing == StandingNone {
			v.decisions[i].Standing = StandingLapsed
		}
	}
}

// distance counts what stands in the way, the graver things for more; zero when nothing does.
func (v *grantView) distance() int {
	far := v.standing.distance()
	for _, decision := range v.decisions {
		far += cost(decision.Standing != StandingMatching, 10)
	}
	far += 10 * len(wanting(v.sources))
	return far + cost(v.agreement != AgreementNotRequired && v.agreement != AgreementSigned, 5) +
		cost(!v.admitted, 3) + cost(!v.conditions, 2) + cost(!v.form, 1)
}

func (s grantStanding) distance() int {
	switch s {
	case grantMatching:
		return 0
	case grantExpired:
		return 10_000
	case grantOtherPurpose:
		return 20_000
	case grantLapsed:
		return 30_000
	case grantOtherVersion:
		return 40_000
	}
	return 50_000
}

func cost(applies bool, points int) int {
	if applies {
		return points
	}
	return 0
}

// authorizations and consent split the decisions as the rules speak of them.
func (v *grantView) authorizations() []Standing {
	var standings []Standing
	for _, decision := range v.decisions {
		if decision.Kind == Authorization && !slices.Contains(standings, decision.Standing) {
			standings = append(standings, decision.Standing)
		}
	}
	return standings
}

func (v *grantView) consent() string {
	for _, decision := range v.decisions {
		if decision.Kind == Consent {
			return string(decision.Standing)
		}
	}
	return notRequired
}
