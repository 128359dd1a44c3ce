// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/record/store/sqlite"
)

func backupCommand() *cobra.Command {
	var dir, out, place string
	c := &cobra.Command{
		Use:   "backup --out FICHIER --dir DIR",
		Short: "Sauvegarder une instance en marche : journal et enregistrements, sans les clés",
		Long:  "Writes one tar file: rivage.toml, the journal as it stands at one moment, the recordings, and a manifest of their hashes. It goes to a declared place only, where all that it holds may rest; the manifest names it. The keys are not in it: whoever steals a backup can read nothing of it, and an erasure reaches it when its keys expire. Keep the keys folder apart, with the list of erasures.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usageError{errors.New("--out is missing: the file to write")}
			}
			return withInstance(cmd, dir, func(i *instance) error {
				m, err := i.backup(cmd.Context(), out, rivage.ID(place))
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "sauvegarde écrite dans %s : %s, %s fichiers. Les clés n'y sont pas : %s se garde à part.\n",
						out, entries(m.Size), number(int64(len(m.Files))), i.machine.path(i.machine.Keys))
				}
				return err
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&out, "out", "", "fichier à écrire")
	c.Flags().StringVar(&place, "place", "", "lieu de conservation déclaré (rest/) où le fichier va ; inutile quand il n'y en a qu'un de sauvegarde")
	return c
}

// The names in a backup.
const (
	backupManifest   = "manifest.json" // the last one: without it the backup is cut short
	backupJournal    = "journal.db"
	backupRecordings = "recordings"
)

// backupFiles is the manifest of a backup.
type backupFiles struct {
	Version  int               `json:"v"`
	Software string            `json:"software"`
	At       time.Time         `json:"at"`
	Size     uint64            `json:"size"` // entries of the journal
	Root     string            `json:"root"`
	Files    map[string]string `json:"files"` // SHA-256 by name, hex

	Place   rivage.ID      `json:"place,omitempty"` // where it was written to, as declared; "" before there was a client organisation
	Company rivage.ID      `json:"company,omitempty"`
	Country rivage.Country `json:"country,omitempty"`
}

// backup writes the file beside its name and moves it there once it is whole.
func (i *instance) backup(ctx context.Context, out string, place rivage.ID) (m *backupFiles, err error) {
	if i.machine.Database != "" {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "the journal of this instance is in PostgreSQL: back it up with pg_dump, or pgBackRest, " +
			"and copy the folder " + i.machine.data(soundFolder) + " after it; the keys folder apart"}
	}
	at, err := i.backupPlace(ctx, out, place)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(out+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write backup: %w", err)
	}
	w := &backupWriter{tar: tar.NewWriter(f), m: &backupFiles{Version: 1, Software: version, At: i.clock.Now(), Files: map[string]string{}, Place: at.rest, Company: at.Company, Country: at.Country}}
	err = w.instance(ctx, i, out+".journal")
	err = errors.Join(err, w.tar.Close(), f.Sync(), f.Close())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write backup: %w", err), os.Remove(out+".new"))
	}
	return w.m, os.Rename(out+".new", out)
}

// backupWriter writes one backup.
type backupWriter struct {
	tar *tar.Writer
	m   *backupFiles
}

// instance writes the journal first: every recording it says to be whole then follows, unless it was erased since.
// The snapshot lies beside the backup: what is left of a run that was killed is where backups are looked after.
func (w *backupWriter) instance(ctx context.Context, i *instance, snapshot string) error {
	if err := os.RemoveAll(snapshot); err != nil { // of a run that was killed
		return err
	}
	defer os.Remove(snapshot)
	if err := sqlite.Copy(ctx, i.machine.data(journalFile), snapshot); err != nil {
		return err
	}
	if err := w.head(ctx, snapshot); err != nil {
		return err
	}
	for name, path := range map[string]string{
		machineFile: filepath.Join(i.machine.dir, machineFile), checkFile: i.machine.data(checkFile), backupJournal: snapshot,
	} {
		if err := w.file(name, path); err != nil {
			return err
		}
	}
	if err := w.recordings(ctx, i.machine.data(soundFolder)); err != nil {
		return err
	}
	text, err := json.MarshalIndent(w.m, "", "\t")
	if err != nil {
		return err
	}
	if err := w.tar.WriteHeader(&tar.Header{Name: backupManifest, Mode: 0o600, Size: int64(len(text)), ModTime: w.m.At}); err != nil {
		return err
	}
	_, err = w.tar.Write(text)
	return err
}

// head notes the tree that the snapshot holds.
func (w *backupWriter) head(ctx context.Context, snapshot string) error {
	s, err := sqlite.Open(snapshot)
	if err != nil {
		return err
	}
	head, err := s.Head(ctx)
	w.m.Size, w.m.Root = head.Size, head.Root.String()
	return errors.Join(err, s.Close())
}

func (w *backupWriter) recordings(ctx context.Context, dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		err = w.file(backupRecordings+"/"+filepath.ToSlash(rel), path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // erased while we walked
		}
		return err
	})
	return err
}

// file writes one file, as long as it was when it was opened: a recording may grow meanwhile.
func (w *backupWriter) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w.tar, h), f, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.m.Files[name] = fmt.Sprintf("%x", h.Sum(nil))
	return nil
}
