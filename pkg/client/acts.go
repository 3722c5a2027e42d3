package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chancery.example/gateway/api"
)

// Me is who the caller is to the gateway.
func (c *Client) Me(ctx context.Context) (api.Me, error) {
	found, err := Get[api.Me](ctx, c, "/me", nil)
	return found.Body, err
}

// Arrangement is the Arrangement as it stands now.
func (c *Client) Arrangement(ctx context.Context) (api.Arrangement, error) {
	found, err := Get[api.Arrangement](ctx, c, "/arrangement", nil)
	return found.Body, err
}

// Documents is a page of those that the caller has standing for.
func (c *Client) Documents(ctx context.Context, query url.Values) (api.DocumentPage, error) {
	found, err := Get[api.DocumentPage](ctx, c, "/documents", query)
	return found.Body, err
}

// Document is one, whole or as its stub.
func (c *Client) Document(ctx context.Context, id string) (api.Document, error) {
	found, err := Get[api.Document](ctx, c, "/documents/"+url.PathEscape(id), nil)
	return found.Body, err
}

// Ask asks for access to a document.
func (c *Client) Ask(ctx context.Context, document string, ask api.Ask) (api.AccessRequest, error) {
	made, err := Post[api.AccessRequest](ctx, c, "/documents/"+url.PathEscape(document)+"/requests", ask)
	return made.Body, err
}

// Request is a request with its ETag, which a decision names.
func (c *Client) Request(ctx context.Context, id string) (Answer[api.AccessRequest], error) {
	return Get[api.AccessRequest](ctx, c, "/requests/"+url.PathEscape(id), nil)
}

// Draft is the text that a decision would give; nothing is decided.
func (c *Client) Draft(ctx context.Context, request string, in api.Deciding) (api.CanonicalText, error) {
	shown, err := Post[api.CanonicalText](ctx, c, "/requests/"+url.PathEscape(request)+"/decisions/draft", in)
	return shown.Body, err
}

// Decide authorizes, consents or refuses on a request as it was read: etag is that of Request.
func (c *Client) Decide(ctx context.Context, request, etag string, in api.Deciding) (api.AccessRequest, error) {
	made, err := Post[api.AccessRequest](ctx, c, "/requests/"+url.PathEscape(request)+"/decisions", in, "If-Match",
		etag)
	return made.Body, err
}

// Withdraw withdraws what the caller's organisation gave, or asked for.
func (c *Client) Withdraw(ctx context.Context, request, statement string) (api.AccessRequest, error) {
	made, err := Post[api.AccessRequest](ctx, c, "/requests/"+url.PathEscape(request)+"/withdrawal",
		api.Withdrawal{Statement: statement})
	return made.Body, err
}

// Confirm does, as the second person, what waits: it is read, and confirmed as it was read. statement is why, where the
// act asks for it.
func (c *Client) Confirm(ctx context.Context, pending, statement string) (api.Confirmed, error) {
	path := "/confirmations/" + url.PathEscape(pending)
	seen, err := Get[api.Confirmation](ctx, c, path, nil)
	if err != nil {
		return api.Confirmed{}, err
	}
	in := api.Confirming{}
	if statement != "" {
		in.Statement = &statement
	}
	done, err := Post[api.Confirmed](ctx, c, path, in, "If-Match", seen.ETag)
	return done.Body, err
}

// Propose puts the text of a Confidentiality Agreement to a third party.
func (c *Client) Propose(ctx context.Context, in api.Proposal) (api.Agreement, error) {
	made, err := Post[api.Agreement](ctx, c, "/agreements", in)
	return made.Body, err
}

// Sign signs one for a third party.
func (c *Client) Sign(ctx context.Context, agreement string, in api.Signing) (api.Agreement, error) {
	made, err := Post[api.Agreement](ctx, c, "/agreements/"+url.PathEscape(agreement)+"/signatures", in)
	return made.Body, err
}

// Disclose obtains permission to read a document's content.
func (c *Client) Disclose(ctx context.Context, document string, in api.Reading) (api.Disclosure, error) {
	made, err := Post[api.Disclosure](ctx, c, "/documents/"+url.PathEscape(document)+"/disclosures", in)
	return made.Body, err
}

// Receipt is the proof that a disclosure stands in the log, byte for byte. Its body has to be closed.
func (c *Client) Receipt(ctx context.Context, disclosure string) (*http.Response, error) {
	return c.Do(ctx, Call{Method: http.MethodGet, Path: "/disclosures/" + url.PathEscape(disclosure) + "/receipt"})
}

// Events is what the caller was told behind the event after, or from the earliest that is kept, in the order in which
// it was told. An answer that would hold nothing is put off for as long as wait, up to 30 s.
func (c *Client) Events(ctx context.Context, after string, wait time.Duration) (api.EventPage, error) {
	query := url.Values{}
	if after != "" {
		query.Set("after", after)
	}
	if wait > 0 {
		query.Set("wait", strconv.Itoa(int(wait.Seconds())))
	}
	found, err := Get[api.EventPage](ctx, c, "/events", query)
	return found.Body, err
}
