package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"

	"github.com/minio/sio"

	"chancery.example/gateway/pkg/objects"
)

// proxyCommand makes this program a proxy before the store, as bare as can be: the gateway's own way to S3 behind a
// plain HTTP server. No sign-in, no rules, no hash, no sealing, no log.
//
// With sealing it does besides what every byte that the gateway moves needs, and nothing else: SHA-256 and AES-256-GCM
// on the way in, AES-256-GCM on the way out.
const proxyCommand = "proxy"

func (h *surroundings) proxy(ctx context.Context, sealing bool) (*child, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, "/proc/self/exe", proxyCommand)
	c.Env = append(os.Environ(), "BENCH_LISTEN="+address, "BENCH_STORE="+h.store.Endpoint(),
		"BENCH_KEY="+h.store.AccessKey, "BENCH_SECRET="+h.store.SecretKey,
		"BENCH_SEALING="+strconv.FormatBool(sealing))
	out := &child{address: address, command: c}
	return out, out.start("http://" + address + "/")
}

// proxy serves until it is killed.
func proxy() error {
	store, err := objects.New(objects.Config{Endpoint: os.Getenv("BENCH_STORE"), AccessKey: os.Getenv("BENCH_KEY"),
		SecretKey: os.Getenv("BENCH_SECRET"), Bucket: bucket})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(http.ResponseWriter, *http.Request) {})
	form := form{sealing: os.Getenv("BENCH_SEALING") == "true"}
	mux.HandleFunc("PUT /{name}", func(w http.ResponseWriter, r *http.Request) {
		body, err := form.in(r.Body)
		if err == nil {
			err = store.Put(r.Context(), r.PathValue("name"), form.size(r.ContentLength), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		size, err := strconv.ParseInt(r.URL.Query().Get("size"), 10, 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		stored, err := store.Get(r.Context(), r.PathValue("name"), 0, form.size(size))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer stored.Close()
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		body, err := form.out(stored)
		if err == nil {
			_, err = io.Copy(w, body)
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	})
	return http.ListenAndServe(os.Getenv("BENCH_LISTEN"), mux)
}

// form is what the proxy makes of the bytes.
type form struct{ sealing bool }

var sealed = sio.Config{MinVersion: sio.Version20, MaxVersion: sio.Version20, Key: make([]byte, 32)}

func (f form) in(r io.Reader) (io.Reader, error) {
	if !f.sealing {
		return r, nil
	}
	return sio.EncryptReader(io.TeeReader(r, sha256.New()), sealed)
}

func (f form) out(r io.Reader) (io.Reader, error) {
	if !f.sealing {
		return r, nil
	}
	return sio.DecryptReader(r, sealed)
}

func (f form) size(plain int64) int64 {
	if !f.sealing {
		return plain
	}
	return plain + (plain+64<<10-1)/(64<<10)*32
}

// through puts and gets by the proxy.
type through struct {
	at     *child
	client *http.Client
}

func (t through) put(ctx context.Context, name string, content io.Reader, size int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+t.at.address+"/"+name, content)
	if err != nil {
		return err
	}
	req.ContentLength = size
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return receive(resp, "put "+name, nil)
}

func (t through) get(ctx context.Context, name string, size int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		fmt.Sprintf("http://%s/%s?size=%d", t.at.address, name, size), nil)
	if err != nil {
		return err
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return receive(resp, "get "+name, &counted{want: size})
}
