package article4

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
	words.without("delegated")
	words.without("mandated")
	words.flag("operator", f.Actor.Kind == Operator)
	words.flag("own_request", r.AskedByOrg == f.Actor.Organisation)
	words.flag("statement", f.Change.ReasonPresent)
	words.text("request_state", string(state))
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
	words.without("operator")
	f.authority(words)
	words.without("asked")
	words.without("mandated")
	f.stops(words)
	f.requestWords(words)
	words.without("beneficiary")
	f.term(words)
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("same_version", r.Grant.Version == f.Document.Version)
	words.flag("statement", c.ReasonPresent)
	words.flag("entities_known", c.EntitiesKnown && len(f.Document.EntitiesConcerned) > 0)
	words.flag("entity_has_account", c.EntityHasAccount)
	words.flag("instrument", c.InstrumentPresent)
	words.text("second", f.second())
	s.words = words
	return true
}
