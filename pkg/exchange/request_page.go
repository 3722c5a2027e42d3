package exchange

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// requestPage shows the request that this visit is about, with all that a decision on it needs.
func (v *visit) requestPage(ctx context.Context) (AccessRequest, error) {
	out, err := v.requestView(v.document, *v.request)
	if err != nil {
		return out, err
	}
	rests, err := v.restsOn(ctx, []register.Document{*v.document}, register.Known{v.request.ID: *v.request})
	if err != nil {
		return out, err
	}
	about, err := v.tellDocument(*v.document, rests[v.document.ID])
	if err != nil {
		return out, err
	}
	about.to(&out)
	if out.Permissions, err = v.requestPermissions(ctx); err != nil {
		return out, err
	}
	if out.CanDecide, err = v.deciders(ctx, out); err != nil {
		return out, err
	}
	if out.Messages, err = v.register.Said(ctx, v.tx, out.ID); err != nil {
		return out, err
	}
	all := []AccessRequest{out}
	err = v.nameAll(ctx, all)
	return all[0], err
}

// toldDocument is what of a document stands with a request for it.
type toldDocument struct {
	title        string
	personalData *bool
	proprietary  *bool
}

func (t toldDocument) to(out *AccessRequest) {
	out.Title, out.PersonalData, out.Proprietary = t.title, t.personalData, t.proprietary
}

// tellDocument is what of the document the caller would be shown by itself. It looks at all that was asked for it.
func (v *visit) tellDocument(d register.Document, by rest) (toldDocument, error) {
	var out toldDocument
	one := v.of(d)
	one.facts.Request = nil
	if err := one.access(by.requests, by.releases); err != nil {
		return out, err
	}
	_, whole := article4.WholeVersion(one.facts)
	if whole {
		out.personalData, out.proprietary = &d.PersonalData, &d.Proprietary
	}
	if whole || d.ShowTitle && article4.StandingOf(one.facts) {
		out.title = d.Title
	}
	return out, nil
}

// nameAll adds to requests the names of the people whom they name.
func (v *visit) nameAll(ctx context.Context, requests []AccessRequest) error {
	var ids []article4.PersonID
	for _, q := range requests {
		ids = append(ids, q.people()...)
	}
	told, err := v.names(ctx, ids)
	if err != nil {
		return err
	}
	for i := range requests {
		named := requests[i].people()
		for _, p := range told {
			if slices.Contains(named, p.ID) {
				requests[i].Names = append(requests[i].Names, p)
			}
		}
	}
	return nil
}

// people are all whom a request names.
func (q AccessRequest) people() []article4.PersonID {
	out := slices.Concat([]article4.PersonID{q.AskedBy}, q.People, q.Admitted)
	for _, l := range q.Decisions {
		out = append(out, l.By)
	}
	return out
}

// metFor tells what is met by which decision. Who is not to know the entities concerned is told of no authorization of
// theirs, nor that the Discloser's is given while any is missing that is told as the Discloser's.
func (v *visit) metFor(d *register.Document, q register.Request, met []article4.Met,
	missing []article4.Missing) []Requirement {
	var out []Requirement
	for _, m := range met {
		if v.hides(d, m.From) && strings.HasPrefix(string(m.What), "art4.4/") {
			continue
		}
		one := Requirement{What: m.What, From: m.From}
		if slices.Contains(missing, article4.Missing(m)) {
			continue
		}
		for _, l := range q.Decisions {
			if l.Organisation == m.From && l.Given && l.Withdrawal == nil {
				shown := decisionView(l)
				one.Decision, one.By, one.At, one.Entry = shown.ID, shown.By, shown.At, shown.Entry
			}
		}
		out = append(out, one)
	}
	return out
}

// requestActs are the acts on a request.
var requestActs = []article4.Act{article4.ActAuthorize, article4.ActConsent, article4.ActRefuse, article4.ActAsk,
	article4.ActAnswer, article4.ActAdmit, article4.ActFile, article4.ActWithdraw}

// requestPermissions asks the rules what the caller could do on the request now, as permissions does for a document:
// each act is decided as if the words and the evidence that it wants were given. An act that there is nothing for is
// left out: a second decision, a withdrawal where nothing stands, a filing where every entity decides for itself.
func (v *visit) requestPermissions(ctx context.Context) (map[article4.Act]Permission, error) {
	delegated, err := v.delegatedActs(ctx)
	if err != nil {
		return nil, err
	}
	out := map[article4.Act]Permission{}
	for _, act := range requestActs {
		one, applies, err := v.supposeOnRequest(ctx, v.actor, act, delegated[restsOnDelegation[act]])
		if err != nil {
			return nil, err
		}
		if applies {
			d := one.rules.Decide(one.facts)
			out[act] = Permission{Allowed: d.Permit, Reasons: v.forCaller(d.Reasons)}
		}
	}
	return out, nil
}

