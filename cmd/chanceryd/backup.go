package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/backup"
	"chancery.example/gateway/pkg/ledger"
)

func backupCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "backup", Short: "Make a backup, keys apart, and prove offline that one is whole"}
	group.AddCommand(backupCreateCommand(env), backupVerifyCommand(env))
	return group
}

func backupCreateCommand(env environment) *cobra.Command {
	var path, previous, into string
	cmd := &cobra.Command{
		Use:   "create DIR | create --into DIR",
		Short: "Write database, sealed objects and the newest signed checkpoint into a new directory",
		Long: "create writes one backup: a dump of the database, every entry of the log and the list of objects, of " +
			"one and\n" +
			"the same moment, then the objects, sealed as they are. It may run beside the gateway and alters " +
			"nothing. It\n" +
			"wants pg_dump, and database.backup_url, best given as CHANCERY_DATABASE_BACKUP_URL or …_FILE in its " +
			"own\n" +
			"environment: a login that may read everything (GRANT pg_read_all_data). Keysets and the log's key are " +
			"not in it:\n" +
			"back them up apart.\n\n" +
			"What was acknowledged after a backup is in none: docs/operating.md says what is needed beside it.\n" +
			"Exit code 5: it was written, and the store no longer holds all that it should.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return does(func(ctx context.Context) error {
				if (into == "") == (len(args) == 0) || into != "" && previous != "" {
					return &failure{exitUsage, errors.New("say where: a new directory, or --into one with backups")}
				}
				if into != "" {
					return backupInto(ctx, time.Now().UTC(), path, into, env)
				}
				return createBackup(ctx, path, args[0], previous, env)
			})(cmd, nil)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&into, "into", "", "a backup called after its time, in `DIR`, linked to the newest there; "+
		"those\nolder than limits.backups_kept are then removed")
	cmd.Flags().StringVar(&previous, "previous", "",
		"link the objects that the earlier backup in `DIR` holds, and do not fetch them again")
	return cmd
}

