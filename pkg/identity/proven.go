package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// provenKept is how many tokens of each generation are remembered: some 2 MiB in all.
const provenKept = 16384

// proven are the kept tokens that Check found to be evidence, by the SHA-256 of all that it was given. Its answer
// follows from that alone: no clock, no provider and no configuration has a part in it. What was refused is not
// remembered (decision 0400).
type proven struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]struct{}
}

// checked is one question to Check.
func checked(idToken string, jwk []byte, issuer, subject, nonce string) [sha256.Size]byte {
	said := make([]byte, 0, len(idToken)+len(jwk)+len(issuer)+len(subject)+len(nonce)+5*8)
	for _, one := range []string{idToken, string(jwk), issuer, subject, nonce} {
		said = binary.BigEndian.AppendUint64(said, uint64(len(one)))
		said = append(said, one...)
	}
	return sha256.Sum256(said)
}

func (p *proven) has(question [sha256.Size]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, found := p.young[question]; found {
		return true
	}
	_, found := p.old[question]
	if found {
		p.keep(question)
	}
	return found
}

func (p *proven) add(question [sha256.Size]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep(question)
}

// keep forgets, when there are too many, those that were longest not asked for.
func (p *proven) keep(question [sha256.Size]byte) {
	if len(p.young) >= provenKept {
		p.young, p.old = nil, p.young
	}
	if p.young == nil {
		p.young = map[[sha256.Size]byte]struct{}{}
	}
	p.young[question] = struct{}{}
}
