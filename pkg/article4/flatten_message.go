package article4

import "github.com/cedar-policy/cedar-go/types"

// flattenMessage: a question to the asker, or the answer.
func (f *Facts) flattenMessage(s *situation) bool {
	r := f.Request
	if r == nil || r.Grant.For == "" || f.Change == nil {
		return false
	}
	s.beneficiary = r.Grant.For
	state, _ := StateOf(*f.Document, r.Grant, f.Arrangement, f.Now)
	words := f.actor(f.side())
	f.authority(words)
	delete(words, "delegated")
	delete(words, "mandated")
	words["operator"] = types.Boolean(f.Actor.Kind == Operator)
	words["own_request"] = types.Boolean(r.AskedByOrg == f.Actor.Organisation)
	words["statement"] = types.Boolean(f.Change.ReasonPresent)
	words["request_state"] = types.String(state)
	s.words = words
	return true
}

// flattenFile: the authorization of an entity without an account; what holds for an authorization holds for it too.
func (f *Facts) flattenFile(s *situation) bool {
	r, c := f.Request, f.Change
	if r == nil || r.Grant.For == "" || c == nil {
		return false
	}
	s.beneficiary = r.Grant.For
	words := f.common(f.side())
	delete(words, "operator")
	f.authority(words)
	delete(words, "asked")
	delete(words, "mandated")
	f.stops(words)
	f.requestWords(words)
	delete(words, "beneficiary")
	f.term(words)
	words["sign_in"] = types.String(f.Actor.SignIn.known())
	words["same_version"] = types.Boolean(r.Grant.Version == f.Document.Version)
	words["statement"] = types.Boolean(c.ReasonPresent)
	words["entities_known"] = types.Boolean(c.EntitiesKnown && len(f.Document.EntitiesConcerned) > 0)
	words["entity_has_account"] = types.Boolean(c.EntityHasAccount)
	words["instrument"] = types.Boolean(c.InstrumentPresent)
	words["second"] = types.String(f.second())
	s.words = words
	return true
}