// supposeOnRequest is this visit as if the actor came with an act on the request, whole and well-formed; false where
// there is nothing to do.
func (v *visit) supposeOnRequest(ctx context.Context, a Actor, act article4.Act, delegated bool) (*visit, bool, error) {
	one := v.as(a, act)
	request := *v.facts.Request
	one.facts.Request = &request
	speaks(&one.facts.Actor, delegated)
	switch act {
	case article4.ActAuthorize, article4.ActConsent, article4.ActRefuse:
		one.verdictFacts(Verdict{Act: act, Statement: "as supposed", TransferBasis: "as supposed",
			Evidence: EvidenceGiven{Kind: article4.EvidenceLetter}}, true)
		return one, !one.hasDecided(act), nil
	case article4.ActAdmit:
		request.AdmitOwnPeople = true
	case article4.ActWithdraw:
		request.StatementPresent = true
		_, stands := one.toWithdraw()
		return one, stands, nil
	case article4.ActFile:
		fileable, err := v.withoutAccount(ctx)
		one.facts.Change = &article4.ChangeFacts{ReasonPresent: true, InstrumentPresent: true, EntitiesKnown: true}
		return one, fileable, err
	default:
		one.facts.Change = &article4.ChangeFacts{ReasonPresent: true}
	}
	return one, true, nil
}

// hasDecided reports whether the actor's organisation gave or refused already what the act would.
func (v *visit) hasDecided(act article4.Act) bool {
	return slices.ContainsFunc(v.request.Decisions, func(l register.Decision) bool {
		return l.Organisation == v.actor.organisation.ID && l.Kind == v.kindOfDecision(act)
	})
}

// withoutAccount reports whether an entity concerned that has not decided has nobody who signs in here.
func (v *visit) withoutAccount(ctx context.Context) (bool, error) {
	if v.actor.organisation.ID != v.document.Discloser {
		return false, nil // nobody else files, or is told
	}
	for _, entity := range v.document.Entities {
		decided := func(l register.Decision) bool { return l.Organisation == entity }
		if slices.ContainsFunc(v.request.Decisions, decided) {
			continue
		}
		if account, err := v.register.HasPeople(ctx, v.tx, entity); err != nil || !account {
			return err == nil, err
		}
	}
	return false, nil
}

// deciders are the officials of the Parties, but for the asker, who could give now what the request is missing: whoever
// holds a Delegation for the act and would not be refused for another reason. Both Parties see all Delegations; others
// are told none of them.
func (v *visit) deciders(ctx context.Context, shown AccessRequest) ([]Decider, error) {
	if !v.ofParty() || shown.State != article4.StateOpen {
		return nil, nil
	}
	var parties []article4.OrganisationID
	for _, m := range shown.Missing {
		if slices.Contains(v.parties, m.From) && !slices.Contains(parties, m.From) {
			parties = append(parties, m.From)
		}
	}
	held, err := v.register.HoldersFor(ctx, v.tx, parties, v.at)
	if err != nil {
		return nil, err
	}
	var out []Decider
	for _, d := range held {
		_, borne := v.records.Bears(d)
		for _, act := range []article4.Act{article4.ActAuthorize, article4.ActConsent} {
			if !borne || !d.Covers(act, v.at) {
				continue
			}
			could, err := v.couldDecide(ctx, d, act)
			if err != nil {
				return nil, err
			}
			one := Decider{Person: Person{ID: d.Holder, Name: d.Name, Organisation: d.Organisation}, Act: act}
			if could && !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	slices.SortFunc(out, func(a, b Decider) int { // as people read, not by random identifiers
		return cmp.Or(strings.Compare(string(a.Organisation), string(b.Organisation)), strings.Compare(a.Name, b.Name),
			strings.Compare(string(a.ID), string(b.ID)), strings.Compare(string(a.Act), string(b.Act)))
	})
	return out, nil
}

// couldDecide asks the rules whether the holder of a Delegation would be let through, signed in anew as signatory.
func (v *visit) couldDecide(ctx context.Context, d register.Delegation, act article4.Act) (bool, error) {
	party, err := v.organisation(d.Organisation)
	if err != nil {
		return false, err
	}
	holder := Actor{person: d.Holder, organisation: organisationView(party),
		claims: Claims{Roles: []article4.Role{article4.RoleSignatory}, SignIn: article4.SignInFresh}}
	one, applies, err := v.supposeOnRequest(ctx, holder, act, true)
	if err != nil || !applies {
		return false, err
	}
	one.facts.Actor = actorFacts(holder)
	speaks(&one.facts.Actor, true)
	if one.facts.Actor.Suspended, _, err = v.register.Suspended(ctx, v.tx, d.Holder, d.Organisation,
		v.document.ID); err != nil {
		return false, err
	}
	return one.rules.Decide(one.facts).Permit, nil
}
