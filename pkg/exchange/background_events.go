package exchange

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// eventChannel tells every replica whose notices got their places.
const eventChannel = "chancery_events"

const (
	placeAtATime = 200
	placeWithin  = 2 * time.Second
)

// keepEvents wakes whoever waits for events until ctx ends, and gives notices the places that the replicas of the acts
// did not give: they were killed in between, or the database was away.
func (g *Gateway) keepEvents(ctx context.Context) {
	var deaf atomic.Bool
	deaf.Store(true)
	var wait sync.WaitGroup
	wait.Go(func() {
		g.db.Listen(ctx, eventChannel, g.events.wake, func(err error) {
			deaf.Store(err != nil)
			g.events.wake(everything)
		})
	})
	every(ctx, g.settings.SilenceAfter/24, func() {
		if deaf.Load() {
			g.events.wake(everything)
		}
		g.attempt(ctx, "give notices their places", g.placeNotices)
	})
	wait.Wait()
}

// placeTold gives their places to the notices of an act that was committed. What fails is done by keepEvents.
func (g *Gateway) placeTold(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), placeWithin)
	defer stop()
	g.attempt(ctx, "give notices their places", g.placeNotices)
}

// placeNotices gives places until no notice is without.
func (g *Gateway) placeNotices(ctx context.Context) error {
	for {
		var of []article4.OrganisationID
		err := g.lookUp(ctx, func(tx *postgres.Tx) error {
			var err error
			if of, err = g.register.PlaceNotices(ctx, tx, placeAtATime); err != nil || len(of) == 0 {
				return err
			}
			return tx.Notify(ctx, eventChannel, organisationsNamed(of))
		})
		if err != nil || len(of) == 0 {
			return err
		}
	}
}

// organisationsNamed is a payload that names them; everything where they are too many for one.
func organisationsNamed(of []article4.OrganisationID) string {
	if said := strings.Join(texts(of), " "); len(said) < 7000 {
		return said
	}
	return everything
}