func createBackup(ctx context.Context, path, dir, previous string, env environment) error {
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	if s.Database.BackupURL == "" {
		report(env.stderr, []finding{{Key: "database.backup_url", Problem: "is missing",
			Cure: "set CHANCERY_DATABASE_BACKUP_URL or …_FILE to the address of a login that may read everything " +
				"(GRANT pg_read_all_data)"}})
		return &failure{exitFailure, errors.New("nothing was backed up")}
	}
	key, err := openLogKey(s.Keys)
	if err != nil {
		return fmt.Errorf("keys.log_key: %w", err)
	}
	configured, err := digests(s, path)
	if err != nil {
		return err
	}
	store, err := openStore(ctx, s.Store, false)
	if err != nil {
		return err
	}
	defer store.Close()
	made, err := backup.Create(ctx, backup.Config{
		Dir:        dir,
		Previous:   previous,
		Database:   s.Database.BackupURL.reveal(),
		Objects:    store,
		Signer:     key.signer,
		Verifier:   key.verifier,
		Build:      build(),
		Configured: configured,
		Now:        time.Now,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s, %d waiting for a place; %s, %d of them linked; in %s\n",
		ledger.Several(made.Entries, "entry"), made.Waiting, ledger.Several(made.Objects, "object"), made.Linked, dir)
	if made.Destroyed > 0 {
		fmt.Fprintf(env.stdout, "destroyed by two people meanwhile: %s\n", ledger.Several(made.Destroyed, "version"))
	}
	if made.Missing > 0 {
		return &failure{exitContradiction, fmt.Errorf("the store does not hold %s whole; \"chanceryd backup "+
			"verify\" says which", ledger.Several(made.Missing, "object"))}
	}
	return nil
}

// digests are those of the files that the gateway is run with: which of them belong to a backup. Keys are too long to
// be guessed from a digest.
func digests(s setting, path string) (map[string]string, error) {
	files := map[string]string{"arrangement": s.Arrangement, "keys.log_key.pub": s.Keys.LogKey + publicSuffix}
	if path != "" {
		files["configuration"] = path
	}
	keysets, err := filepath.Glob(filepath.Join(s.Keys.Keysets, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range keysets {
		files["keys.keysets/"+filepath.Base(file)] = file
	}
	out := map[string]string{}
	for name, file := range files {
		text, err := readBounded(file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		out[name] = hex.EncodeToString(sum[:])
	}
	return out, nil
}

// held is what a backup is held against.
type held struct {
	keys, kept []string
	living     string
}

func backupVerifyCommand(env environment) *cobra.Command {
	var against held
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Prove, offline, that a backup is whole and not older than what was signed",
		Long: "verify needs neither network nor database, configuration or keysets. It proves that the manifest is " +
			"signed by\n" +
			"the log's key, that the entries hash to the signed tree, that each version which the log says lives is " +
			"there as it\n" +
			"was copied, and that the log is or grew from each kept checkpoint. That the keysets open it, a restore " +
			"proves.\n\n" +
			"Exit code 0: all of it holds. 5: something does not, or no key was given. 1: it could not look.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return does(func(context.Context) error { return verifyBackup(args[0], against, env) })(cmd, nil)
		},
	}
	cmd.Flags().StringArrayVar(&against.keys, "key", nil, "the log's public key, in `FILE`, kept apart from the backup")
	cmd.Flags().StringArrayVar(&against.kept, "kept", nil,
		"a checkpoint that an auditor keeps, in `FILE`; may be given several times")
	cmd.Flags().StringVar(&against.living, "living", "",
		"write a table of the versions that can be opened into `FILE`: for their Disclosers, when a log is lost")
	return cmd
}

func verifyBackup(dir string, against held, env environment) error {
	o, err := against.options()
	if err != nil {
		return err
	}
	var table *csv.Writer
	if against.living != "" {
		f, err := os.OpenFile(against.living, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return plainPathError(err)
		}
		defer f.Close()
		table = csv.NewWriter(f)
		o.Living = tabulate(table)
	}
	found, err := backup.Verify(dir, o)
	if err != nil {
		return err
	}
	if table != nil {
		if table.Flush(); table.Error() != nil {
			return table.Error()
		}
	}
	fmt.Fprintf(env.stdout, "of %s, by build %s, schema %d\n", found.At.Format(time.RFC3339), found.Build, found.Schema)
	fmt.Fprintf(env.stdout, "%s, %d of them under the checkpoint, %d waiting; living: %s, %d of them here and whole\n",
		ledger.Several(found.Entries, "entry"), found.Size, found.Waiting, ledger.Several(found.Living, "version"),
		found.Held)
	for _, said := range found.Findings {
		fmt.Fprintln(env.stdout, "WRONG:", printable(said))
	}
	if len(found.Findings) > 0 {
		return &failure{exitContradiction, errors.New("this backup is not what it should be: keep it, and look for " +
			"another")}
	}
	fmt.Fprintln(env.stdout, "everything fits")
	return nil
}

// printable is a text without what would move a terminal: whoever altered a backup may have written it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

func (h held) options() (o backup.Options, err error) {
	for _, file := range h.keys {
		text, err := readBounded(file)
		if err != nil {
			return o, err
		}
		k, err := note.NewVerifier(strings.TrimSpace(string(text)))
		if err != nil {
			return o, fmt.Errorf("%s holds no public key: %w", file, err)
		}
		o.Keys = append(o.Keys, k)
	}
	for _, file := range h.kept {
		text, err := readBounded(file)
		if err != nil {
			return o, err
		}
		o.Kept = append(o.Kept, text)
	}
	return o, nil
}

// tabulate writes a line for each version that lives. Titles and file names are sealed, and stand nowhere in clear.
func tabulate(w *csv.Writer) func(backup.Living) error {
	first := true
	return func(l backup.Living) error {
		if first {
			first = false
			err := w.Write([]string{"discloser", "document", "version", "of", "entry", "size", "media type"})
			if err != nil {
				return err
			}
		}
		b := l.Entry
		return w.Write([]string{b.Terms.Discloser, b.Document, b.Terms.DocumentVersion, b.At.Format(time.RFC3339),
			b.ID, fmt.Sprint(b.Terms.Size), b.Terms.MediaType})
	}
}
