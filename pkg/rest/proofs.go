package rest

import (
	"log/slog"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/web"
)

// raw is sent byte for byte: what was hashed or signed is not rendered again.
type raw struct {
	kind string // the media type
	data []byte
}

// stream writes its answer itself, because what breaks off must not end cleanly.
type stream func() error

// plain is a note or a proof.
func plain(data []byte) raw { return raw{"text/plain; charset=utf-8", data} }

// getLogProof answers GET /log/entries/{id}/proof.
func (a *API) getLogProof(c call, _ none, _ none) (*reply[raw], error) {
	proof, err := a.gateway.LogProof(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(plain(proof)), nil
}

// getLogCheckpoint answers GET /log/checkpoint.
func (a *API) getLogCheckpoint(c call, _ none, _ none) (*reply[raw], error) {
	checkpoint, err := a.gateway.LogCheckpoint(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return answer(plain(checkpoint)), nil
}

// getLogConsistency answers GET /log/consistency.
func (a *API) getLogConsistency(c call, q api.GetLogConsistencyParams, _ none) (*reply[raw], error) {
	proof, err := a.gateway.LogConsistency(c.ctx, c.actor, q.First, q.Second)
	if err != nil {
		return nil, err
	}
	return answer(plain(proof)), nil
}

// getMonitoring answers GET /log/monitoring with the canonical bytes, which are the same for both Parties.
func (a *API) getMonitoring(c call, q api.GetMonitoringParams, _ none) (*reply[raw], error) {
	report, err := a.gateway.Monitoring(c.ctx, c.actor, q.Since.UTC(), q.Until.UTC())
	if err != nil {
		return nil, err
	}
	data, err := report.Bytes()
	return answer(raw{"application/json", data}), err
}

// getReceipt answers GET /disclosures/{id}/receipt.
func (a *API) getReceipt(c call, _ none, _ none) (*reply[raw], error) {
	receipt, err := a.gateway.Receipt(c.ctx, c.actor, article4.DisclosureID(c.param("id")))
	if err != nil {
		return nil, err
	}
	return answer(raw{"application/json", receipt}), nil
}

// getActReceipt answers GET /receipts/{id}.
func (a *API) getActReceipt(c call, _ none, _ none) (*reply[raw], error) {
	receipt, err := a.gateway.ReceiptOf(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	return answer(raw{"application/json", receipt}), nil
}

// getOwnEntry answers GET /me/entries/{id}.
func (a *API) getOwnEntry(c call, _ none, _ none) (*reply[api.OwnEntry], error) {
	found, err := a.gateway.EntryOf(c.ctx, c.actor, c.param("id"))
	if err != nil {
		return nil, err
	}
	out := api.OwnEntry{
		Id:         found.ID,
		Kind:       found.Kind,
		At:         found.At.UTC(),
		Outcome:    api.Outcome(found.Outcome),
		Step:       optional(api.ActStep(found.Step)),
		Index:      found.Index,
		Number:     optional(found.Number),
		BodySha256: found.BodySHA256,
		Receipt:    Base + "/receipts/" + found.ID,
	}
	if len(found.Reasons) > 0 {
		reasons := each[string](found.Reasons)
		out.Reasons = &reasons
	}
	return answer(out), nil
}

// getLogTile answers GET /log/tile/{path}.
func (a *API) getLogTile(c call, _ none, _ none) (*reply[raw], error) {
	data, err := a.gateway.LogTile(c.ctx, c.actor, "tile"+c.param("path"))
	if err != nil {
		return nil, err
	}
	return answer(raw{"application/octet-stream", data}), nil
}

// exportLog answers POST /log/exports. A bundle that breaks off is torn, so that it never looks whole; nor does it
// verify.
func (a *API) exportLog(c call, _ none, in api.Export) (*reply[stream], error) {
	write, err := a.gateway.LogExport(c.ctx, c.actor, logQuery(in))
	if err != nil {
		return nil, err
	}
	return answer(stream(func() error {
		c.Header("Content-Type", "application/x-tar")
		c.Header("Content-Disposition", `attachment; filename="chancery-log.tar"`)
		err := write(c.Writer)
		if err != nil {
			a.logger.LogAttrs(c.ctx, slog.LevelError, "export broke off",
				slog.String("request_id", web.RequestID(c.Context)), slog.String("cause", err.Error()))
		}
		return err
	})), nil
}
