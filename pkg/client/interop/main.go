// Command interop goes the whole way with a client that oapi-codegen made of the contract: what is foreign to the
// gateway here is the client's code, of which the gateway links nothing.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"time"

	"chancery.example/interop/gateway"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("go: deposited, asked, decided, waited, disclosed, read in ranges, digest and receipt: ok")
}

func as(who string) *gateway.ClientWithResponses {
	c, err := gateway.NewClientWithResponses(os.Getenv("GATEWAY")+"/api/v1",
		gateway.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN_"+who))
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func key() *string {
	key := fmt.Sprint("interop-", time.Now().UnixNano())
	return &key
}

func run(ctx context.Context) error {
	staff, focal, reader := as("STAFF"), as("FOCAL"), as("READER")
	content := bytes.Repeat([]byte("Indicators: three ports, two carriers.\n"), 2000)
	body, kind, err := deposit(content)
	if err != nil {
		return err
	}
	made, err := staff.DepositDocumentWithBodyWithResponse(ctx, &gateway.DepositDocumentParams{IdempotencyKey: key()},
		kind, body)
	if err != nil || made.JSON201 == nil {
		return fmt.Errorf("deposit: %v %s", err, bodyOf(made))
	}
	statement, form := "To prepare", gateway.Original
	purpose := "art2.e"
	asked, err := reader.RequestAccessWithResponse(ctx, made.JSON201.Id,
		&gateway.RequestAccessParams{IdempotencyKey: key()}, gateway.Ask{
			For: gateway.Beneficiary{Organisation: "org_unoct"}, Purpose: purpose, Statement: &statement, Form: &form,
			Until: time.Now().AddDate(0, 0, 5),
		})
	if err != nil || asked.JSON201 == nil {
		return fmt.Errorf("request: %v %s", err, bodyOf(asked))
	}
	seen, err := focal.GetRequestWithResponse(ctx, asked.JSON201.Id, &gateway.GetRequestParams{})
	if err != nil {
		return err
	}
	etag := seen.HTTPResponse.Header.Get("ETag")
	decided, err := focal.DecideRequestWithResponse(ctx, asked.JSON201.Id,
		&gateway.DecideRequestParams{IfMatch: &etag, IdempotencyKey: key()},
		gateway.Deciding{Act: "authorize", Statement: &statement})
	if err != nil || decided.JSON201 == nil {
		return fmt.Errorf("decision: %v %s", err, bodyOf(decided))
	}
	for end := time.Now().Add(10 * time.Second); ; {
		now, err := reader.GetRequestWithResponse(ctx, asked.JSON201.Id, &gateway.GetRequestParams{})
		if err != nil || time.Now().After(end) {
			return fmt.Errorf("never in force: %v", err)
		}
		if now.JSON200 != nil && now.JSON200.State == "in-force" {
			break
		}
	}
	permitted, err := reader.DiscloseDocumentWithResponse(ctx, made.JSON201.Id,
		&gateway.DiscloseDocumentParams{IdempotencyKey: key()},
		gateway.Reading{Purpose: &purpose, Statement: &statement, Form: &form})
	if err != nil || permitted.JSON201 == nil {
		return fmt.Errorf("disclosure: %v %s", err, bodyOf(permitted))
	}
	return read(ctx, reader, permitted.JSON201.Id, content)
}

func read(ctx context.Context, reader *gateway.ClientWithResponses, disclosure string, content []byte) error {
	var whole []byte
	var digest, tag string
	for _, spec := range []string{"bytes=0-999", "bytes=1000-"} {
		in := &gateway.GetContentParams{Range: &spec}
		if tag != "" {
			in.IfRange = &tag
		}
		part, err := reader.GetContentWithResponse(ctx, disclosure, in)
		if err != nil || part.StatusCode() != http.StatusPartialContent {
			return fmt.Errorf("content: %v %s", err, bodyOf(part))
		}
		whole, digest, tag = append(whole, part.Body...), part.HTTPResponse.Header.Get("Repr-Digest"),
			part.HTTPResponse.Header.Get("ETag")
	}
	sum := sha256.Sum256(whole)
	if digest != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" || !bytes.Equal(whole, content) {
		return fmt.Errorf("the content is not what was deposited: %s", digest)
	}
	receipt, err := reader.GetReceiptWithResponse(ctx, disclosure, &gateway.GetReceiptParams{})
	if err != nil || receipt.JSON200 == nil {
		return fmt.Errorf("receipt: %v %s", err, bodyOf(receipt))
	}
	return nil
}

func deposit(content []byte) (io.Reader, string, error) {
	metadata, err := json.Marshal(map[string]any{"title": "Indicators", "marking": "restricted",
		"purpose_statement": "For the training",
		"purposes":          []string{"art2.e"}, "recipient": "org_unoct",
		"personal_data": map[string]bool{"present": false}, "entities_concerned": "none", "derived_from": "none",
		"size": len(content)})
	if err != nil {
		return nil, "", err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, part := range []struct {
		header string
		kind   string
		bytes  []byte
	}{{`form-data; name="metadata"`, "application/json", metadata},
		{`form-data; name="content"; filename="a.txt"`, "text/plain", content}} {
		w, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {part.header},
			"Content-Type": {part.kind}})
		if err != nil {
			return nil, "", err
		}
		if _, err := w.Write(part.bytes); err != nil {
			return nil, "", err
		}
	}
	return &body, form.FormDataContentType(), form.Close()
}

func bodyOf(response interface{ StatusCode() int }) string {
	said, _ := json.Marshal(response)
	return string(said[:min(len(said), 600)])
}
