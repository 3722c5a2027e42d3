package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/portal"
	"chancery.example/gateway/pkg/vault"
)

// setting is a configuration that was read and checked together with the Arrangement file that it names.
type setting struct {
	config
	instrument instrument.Instrument
	issuers    []identity.Issuer
	players    map[string][]portal.Player // of the demo alone
	replaces   string                     // the configuration entry that these files may take the place of
}

// checked loads the configuration and says everything that is wrong with it, or weakens it.
func checked(path string, environ []string) (setting, []finding) {
	cfg, found := load(path, environ)
	if slices.ContainsFunc(found, func(f finding) bool { return f.whole }) {
		return setting{config: cfg}, found
	}
	in, wrong := readArrangement(cfg.Arrangement)
	s := setting{config: cfg, instrument: in, issuers: issuersOf(cfg.Issuers)}
	found = append(append(found, wrong...), unsaid(found, examine(s))...)
	if len(wrong) == 0 {
		found = append(append(found, checkBindings(s)...), checkKeysets(s)...)
		found = append(found, checkSamples(s)...)
	}
	return s, found
}

// examine looks at everything but the Arrangement file and what has to agree with it.
func examine(s setting) []finding {
	found := slices.Concat(checkListeners(s.config), checkDatabase(s.Database), checkStore(s.Store), checkKeys(s.Keys))
	for i, issuer := range s.issuers {
		found = append(found, checkIssuer(fmt.Sprintf("issuers[%d]", i), issuer)...)
	}
	for i, issuer := range s.Issuers {
		found = append(found, checkPortal(fmt.Sprintf("issuers[%d].portal", i), issuer, s.Keys)...)
	}
	return append(found, checkLimits(s.config)...)
}

// unsaid leaves out secrets that are missing because their files could not be read, which is said already.
func unsaid(said, found []finding) []finding {
	return slices.DeleteFunc(found, func(f finding) bool {
		return f.Problem == isMissing &&
			slices.ContainsFunc(said, func(s finding) bool { return s.Key == f.Key+"_file" && s.stops() })
	})
}

const isMissing = "is missing"

// missing reports the required keys that are empty.
func missing(values map[string]string, cures map[string]string) []finding {
	var found []finding
	for key, value := range values {
		if value == "" {
			found = append(found, finding{Key: key, Problem: isMissing, Cure: cures[key]})
		}
	}
	slices.SortFunc(found, func(a, b finding) int { return strings.Compare(a.Key, b.Key) })
	return found
}

func checkListeners(cfg config) []finding {
	var found []finding
	for key, address := range map[string]string{"listen": cfg.Listen, "admin_listen": cfg.AdminListen} {
		if !isAddress(address) {
			found = append(found, finding{Key: key, Problem: fmt.Sprintf("%q is no address", address),
				Cure: `write HOST:PORT, such as "127.0.0.1:8080"`})
		}
	}
	if sameAddress(cfg.AdminListen, cfg.Listen) {
		found = append(found, finding{Key: "admin_listen", Problem: "is an address of listen",
			Cure: "give it a port of its own, which is not for the outside"})
	}
	found = append(found, checkAdminReach(cfg.AdminListen)...)
	u, err := url.Parse(cfg.PublicURL)
	switch {
	case cfg.PublicURL == "":
		found = append(found, finding{Key: "public_url", Problem: "is missing",
			Cure: "say at which address people reach the gateway, such as https://chancery.example.int"})
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.HasSuffix(cfg.PublicURL, "/"):
		found = append(found, finding{Key: "public_url", Problem: "is no address",
			Cure: "write https://HOST, without a slash at the end"})
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		found = append(found, finding{Key: "public_url",
			Problem: "is not https: tokens and documents would travel open",
			Cure:    "serve over TLS (tls.certificate and tls.key, or a proxy in front that does not buffer)"})
	}
	return slices.Concat(found, checkProxies(cfg), checkTLS(cfg))
}

