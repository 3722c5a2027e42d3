package article4

import (
	"slices"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// heldInConfidence is the reason when nothing else can be said: Article 4(5) is the state of rest.
const heldInConfidence Code = "art4.5/held-in-confidence"

// Decide holds the facts against every rule that speaks of the act and answers with a permit, or with every
// reason why not, sorted by paragraph, each with whoever can supply what is missing. It never errors: facts
// that miss a part, contradict themselves, or make a rule err are refused as held in confidence.
// It reads no clock and keeps nothing; it is safe for concurrent use.
func (r *Rules) Decide(f Facts) Ruling {
	s, sound := f.flatten()
	if !sound {
		return Ruling{Reasons: []Reason{{Code: heldInConfidence}}}
	}
	request := cedar.Request{
		Principal: types.NewEntityUID("Person", types.String(f.Actor.Person)),
		Action:    types.NewEntityUID("Action", types.String(f.Act)),
		Resource:  types.NewEntityUID("Document", types.String(documentID(&f))),
		Context:   types.NewRecord(s.words),
	}
	answer, diagnostic := cedar.Authorize(r.byAct[f.Act], types.EntityMap{}, request)
	if answer == cedar.Allow && len(diagnostic.Errors) == 0 {
		d := Ruling{Permit: true, Relies: s.relies()}
		if f.Act == ActDisclose {
			d.Forms = formsOf(&f, d.Relies)
		}
		return d
	}
	refused := Ruling{Reasons: r.reasons(diagnostic, &s)}
	if s.grant != nil {
		refused.Nearest = s.grant.Request
	}
	return refused
}

// reasons names what each rule that applied asks for. An error in a rule would let cedar skip it; so an error
// is a reason too, and so is a denial that names none.
func (r *Rules) reasons(diagnostic cedar.Diagnostic, s *situation) []Reason {
	var reasons []Reason
	denied := answeredByForbid(r, diagnostic)
	for _, rule := range denied {
		for _, from := range s.suppliers(rule) {
			reasons = append(reasons, Reason{Code: rule.Code, From: from})
		}
	}
	if len(diagnostic.Errors) > 0 || len(denied) == 0 {
		reasons = append(reasons, Reason{Code: heldInConfidence})
	}
	return sorted(reasons)
}

// answeredByForbid lists the rules that applied; the permit stands in a diagnostic only where no forbid does.
func answeredByForbid(r *Rules, diagnostic cedar.Diagnostic) []Rule {
	var rules []Rule
	for _, reason := range diagnostic.Reasons {
		if rule := r.byID[reason.PolicyID]; rule.Code != "" {
			rules = append(rules, rule)
		}
	}
	return rules
}

// suppliers says who can supply what a rule asks for.
func (s *situation) suppliers(rule Rule) []OrganisationID {
	switch rule.From {
	case "discloser":
		return []OrganisationID{s.discloser}
	case "reader":
		return []OrganisationID{s.reader}
	case "beneficiary":
		return []OrganisationID{s.beneficiary}
	case "focal-points":
		return s.focal
	case "sources":
		return s.sources
	case "entities":
		return s.entities(rule.Code)
	}
	return []OrganisationID{""}
}

// entities are those whose authorization stands as the code says.
func (s *situation) entities(code Code) []OrganisationID {
	var from []OrganisationID
	for _, decision := range s.decisions {
		if decision.Kind == Authorization && decision.Standing != StandingMatching && codeOf(decision) == code {
			from = append(from, decision.From)
		}
	}
	return from
}

// relies is the grant that a permitted disclosure rests on; a copy, so that nobody changes what was decided on.
func (s *situation) relies() *GrantFacts {
	if s.grant == nil {
		return nil
	}
	grant := *s.grant
	return &grant
}

// sorted puts reasons into the order of the table, which is that of the paragraphs, and says each once.
func sorted(reasons []Reason) []Reason {
	slices.SortStableFunc(reasons, func(a, b Reason) int { return position(a.Code) - position(b.Code) })
	var once []Reason
	for _, reason := range reasons {
		if !slices.Contains(once, reason) {
			once = append(once, reason)
		}
	}
	return once
}

func documentID(f *Facts) DocumentID {
	if f.Document == nil {
		return ""
	}
	return f.Document.ID
}
