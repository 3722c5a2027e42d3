package web

import (
	"errors"
	"math"
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
// Retry-After and what the bound is (quota.go). The zero value bounds nothing. Each replica counts for itself.
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
	// Loopback is not bounded unless proxies are named: a proxy there may speak for everybody.
	Address Rate
	// Strangers bounds how many requests of one address are answered 401. Only who is not recognised counts, and only
	// they are answered so: many people may come from one address, of whom a stranger must not keep any out.
	Strangers Rate
}

func (r Rates) check() error {
	return errors.Join(r.Person.Check(), r.Address.Check(), r.Strangers.Check())
}

// meter keeps a token bucket for each recent key.
type meter[K comparable] struct {
	name  string // of the bound, to clients
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

func newMeter[K comparable](name string, limit Rate, now func() time.Time) *meter[K] {
	return &meter[K]{name: name, limit: limit, now: now, seen: map[K]bucket{}}
}

// take takes a token for the key, and says what is left of its bound; where there is no token, how long until there is
// one.
func (m *meter[K]) take(key K) (Quota, time.Duration) {
	if m.limit.Burst == 0 {
		return Quota{}, 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	key = m.room(key, now)
	left := float64(m.limit.Burst)
	if b, known := m.seen[key]; known {
		left = m.refilled(b, now)
	}
	var wait time.Duration
	if left < 1 {
		wait = m.until(1 - left)
	} else {
		left--
	}
	m.seen[key] = bucket{left, now}
	q := Quota{
		Name:   m.name,
		Burst:  m.limit.Burst,
		Window: m.until(float64(m.limit.Burst)),
		Left:   int(left),
		More:   m.until(math.Floor(left) + 1 - left),
	}
	return q, wait
}

// until is how long this many tokens take.
func (m *meter[K]) until(tokens float64) time.Duration {
	return time.Duration(tokens / m.limit.PerSecond * float64(time.Second))
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
func metered(rates Rates, proxies Proxies, now func() time.Time, problems *Problems) gin.HandlerFunc {
	m := &meters{people: newMeter[string]("requests", rates.Person, now),
		addresses: newMeter[netip.Prefix]("address", rates.Address, now),
		strangers: newMeter[netip.Prefix]("rejections", rates.Strangers, now)}
	return func(c *gin.Context) {
		c.Set(metersKey, m)
		from := network(c.RemoteIP())
		if from.Addr().IsLoopback() && len(proxies.Trusted) == 0 {
			c.Next()
			return
		}
		if quota, wait := m.addresses.take(from); wait > 0 {
			c.Header("Connection", "close")
			problems.Write(c, busy(quota, wait))
			return
		}
		c.Next()
	}
}

// Admit refuses one request too many of the person who was recognised, and tells what is left to the others.
func Admit(c *gin.Context) error {
	m, ok := c.Value(metersKey).(*meters)
	if !ok {
		return nil
	}
	quota, wait := m.people.take(string(ActorOf(c).Person()))
	if wait > 0 {
		return busy(quota, wait)
	}
	quota.tell(c.Writer.Header())
	return nil
}

func busy(q Quota, wait time.Duration) error {
	return &Failure{Kind: KindTooMany, RetryAfter: wait, Because: comeAgain(wait), Quota: q}
}

// tooManyUploads is one upload too many of a person at once. Nobody knows when one of them ends.
func tooManyUploads(most int) *Failure {
	return &Failure{Kind: KindTooMany, RetryAfter: retryAfter * time.Second, Because: uploadsUnderWay(most),
		Quota: Quota{Name: "uploads", Burst: most, Window: retryAfter * time.Second, More: retryAfter * time.Second}}
}

// tooManyWaits is one call too many that waits for events. One of them ends within half a minute.
func tooManyWaits(most int) *Failure {
	return &Failure{Kind: KindTooMany, RetryAfter: retryAfter * time.Second, Because: waitsUnderWay(most),
		Quota: Quota{Name: "waits", Burst: most, Window: retryAfter * time.Second, More: retryAfter * time.Second}}
}

// tooManyReviews is a review while another one of the same Party is counted. That takes some seconds.
func tooManyReviews() *Failure {
	return &Failure{Kind: KindTooMany, RetryAfter: retryAfter * time.Second, Because: reviewUnderWay(),
		Quota: Quota{Name: "reviews", Burst: 1, Window: retryAfter * time.Second, More: retryAfter * time.Second}}
}

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
func tooStrange(c *gin.Context, status int) (Quota, time.Duration) {
	m, ok := c.Value(metersKey).(*meters)
	if !ok || status != http.StatusUnauthorized || ActorOf(c).Person() != "" {
		return Quota{}, 0
	}
	return m.strangers.take(network(c.RemoteIP()))
}
