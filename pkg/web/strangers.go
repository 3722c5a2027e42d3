package web

import (
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	strangersKey = "chancery/strangers"
	// maxStrangers bounds what is remembered: about 400 KiB. Addresses beyond it share one bucket.
	maxStrangers = 4096
	// sweepEvery spaces the clearings of a full memory.
	sweepEvery = time.Second
)

// Rejections bounds how many requests of one address are answered 401: Burst at once, PerSecond over time; further ones
// get 429. The zero value bounds nothing.
//
// Only who is not recognised counts, and only they are answered so: many people may come from one address, of whom a
// stranger must not keep any out. An IPv6 address counts with its /64.
type Rejections struct {
	PerSecond float64
	Burst     int
}

func (r Rejections) check() error {
	if r.PerSecond < 0 || r.Burst < 0 || (r.PerSecond == 0) != (r.Burst == 0) {
		return errors.New("web: a bound on rejections has a rate and a burst, or neither")
	}
	return nil
}

// strangers keeps a token bucket for each address of late.
type strangers struct {
	limit Rejections
	now   func() time.Time

	mu    sync.Mutex
	seen  map[netip.Prefix]bucket
	swept time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

// remembered hands the buckets to whoever answers.
func remembered(limit Rejections, now func() time.Time) gin.HandlerFunc {
	s := &strangers{limit: limit, now: now, seen: map[netip.Prefix]bucket{}}
	return func(c *gin.Context) {
		c.Set(strangersKey, s)
		c.Next()
	}
}

// wait takes a token for the address; where there is none it says how long until there is one.
func (s *strangers) wait(address string) time.Duration {
	if s.limit.Burst == 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	key := s.room(network(address), now)
	left := float64(s.limit.Burst)
	if b, known := s.seen[key]; known {
		left = s.refilled(b, now)
	}
	if left < 1 {
		s.seen[key] = bucket{left, now}
		return time.Duration((1 - left) / s.limit.PerSecond * float64(time.Second))
	}
	s.seen[key] = bucket{left - 1, now}
	return 0
}

func (s *strangers) refilled(b bucket, now time.Time) float64 {
	return min(float64(s.limit.Burst), b.left+max(0, now.Sub(b.at).Seconds())*s.limit.PerSecond)
}

// room is the key under which an address is remembered: the shared one when the memory is full.
func (s *strangers) room(key netip.Prefix, now time.Time) netip.Prefix {
	if _, known := s.seen[key]; known || len(s.seen) < maxStrangers {
		return key
	}
	if now.Sub(s.swept) >= sweepEvery {
		s.swept = now
		for old, b := range s.seen {
			if s.refilled(b, now) >= float64(s.limit.Burst) {
				delete(s.seen, old)
			}
		}
	}
	if len(s.seen) < maxStrangers {
		return key
	}
	return netip.Prefix{}
}

// network is an IPv4 address, or the /64 of an IPv6 address, which one host has to itself.
func network(address string) netip.Prefix {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap()
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// tooMany reports whether a 401 is one too many of its address, and says in Retry-After when to come again.
func tooMany(c *gin.Context, status int) bool {
	s, ok := c.Value(strangersKey).(*strangers)
	if !ok || status != http.StatusUnauthorized || ActorOf(c).Person() != "" {
		return false
	}
	wait := s.wait(c.RemoteIP())
	if wait == 0 {
		return false
	}
	c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	c.Header("Connection", "close")
	return true
}
