//go:build !nodemo

package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"chancery.example/gateway/pkg/client"
)

const (
	// fullScale is how many documents --scale means by itself: what docs/performance.md measures pages with.
	fullScale = 100_000
	// scaleAtOnce is how many documents are on their way at a time: as many as one person may upload at once.
	scaleAtOnce = 8
	// readPer20 is how often twenty documents are read together: with a deposit and the end of each permit, a document
	// makes ten entries.
	readPer20 = 90
)

// The long lists of a demo are of these subjects and places, so that searches find few and many.
var (
	scaleSubjects = []string{"Interface notes", "Border assessment", "Risk indicators", "Training record",
		"Implementation figures", "Joint programme", "Legal opinion", "Test messages"}
	scalePlaces = []string{"air", "sea", "rail", "road", "transit", "post", "express"}
)

// enlarge deposits so many documents through the gateway, has them read and some asked for, until the log holds ten
// entries for each. What is read is never sent: each permit ends unused, which is an entry too.
func (s *stage) enlarge(ctx context.Context, documents int, tell func(done int)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(scaleAtOnce)
	for n := range documents {
		if ctx.Err() != nil {
			break
		}
		if n%1000 == 0 {
			tell(n)
		}
		group.Go(func() error { return s.oneOfMany(ctx, n) })
	}
	return group.Wait()
}

// oneOfMany is the nth document: half of them are open to the other Party, of the others one in five is asked for, and
// half of those requests wait.
func (s *stage) oneOfMany(ctx context.Context, n int) error {
	marking := []string{"non-confidential", "restricted", "non-confidential", "confidential"}[n%4]
	title := fmt.Sprintf("%s, %s, %d", scaleSubjects[n%len(scaleSubjects)], scalePlaces[n%len(scalePlaces)], n+1)
	figures := "year,messages\n2026," + strconv.Itoa(n+1) + "\n"
	// A table: nobody has to look whether it can be marked, which would take most of the time by far.
	document, err := s.as("staff.wco").depositFile(ctx,
		metadata(title, marking, "unoct", "art2.f", "For the joint programme"),
		client.File{Name: "figures.csv", Type: "text/csv", Size: int64(len(figures)), Body: strings.NewReader(figures)})
	if err != nil {
		return err
	}
	reader := "staff.unoct"
	if marking != "non-confidential" {
		reader = "staff.wco"
	}
	token, err := s.as(reader).bearer()
	if err != nil {
		return err
	}
	who := caller{stage: s, id: reader, token: token}
	for range readPer20*(n+1)/20 - readPer20*n/20 {
		err := who.do(ctx, http.MethodPost, "/documents/"+document.text("id")+"/disclosures",
			object{"purpose": "art2.f", "statement": "For the joint programme", "form": "original"}, nil)
		if err != nil {
			return err
		}
	}
	if n%10 != 1 {
		return nil
	}
	request, err := s.as("staff.unoct").ask(ctx, document, "org_unoct", "art2.f", "For the joint programme", 1+n%300)
	if err != nil || n%20 != 1 {
		return err
	}
	return s.as("focal.wco").decide(ctx, request, object{"act": "authorize", "statement": "For the joint programme"})
}

// scaled deposits what --scale asks for, and says how far it is.
func (d *demo) scaled(ctx context.Context, s *stage) error {
	began := time.Now()
	err := s.enlarge(ctx, d.scale, func(done int) {
		fmt.Fprintf(d.env.stderr, "depositing: %d of %d documents after %s\n", done, d.scale,
			time.Since(began).Round(time.Second))
	})
	if err != nil {
		return fmt.Errorf("deposit %d documents: %w", d.scale, err)
	}
	return nil
}
