package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/exchange"
)

// A panic beside the requests would end the process, and with it every transfer.
func TestAPanicInABackgroundTaskIsLoggedAndTheOthersGoOn(t *testing.T) {
	var log bytes.Buffer
	tasks := exchange.NewTasks(slog.New(slog.NewJSONHandler(&log, nil)))
	after := false
	tasks.Attempt(t.Context(), "sweep uploads", func(context.Context) error { panic("an index out of range") })
	tasks.Attempt(t.Context(), "count refusals", func(context.Context) error {
		after = true
		return errors.New("away")
	})
	if !after {
		t.Error("the task after it was not tried")
	}
	for _, want := range []string{`"msg":"background task panicked"`, `"what":"sweep uploads"`, "an index out of range",
		"background_panic_test.go", `"msg":"background task failed, will retry"`, `"error":"away"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

// What cannot be decided again is cut: a fault of the program confirms no permit.
func TestADownloadWhoseDecisionPanicsIsCut(t *testing.T) {
	var log bytes.Buffer
	tasks := exchange.NewTasks(slog.New(slog.NewJSONHandler(&log, nil)))
	running := tasks.Running()
	tasks.DecideAgain(t.Context()) // there is no database: the decision panics
	select {
	case <-running.Cut():
	default:
		t.Error("the download goes on")
	}
	if !strings.Contains(log.String(), `"what":"decide again"`) {
		t.Errorf("the log says %s", log.String())
	}
}
