package web

import (
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	metersKey = "chancery/meters"
	// maxMetered bounds what one meter remembers: about 400 KiB. Whoever is beyond it shares one bucket.
	maxMetered = 4096
	// sweepEvery spaces the clearings of a full memory.
	sweepEvery = time.Second
)

// Rate bounds how often something may happen: Burst at once, PerSecond over time; what is beyond gets 429 with
// Retry-After. The zero value bounds nothing. Each replica counts for itself.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Check wants a rate and a burst, or neither.
func (r Rate) Check() error {
	if r.PerSecond < 0 || r.Burst < 0 || (r.PerSecond == 0) != (r.Burst == 0) {
		return errors.New("web: a bound has a rate and a burst, or neither")
	}
	return nil
}

// Rates are the bounds of an engine.
type Rates struct {
	// Person bounds the requests of one person or machine client, once recognised.
	Person Rate
	// Address bounds the requests of one address, before anybody is recognised. An IPv6 address counts with its /64.
	// Loopback is not bounded: a proxy stands there that speaks for everybody.
	Address Rate
	// Strangers bounds how many requests of one address are answered 401. Only who is not recognised counts, and only
	// they are answered so: many people may come from one address, of whom a stranger must not keep any out.
	Strangers Rate
}

func (r Rates) check() error {
	return errors.Join(r.Person.Check(), r.Address.Check(), r.Strangers.Check())
}

// meter keeps a token bucket for each key of late.
type meter[K comparable] struct {
	limit Rate
	now   func() time.Time

	mu    sync.Mutex
	seen  map[K]bucket
	swept time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

func newMeter[K comparable](limit Rate, now func() time.Time) *meter[K] {
	return &meter[K]{limit: limit, now: now, seen: map[K]bucket{}}
}

// wait takes a token for the key; where there is none it says how long until there is one.
func (m *meter[K]) wait(key K) time.Duration {
	if m.limit.Burst == 0 {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	key = m.room(key, now)
	left := float64(m.limit.Burst)
	if b, known := m.seen[key]; known {
		left = m.refilled(b, now)
	}
	if left < 1 {
		m.seen[key] = bucket{left, now}
		return time.Duration((1 - left) / m.limit.PerSecond * float64(time.Second))
	}
	m.seen[key] = bucket{left - 1, now}
	return 0
}

func (m *meter[K]) refilled(b bucket, now time.Time) float64 {
	return min(float64(m.limit.Burst), b.left+max(0, now.Sub(b.at).Seconds())*m.limit.PerSecond)
}

// room is the key under which something is remembered: the shared zero one when the memory is full.
func (m *meter[K]) room(key K, now time.Time) K {
	if _, known := m.seen[key]; known || len(m.seen) < maxMetered {
		return key
	}
	if now.Sub(m.swept) >= sweepEvery {
		m.swept = now
		for old, b := range m.seen {
			if m.refilled(b, now) >= float64(m.limit.Burst) {
				delete(m.seen, old)
			}
		}
	}
	if len(m.seen) < maxMetered {
		return key
	}
	var shared K
	return shared
}

// meters are those of one engine.
type meters struct {
	people    *meter[string]
	addresses *meter[netip.Prefix]
	strangers *meter[netip.Prefix]
}

// metered bounds the requests of each address, and hands the meters to whoever answers.
func metered(rates Rates, now func() time.Time, problems *Problems) gin.HandlerFunc {
	m := &meters{people: newMeter[string](rates.Person, now), addresses: newMeter[netip.Prefix](rates.Address, now),
		strangers: newMeter[netip.Prefix](rates.Strangers, now)}
	return func(c *gin.Context) {
		c.Set(metersKey, m)
		from := network(c.RemoteIP())
		if from.Addr().IsLoopback() {
			c.Next()
			return
		}
		if wait := m.addresses.wait(from); wait > 0 {
			c.Header("Connection", "close")
			problems.Write(c, busy(wait))
			return
		}
		c.Next()
	}
}

// Admit refuses one request too many of the person who was recognised.
func Admit(c *gin.Context) error {
	m, ok := c.Value(metersKey).(*meters)
	if !ok {
		return nil
	}
	if wait := m.people.wait(string(ActorOf(c).Person())); wait > 0 {
		return busy(wait)
	}
	return nil
}

func busy(wait time.Duration) error { return &Failure{Kind: KindTooMany, RetryAfter: wait} }

// network is an IPv4 address, or the /64 of an IPv6 address, which one host has to itself.
func network(address string) netip.Prefix {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap()
	bits := addr.BitLen()
	if addr.Is6() && !addr.IsLoopback() {
		bits = 64
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// tooStrange says of a 401 that is one too many of its address when to come again.
func tooStrange(c *gin.Context, status int) time.Duration {
	m, ok := c.Value(metersKey).(*meters)
	if !ok || status != http.StatusUnauthorized || ActorOf(c).Person() != "" {
		return 0
	}
	return m.strangers.wait(network(c.RemoteIP()))
}
