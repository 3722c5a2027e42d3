package webhook

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/register"
)

// Message is the body of what is sent.
type Message struct {
	Type      string    `json:"type"` // "chancery." and the kind of the notice
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		ID string `json:"id"` // of the notice, and of the event: as in webhook-id
	} `json:"data"`
}

// Signature is what webhook-signature holds of one key: "v1a," and, in base64, the Ed25519 signature of the identifier,
// the time in seconds and the body, with points between them (Standard Webhooks, asymmetric signatures).
func Signature(key ed25519.PrivateKey, id string, at time.Time, body []byte) string {
	text := bytes.Join([][]byte{[]byte(id), []byte(strconv.FormatInt(at.Unix(), 10)), body}, []byte{'.'})
	return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(key, text))
}

// PublicKey is how a key is told to receivers: "whpk_" and the key in base64.
func PublicKey(key ed25519.PublicKey) string { return "whpk_" + base64.StdEncoding.EncodeToString(key) }

// request makes the one POST of a delivery, signed by each key.
func request(ctx context.Context, d register.Delivery, keys []register.WebhookKey, at time.Time) (*http.Request,
	error) {
	m := Message{Type: "chancery." + d.Kind, Timestamp: d.ToldAt.UTC()}
	m.Data.ID = d.Notice
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("webhook %s: its address cannot be read", d.Webhook)
	}
	signatures := make([]string, len(keys))
	for i, k := range keys {
		signatures[i] = Signature(k.Private, d.Notice, at, body)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Chancery")
	r.Header.Set("Webhook-Id", d.Notice)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	return r, nil
}
