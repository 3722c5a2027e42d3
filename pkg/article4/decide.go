package article4

import "slices"

// heldInConfidence is the reason when nothing else can be said: Article 4(5) is the state of rest.
const heldInConfidence Code = "art4.5/held-in-confidence"

// Decide holds the facts against every rule that speaks of the act and answers with a permit, or with every
// reason why not, sorted by paragraph, each with whoever can supply what is missing. It never errors: facts
// that miss a part, contradict themselves, or make a rule err are refused as held in confidence.
// It reads no clock, and keeps nothing of the facts but the words to which they were flattened (see actRules); it is
// safe for concurrent use.
func (r *Rules) Decide(f Facts) Ruling {
	ruling, _ := r.Ask(f)
	return ruling
}

// Ask decides as Decide does, and tells also what the rules were asked, to be kept with the decision.
func (r *Rules) Ask(f Facts) (Ruling, Asked) {
	asked := Asked{act: f.Act}
	f = f.resolved()
	s, sound := f.flatten()
	if !sound {
		return Ruling{Reasons: []Reason{{Code: heldInConfidence}}}, asked
	}
	asked.words = s.words.said
	said := r.byAct[f.Act].answerTo(s.words)
	asked.kept = said
	if said.permit {
		d := Ruling{Permit: true, Relies: s.relies()}
		if f.Act == ActDisclose {
			d.Forms = formsOf(&f, d.Relies)
		}
		return d, asked
	}
	refused := Ruling{Reasons: said.reasons(&s)}
	if s.grant != nil {
		refused.Nearest = s.grant.Request
	}
	return refused, asked
}

// reasons names what each rule that applied asks for, and of whom in this situation. An error in a rule would let cedar
// skip it; so an error is a reason too, and so is a denial that names none.
func (a *answer) reasons(s *situation) []Reason {
	var reasons []Reason
	for _, rule := range a.applied {
		for _, from := range s.suppliers(rule) {
			reasons = append(reasons, Reason{Code: rule.Code, From: from})
		}
	}
	if a.erred || len(a.applied) == 0 {
		reasons = append(reasons, Reason{Code: heldInConfidence})
	}
	return sorted(reasons)
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
	case "proposers":
		return s.proposers
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
