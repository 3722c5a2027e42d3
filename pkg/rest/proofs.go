package rest

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// raw is sent byte for byte: what was hashed or signed is not rendered again.
type raw struct {
	kind string // the media type
	data []byte
}

func (r raw) send(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", r.kind)
	_, err := w.Write(r.data)
	return err
}

// The answers of the generated server that are sent so.
func (r raw) VisitGetLogProofResponse(w http.ResponseWriter) error       { return r.send(w) }
func (r raw) VisitGetLogCheckpointResponse(w http.ResponseWriter) error  { return r.send(w) }
func (r raw) VisitGetLogConsistencyResponse(w http.ResponseWriter) error { return r.send(w) }
func (r raw) VisitGetMonitoringResponse(w http.ResponseWriter) error     { return r.send(w) }
func (r raw) VisitGetAccountingResponse(w http.ResponseWriter) error     { return r.send(w) }
func (r raw) VisitGetReceiptResponse(w http.ResponseWriter) error        { return r.send(w) }

// plain is a note or a proof.
func plain(data []byte) raw { return raw{"text/plain; charset=utf-8", data} }

// GetLogProof answers GET /log/entries/{id}/proof.
func (a *API) GetLogProof(ctx context.Context, in GetLogProofRequestObject) (GetLogProofResponseObject, error) {
	c := callOf(ctx)
	proof, err := a.gateway.LogProof(c.ctx, c.actor, in.Id)
	if err != nil {
		return nil, err
	}
	return plain(proof), nil
}

// GetLogCheckpoint answers GET /log/checkpoint.
func (a *API) GetLogCheckpoint(ctx context.Context, _ GetLogCheckpointRequestObject) (GetLogCheckpointResponseObject, error) {
	c := callOf(ctx)
	checkpoint, err := a.gateway.LogCheckpoint(c.ctx, c.actor)
	if err != nil {
		return nil, err
	}
	return plain(checkpoint), nil
}

// GetLogConsistency answers GET /log/consistency.
func (a *API) GetLogConsistency(ctx context.Context, in GetLogConsistencyRequestObject) (GetLogConsistencyResponseObject, error) {
	c := callOf(ctx)
	proof, err := a.gateway.LogConsistency(c.ctx, c.actor, in.Params.From, in.Params.To)
	if err != nil {
		return nil, err
	}
	return plain(proof), nil
}

// GetMonitoring answers GET /log/monitoring with the canonical bytes, which are the same for both Parties.
func (a *API) GetMonitoring(ctx context.Context, in GetMonitoringRequestObject) (GetMonitoringResponseObject, error) {
	c := callOf(ctx)
	report, err := a.gateway.Monitoring(c.ctx, c.actor, in.Params.From.UTC(), in.Params.To.UTC())
	if err != nil {
		return nil, err
	}
	data, err := report.Bytes()
	return raw{"application/json", data}, err
}

// GetAccounting answers GET /log/accounting; each item in its canonical bytes, which a bundle gives as well.
func (a *API) GetAccounting(ctx context.Context, in GetAccountingRequestObject) (GetAccountingResponseObject, error) {
	c := callOf(ctx)
	page, err := paging(in.Params.Limit, in.Params.After)
	if err != nil {
		return nil, err
	}
	found, err := a.gateway.LogAccounting(c.ctx, c.actor, article4.DocumentID(in.Params.Document), page)
	if err != nil {
		return nil, err
	}
	items := make([]json.RawMessage, len(found.Items))
	for i, item := range found.Items {
		if items[i], err = item.Bytes(); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(struct {
		Items []json.RawMessage `json:"items"`
		Next  string            `json:"next,omitempty"`
	}{items, found.Next})
	return raw{"application/json", data}, err
}

// GetReceipt answers GET /disclosures/{id}/receipt.
func (a *API) GetReceipt(ctx context.Context, in GetReceiptRequestObject) (GetReceiptResponseObject, error) {
	c := callOf(ctx)
	receipt, err := a.gateway.Receipt(c.ctx, c.actor, article4.DisclosureID(in.Id))
	if err != nil {
		return nil, err
	}
	return raw{"application/json", receipt}, nil
}

// tile answers GET /log/tile/{path}; the generated server knows no path with slashes in it.
func (a *API) tile(c *gin.Context) {
	data, err := a.gateway.LogTile(c.Request.Context(), web.ActorOf(c), "tile"+c.Param("path"))
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	if err := (raw{"application/octet-stream", data}).send(c.Writer); err != nil {
		_ = c.Error(err)
	}
}

// export answers POST /log/exports. A bundle that breaks off is torn, so that it never looks whole; nor does it verify.
func (a *API) export(c *gin.Context) {
	query, err := exportOf(c)
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	write, err := a.gateway.LogExport(c.Request.Context(), web.ActorOf(c), query)
	if err != nil {
		a.problems.Write(c, err)
		return
	}
	c.Header("Content-Type", "application/x-tar")
	c.Header("Content-Disposition", `attachment; filename="chancery-log.tar"`)
	if err := write(c.Writer); err != nil {
		a.logger.LogAttrs(c.Request.Context(), slog.LevelError, "export broke off",
			slog.String("request_id", web.RequestID(c)), slog.String("cause", err.Error()))
		a.problems.Write(c, err)
	}
}

func exportOf(c *gin.Context) (exchange.LogQuery, error) {
	data, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return exchange.LogQuery{}, unreadable(err)
	}
	var in api.Export
	if err := decode(data, &in); err != nil {
		return exchange.LogQuery{}, err
	}
	return logQuery(in)
}