// isAddress wants a host, or none for all of them, and a port by its number.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func checkTLS(cfg config) []finding {
	if cfg.TLS.Certificate == "" && cfg.TLS.Key == "" {
		if host, _, err := net.SplitHostPort(cfg.Listen); err == nil && !loopback(host) {
			return []finding{{Key: "tls", Problem: "the gateway listens without TLS beyond this machine",
				Cure: "set tls.certificate and tls.key, or listen on loopback behind a proxy", Weakening: true}}
		}
		return nil
	}
	if found := checkTLSFiles(cfg.TLS); found != nil {
		return found
	}
	pair, err := loadCertificate(cfg.TLS)
	if err != nil {
		return []finding{{Key: "tls", Problem: err.Error(), Cure: "name the PEM files of a certificate and of its key"}}
	}
	return append(checkCertificate(pair, hostOf(cfg.PublicURL), time.Now()),
		checkMode("tls.key", cfg.TLS.Key, 0o007, "every user of this machine may read it",
			"chmod 600 "+cfg.TLS.Key)...)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func checkDatabase(d databaseConfig) []finding {
	found := missing(map[string]string{"database.url": d.URL.reveal(),
		"database.sequencer_url": d.SequencerURL.reveal()}, map[string]string{
		"database.url": "set it, CHANCERY_DATABASE_URL or CHANCERY_DATABASE_URL_FILE to " +
			"postgres://LOGIN:PASSWORD@HOST/DATABASE of a member of chancery_app",
		"database.sequencer_url": "set it, CHANCERY_DATABASE_SEQUENCER_URL or …_FILE to the address of a member of " +
			"chancery_sequencer",
	})
	users := map[string]string{}
	for _, at := range []struct {
		key   string
		value secret
	}{{"database.url", d.URL}, {"database.sequencer_url", d.SequencerURL}, {"database.owner_url", d.OwnerURL},
		{"database.backup_url", d.BackupURL}} {
		if at.value == "" {
			continue
		}
		parsed, err := pgx.ParseConfig(at.value.reveal())
		if err != nil {
			found = append(found, finding{Key: at.key, Problem: "is no database address",
				Cure: "write postgres://LOGIN:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, special characters " +
					"percent-encoded"})
			continue
		}
		if first, twice := users[parsed.User]; twice {
			found = append(found, finding{Key: at.key, Problem: "signs in with the same login as " + first,
				Cure: "give each its own login: who serves must not be able to order or alter the log"})
		}
		users[parsed.User] = at.key
		found = append(found, checkDatabaseTLS(at.key, parsed)...)
	}
	if d.OwnerURL != "" {
		found = append(found, finding{Key: "database.owner_url",
			Problem: "the owner's credentials are within reach of the service",
			Cure:    "give them to \"chanceryd migrate\" alone, in its environment", Weakening: true})
	}
	if d.MaxConnections < 2 || d.MaxConnections > 1000 {
		found = append(found, finding{Key: "database.max_connections", Problem: "must be 2 to 1000",
			Cure: "leave it out for 16"})
	}
	return found
}

// checkDatabaseTLS looks whether an eavesdropper between the machines could read or become the database.
func checkDatabaseTLS(key string, parsed *pgx.ConnConfig) []finding {
	servers := []*pgconn.FallbackConfig{{Host: parsed.Host, TLSConfig: parsed.TLSConfig}}
	for _, server := range append(servers, parsed.Fallbacks...) {
		if loopback(server.Host) || strings.HasPrefix(server.Host, "/") ||
			server.TLSConfig != nil && !server.TLSConfig.InsecureSkipVerify {
			continue
		}
		return []finding{{Key: key, Problem: "the connection to " + server.Host + " does not verify the server",
			Cure: "add sslmode=verify-full and sslrootcert=FILE", Weakening: true}}
	}
	return nil
}

func checkKeys(k keysConfig) []finding {
	const cure = "for a new gateway run \"chanceryd keys create\" with this configuration; for one that has served " +
		"put it back from its backup"
	found := missing(map[string]string{"keys.keysets": k.Keysets, "keys.log_key": k.LogKey},
		map[string]string{"keys.keysets": "name a directory for the organisations' keysets",
			"keys.log_key": "name a file for the key that signs the log"})
	if k.Keysets != "" {
		if _, err := k.open(); err != nil {
			found = append(found, finding{Key: "keys.keysets", Problem: err.Error(),
				Cure: cureOf(err, cure, "chmod 600 the files in "+k.Keysets+mountedCure)})
		}
	}
	found = append(found, checkMounted(k)...)
	if k.LogKey != "" {
		key, err := openLogKey(k)
		if err == nil && k.LogName != "" && k.LogName != key.signer.Name() {
			found = append(found, finding{Key: "keys.log_name",
				Problem: fmt.Sprintf("%q is not the name of this log, which is %q", k.LogName, key.signer.Name()),
				Cure: "leave it out, or write the log's own: a log keeps its name, whatever the gateway's address " +
					"is by now"})
		}
		if err != nil {
			absent := cure
			if fileExists(k.LogKey) {
				absent = "run \"chanceryd keys create\" with this configuration: it writes the public half again"
			}
			wrong := "put " + k.LogKey + " back from its backup, mode 0600"
			if errors.Is(err, vault.ErrOthersMayUse) {
				wrong = "chmod 600 " + k.LogKey + mountedCure
			}
			found = append(found, finding{Key: "keys.log_key", Problem: err.Error(), Cure: cureOf(err, absent, wrong)})
		}
	}
	return found
}

// mountedCure is for who runs the gateway where modes are not theirs to choose.
const mountedCure = "; where Kubernetes, compose or systemd mounts it read-only, say keys.mounted: true"

// checkMounted tells of mounted keys that every user may read: the gateway cannot see who else is there.
func checkMounted(k keysConfig) []finding {
	if !k.Mounted {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(k.Keysets, "*.json")) // the pattern is well formed
	for _, path := range append(files, k.LogKey) {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
			return []finding{{Key: "keys.mounted", Problem: "every user of this machine or container may read the keys",
				Cure: "have them mounted with mode 0440, or 0400 and this process's user", Weakening: true}}
		}
	}
	return nil
}

