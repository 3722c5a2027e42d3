package identity

// Providers are the issuers of a gateway with what is known of each. It is safe for concurrent use.
type Providers struct {
	by map[string]*provider
}

// NewProviders makes Providers of cfg.Issuers, to be shared by way of Config.Providers. It reaches none of them.
func NewProviders(cfg Config) (*Providers, error) {
	by, err := newProviders(cfg)
	if err != nil {
		return nil, err
	}
	return &Providers{by}, nil
}

// Answering reports of each issuer whether it answered when it was last asked, for its keys or by the pages for its
// metadata; true before that.
func (p *Providers) Answering() map[string]bool {
	out := make(map[string]bool, len(p.by))
	for url, one := range p.by {
		one.mu.Lock()
		out[url] = one.failure == nil && one.unfound == nil
		one.mu.Unlock()
	}
	return out
}

// met notes whether the pages got the issuer's metadata, and tells the operator where they did not.
func (p *provider) met(err error) {
	p.mu.Lock()
	p.unfound = err
	p.mu.Unlock()
	if err != nil {
		p.logger.Warn("identity provider does not give its keys", "issuer", p.issuer.URL, "error", err)
	}
}
