package rest_test

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/stamp"
)

// small is the upload limit of the worlds of these scenarios.
const small = 1 << 20

// ready is a world with a scanner, and a small limit.
func ready(w *world) {
	w.malware = devtest.Scanner(w.t)
	w.settings.AdmitNotInspected, w.settings.MaxUpload = false, small
}

// detached is a world with a database server and a store of its own, to be stopped.
func detached(w *world) {
	p, err := devstack.StartPostgres(w.t.Context(),
		devstack.PostgresConfig{Dir: filepath.Join(devtest.Directory(w.t), "postgres")})
	must(w.t, err)
	w.t.Cleanup(func() { _ = p.Stop() })
	owner, err := p.CreateDatabase(w.t.Context(), "own")
	must(w.t, err)
	w.db, w.bucket = devtest.Database{Postgres: p, Name: "own", OwnerURL: owner}, "documents"
	w.store, err = devstack.StartStore(w.t.Context(),
		devstack.StoreConfig{Dir: filepath.Join(devtest.Directory(w.t), "store"), Progress: os.Stderr})
	must(w.t, err)
	w.t.Cleanup(w.store.Kill)
	must(w.t, w.store.CreateBucket(w.t.Context(), w.bucket))
}

// replaced serves another gateway over the same records until it is given back.
func (w *world) replaced(change func(*world)) (back func()) {
	base, keysets, malware, stamper := w.base, w.keysets, w.malware, w.stamper
	change(w)
	w.serve(w.gateway())
	return func() { w.base, w.keysets, w.malware, w.stamper = base, keysets, malware, stamper }
}

// recovered waits until a call is answered well again: a part that is back is found again by itself.
func (w *world) recovered(c call) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		a := w.do(c)
		if a.StatusCode/100 == 2 {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("no recovery within 20 s: %d %s", a.StatusCode, a.body)
		}
	}
}

// impatient is a world in which two refusals a minute are enough.
func impatient(w *world) { w.settings.Refusals = 2 }

func oftenScenes() []scenario {
	return []scenario{{
		code:     "gateway/too-many",
		met:      "Staff of the Recipient try again and again what is refused.",
		cured:    "When the minute is over they are told again what prevents it, and can act on that.",
		unlogged: true,
		up: func(w *world) *scene {
			document := w.put(nil)
			reading := readingOf("staff.unoct", document, nil)
			for range 2 {
				refused(w.t, w.do(reading), 403, "art4.5/not-granted")
			}
			return &scene{call: reading, document: document}
		},
		cure: func(s *scene) {
			s.pass(61 * time.Second)
			refused(s.t, s.do(s.call), 403, "art4.5/not-granted")
			s.granted(s.document, nil, nil)
		},
	}}
}

// faultScenes are of a part that is away: nothing leaves meanwhile, and all goes on when it is back.
func faultScenes() []scenario {
	var back func()
	restored := func(*scene) { back() }
	return []scenario{
		{
			code:   "gateway/cannot-be-marked",
			met:    "A reader asks for a marked copy of a damaged file.",
			cured:  "The reader takes the original, where the grant gives it; or the Discloser deposits it again.",
			remedy: "POST /documents/{document}/disclosures",
			up: func(w *world) *scene {
				document := w.done(depositOf("staff.wco", nil, file{content: "%PDF-1.7\nbroken"}))
				w.granted(document, nil, nil)
				return &scene{call: readingOf("staff.unoct", document, fields{"form": "stamped"}), document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, nil) },
		},
		{
			code:   "gateway/stamp-failed",
			met:    "A marked copy is not made within the limits of its process.",
			cured:  "The reader takes the original, where the grant gives it; or the operator raises the limits.",
			remedy: "POST /documents/{document}/disclosures",
			up: func(w *world) *scene {
				document := w.done(depositOf("staff.wco", nil, file{content: headed("Indicators")}))
				w.granted(document, nil, nil)
				back = w.replaced(func(w *world) {
					hurried, err := stamp.New(stamp.Config{Child: devtest.StampChild(w.t),
						MaxTime: time.Nanosecond})
					must(w.t, err)
					w.stamper = hurried
				})
				return &scene{call: readingOf("staff.unoct", document, fields{"form": "stamped"}), document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, nil) },
		},
		{code: "gateway/not-inspected", met: "Staff deposit a file while the malware scanner is unavailable.",
			cured: "The operator brings the scanner back, and they deposit again.",
			up: func(w *world) *scene {
				back()
				back = w.replaced(func(w *world) {
					w.malware = inspect.Scanner{Network: "unix", Address: filepath.Join(w.t.TempDir(), "nobody.sock"),
						Timeout: time.Second}
				})
				return &scene{call: depositOf("staff.wco", nil, file{content: secret})}
			},
			cure: restored},
		{
			code:     "gateway/keys-unavailable",
			met:      "The keyset of a third party is missing, and its staff want to read.",
			cured:    "The operator puts the keyset back.",
			unlogged: true,
			up: func(w *world) *scene {
				document := w.put(anyone)
				w.done(releaseOf("focal.wco", document, nil))
				back = w.replaced(func(w *world) {
					all := w.keysets
					w.keysets = filepath.Join(w.t.TempDir(), "without-customs")
					must(w.t, os.Mkdir(w.keysets, 0o700))
					kept, err := filepath.Glob(filepath.Join(all, "*.json"))
					must(w.t, err)
					for _, name := range kept {
						if filepath.Base(name) != customs+".json" {
							must(w.t, os.Link(name, filepath.Join(w.keysets, filepath.Base(name))))
						}
					}
				})
				return &scene{call: readingOf("staff.customs", document, nil), document: document}
			},
			cure: restored,
		},
		{code: "gateway/storage-unavailable", met: "Staff deposit a document while the store is unavailable.",
			cured: "The operator brings the store back; the gateway finds it again by itself.",
			up: func(w *world) *scene {
				w.store.Kill()
				return &scene{call: depositOf("staff.wco", nil, file{content: secret})}
			},
			cure: func(s *scene) {
				must(s.t, s.store.Restart(context.Background()))
				s.recovered(s.call)
			}},
		{
			code:     "gateway/log-unavailable",
			met:      "The Recipient's staff want to read while the database is unavailable.",
			cured:    "The operator brings the database back; the gateway finds it again by itself.",
			unlogged: true,
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				must(w.t, w.db.Postgres.Stop())
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			},
			cure: func(s *scene) {
				must(s.t, s.db.Restart(context.Background()))
				s.recovered(s.call)
			},
		},
	}
}
