package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/disk"
)

// What stands beside a file that is done with: the receipt of its entry, byte for byte, and what sync knows of it.
const (
	receiptEnd   = ".receipt.json"
	depositedEnd = ".deposited.json"
	reasonEnd    = ".reason.json"
)

// keyed is how many letters of its key begin a file's name there, so that two of the same name never meet.
const keyed = 8

// longestName is what a folder takes, in bytes, and maxName the longest name to which all of this can be added.
const (
	longestName = 255
	maxName     = longestName - (keyed + 1) - len(depositedEnd)
)

// settle moves the file to processed or error, after what is told of it, and lets go of the claim.
func (s *syncing) settle(ctx context.Context, o *outbound) error {
	to, end, what := "processed", depositedEnd, "deposited"
	if o.Step == outRefused {
		to, end, what = "error", reasonEnd, "refused"
	}
	folder, err := s.outAt.made(to, 0o750)
	if err != nil {
		return err
	}
	defer folder.close()
	name := o.Name
	if len(name) > maxName {
		stem, extension := shortened(name)
		name = stem + extension
	}
	target := o.key[:keyed] + "-" + name
	if o.Step == outDeposited {
		if err := s.receipt(ctx, o, folder, target+receiptEnd); err != nil {
			return err
		}
		reached("out-receipt")
	}
	if err := folder.keep(target+end, o, 0o640); err != nil {
		return err
	}
	reached("out-told")
	for _, part := range [][2]string{{claimedWords, target + manifestEnd}, {sharedWords, target + manifestEnd},
		{claimedFile, target}} {
		if err := moved(o.at, part[0], folder, part[1]); err != nil {
			return err
		}
	}
	if err := errors.Join(disk.SyncIn(folder.Root), disk.SyncIn(o.at.Root)); err != nil {
		return err
	}
	reached("out-settled")
	if err := s.outKept.out.RemoveAll(o.key); err != nil {
		return err
	}
	reached("out-done")
	err = s.tell(tells{
		What:     what,
		File:     o.Name,
		Document: o.Document,
		Marking:  o.Marking,
		SHA256:   o.SHA256,
		LogEntry: o.LogEntry,
		Code:     o.Code,
	})
	if err == nil && o.Step == outRefused {
		return &failure{exitRefused, errors.New(o.Reason)}
	}
	return err
}

// receipt fetches the proof that the deposit stands in the log. As long as the gateway has none yet, the file is not
// done with; where it gives none, what sync knows says why.
func (s *syncing) receipt(ctx context.Context, o *outbound, folder place, name string) error {
	if o.LogEntry == "" {
		o.Reason = "no receipt: the gateway named no entry"
		return nil
	}
	response, err := s.g.Do(ctx, client.Call{Method: http.MethodGet, Path: under("receipts", o.LogEntry)})
	var problem *client.Problem
	if errors.As(err, &problem) && final(problem) {
		o.Reason = "no receipt: " + refusal(problem).Error()
		return nil
	}
	if err != nil {
		return fmt.Errorf("its receipt: %w", refused(err))
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("its receipt: %w", err)
	}
	return disk.ReplaceIn(folder.Root, name, text, 0o640)
}