// checkKeysets wants a keyset of each organisation of the Arrangement file.
func checkKeysets(s setting) []finding {
	keysets, err := s.Keys.open()
	if err != nil {
		return nil // said by checkKeys
	}
	var found []finding
	for _, name := range keysetNames(s.instrument) {
		if !slices.Contains(keysets.Organisations(), name) {
			found = append(found, finding{Key: "keys.keysets",
				Problem: "there is no keyset of " + name + " in " + s.Keys.Keysets,
				Cure: "when it was lost, put it back from its backup: a new one opens nothing; for an " +
					"organisation that is new, run \"chanceryd keys create\""})
		}
	}
	return found
}

// cureOf tells what is not there yet from what is there and wrong.
func cureOf(err error, absent, wrong string) string {
	if errors.Is(err, fs.ErrNotExist) {
		return absent
	}
	return wrong
}

func checkLimits(cfg config) []finding {
	var found []finding
	if cfg.Limits.MaxUpload < 1 || cfg.Limits.MaxUpload > 1<<40 {
		found = append(found, finding{Key: "limits.max_upload", Problem: "must be 1 byte to 1024 GiB",
			Cure: "leave it out for 2GiB"})
	}
	if cfg.Limits.LapseAfter <= 0 {
		found = append(found, finding{Key: "limits.lapse_after", Problem: "must be longer than nothing",
			Cure: "leave it out for 336h"})
	}
	if cfg.Limits.BackupsKept < 0 {
		found = append(found, finding{Key: "limits.backups_kept", Problem: "must not be less than nothing",
			Cure: "say how long backups are kept, for instance 840h, or leave it out"})
	}
	if cfg.Limits.LapseAfter > defaultLapse {
		found = append(found, finding{Key: "limits.lapse_after",
			Problem: "requests wait longer than 14 days before silence is refusal", Cure: "leave it out for 336h",
			Weakening: true})
	}
	found = append(found, checkRates(cfg.Limits)...)
	if cfg.Admit.ConsentEvidenceNone {
		found = append(found, finding{Key: "admit.consent_evidence_none",
			Problem: "consents without evidence are admitted",
			Cure:    "leave it out; evidence is an ID token or a signed letter", Weakening: true})
	}
	if cfg.Admit.NotInspected {
		found = append(found, finding{Key: "admit.not_inspected",
			Problem: "files that no malware scanner looked at are admitted",
			Cure:    "leave it out, and name a clamd under malware.address", Weakening: true})
	}
	if cfg.Admit.WebhooksHere {
		found = append(found, finding{Key: "admit.webhooks_here",
			Problem: "what Parties are told is sent to addresses of this machine, if they say so",
			Cure:    "leave it out; it is for trials", Weakening: true})
	}
	return slices.Concat(found, checkMalware(cfg), checkMail(cfg.Mail), checkWebhooks(cfg.Webhooks),
		checkTraces(cfg.Traces))
}

func checkRates(limits limitsConfig) []finding {
	var found []finding
	if limits.Refusals < 1 || limits.Refusals > defaultRefusals {
		found = append(found, finding{Key: "limits.refusals",
			Problem: "must be 1 to 60: what is beyond has no entry of its own", Cure: "leave it out for 60"})
	}
	if limits.Uploads < 1 || limits.Uploads > mostUploads {
		found = append(found, finding{Key: "limits.uploads",
			Problem: "must be 1 to 64: each upload keeps a connection and memory", Cure: "leave it out for 8"})
	}
	for _, at := range []struct {
		key   string
		bound rateConfig
	}{{"limits.person", limits.Person}, {"limits.address", limits.Address}, {"limits.strangers", limits.Strangers}} {
		if err := at.bound.rate().Check(); err != nil {
			found = append(found, finding{Key: at.key, Problem: "must have a rate and a burst above 0, or 0 for both",
				Cure: "leave it out for the default"})
		}
	}
	return found
}

// issuersOf is the configuration in the words of pkg/identity.
func issuersOf(configured []issuerConfig) []identity.Issuer {
	issuers := make([]identity.Issuer, len(configured))
	for i, c := range configured {
		issuers[i] = identity.Issuer{
			URL:         c.URL,
			Audience:    c.Audience,
			Clients:     c.Clients,
			RoleClaim:   c.RoleClaim,
			StepUpACR:   c.StepUpACR,
			ACRClaim:    c.ACRClaim,
			Scope:       c.Scope,
			MaxLifetime: c.MaxLifetime,
			PlainJWT:    c.PlainJWT,
			RSA2048:     c.RSA2048,
			Roles:       map[string]article4.Role{},
			Services:    map[string]article4.ServiceLimits{},
		}
		for group, role := range c.Roles {
			issuers[i].Roles[group] = article4.Role(role)
		}
		for client, limits := range c.Services {
			issuers[i].Services[client] = article4.ServiceLimits{Purposes: words[article4.PurposeCode](limits.Purposes),
				Markings: words[article4.Marking](limits.Markings)}
		}
	}
	return issuers
}

func words[T ~string](in []string) []T {
	out := make([]T, len(in))
	for i, word := range in {
		out[i] = T(word)
	}
	return out
}
