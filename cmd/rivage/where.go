// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/record/store/postgres"
)

func whereCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "where --dir DIR",
		Short: "Lister chaque copie : lieu, société, maison mère, exposition, preuve, âge et classes ; sort en 1 si un lieu n'est pas déclaré",
		Long:  "Lists what rests somewhere: database, keys, recordings, published leaves, backups that are seen in the folders of their declared places, replicas that follow a PostgreSQL database now, and exports, from the journal. A place is the organisation's word (declared): nothing on this machine proves where it stands. What nobody declared is said to be so, and the exit status is 1. A copy that somebody made by other means is not known here.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPolicy(cmd, dir, func(i *instance, s *rivage.Settings, gate *policy.Gate) error {
				list, err := i.copies(cmd.Context(), s, gate)
				if err != nil {
					return err
				}
				return printCopies(cmd.OutOrStdout(), s, list, i.clock.Now())
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

// restingCopy is something that rests somewhere.
type restingCopy struct {
	what    string // in French
	at      string // path, host or name
	place   rivage.Place
	last    time.Time // last write, zero when not known
	classes []string
	refused []string // of classes, those that may not rest there
	unseen  bool     // declared, and no copy is seen from here
}

// declared says whether somebody answers for the place.
func (c *restingCopy) declared() bool {
	return c.place.Evidence == rivage.Declared || c.place.Evidence == rivage.Attested
}

// copies finds everything that is known to rest somewhere.
func (i *instance) copies(ctx context.Context, s *rivage.Settings, gate *policy.Gate) ([]restingCopy, error) {
	database := restingCopy{at: relative(i, i.machine.data(journalFile))}
	if i.machine.Database != "" {
		database.at = "PostgreSQL, " + cmp.Or(postgres.Host(i.machine.Database), "?")
	} else {
		database.last = lastWrite(i.machine.data(journalFile), i.machine.data(journalFile)+"-wal")
	}
	keys, sound, leaves := i.machine.path(i.machine.Keys), i.machine.data(soundFolder), i.machine.data(tilesFolder)
	list := []restingCopy{
		i.copy(s, gate, rivage.RestDatabase, database),
		i.copy(s, gate, rivage.RestVault, restingCopy{at: relative(i, keys), last: lastWrite(keys)}),
	}
	if last := lastWrite(sound); !last.IsZero() || s.Resting(rivage.RestRecordings) != nil {
		list = append(list, i.copy(s, gate, rivage.RestRecordings, restingCopy{at: relative(i, sound), last: last, unseen: last.IsZero()}))
	}
	if last := lastWrite(leaves); !last.IsZero() { // in the data folder, with what else is there
		beside := s.Resting(rivage.RestRecordings)
		if i.machine.Database == "" {
			beside = s.Resting(rivage.RestDatabase)
		}
		list = append(list, restingCopy{what: "feuilles publiées", at: relative(i, leaves), place: s.PlaceOf(beside), last: last})
	}
	backups, err := i.backups(s, gate)
	if err != nil {
		return nil, err
	}
	replicas, err := i.replicas(ctx, s, gate)
	if err != nil {
		return nil, err
	}
	exports, err := i.exports(ctx, s)
	return slices.Concat(list, backups, replicas, exports), err
}

// copy fills in what a declaration of a kind says.
func (i *instance) copy(s *rivage.Settings, gate *policy.Gate, what string, c restingCopy) restingCopy {
	return i.declare(s, gate, what, s.Resting(what), c)
}

func (i *instance) declare(s *rivage.Settings, gate *policy.Gate, what string, r *rivage.Rest, c restingCopy) restingCopy {
	c.what, c.place, c.classes = config.RestName(what), s.PlaceOf(r), classesIn(s, what)
	if r != nil {
		for _, f := range gate.RestsAt(s, r, i.clock.Now()) {
			c.refused = append(c.refused, string(f.Held.Principal)+"/"+string(f.Held.Class))
		}
	}
	return c
}

// backups are those in the folders of their declared places, each by its manifest.
func (i *instance) backups(s *rivage.Settings, gate *policy.Gate) ([]restingCopy, error) {
	var list []restingCopy
	for _, id := range idsOf(s, rivage.RestBackup) {
		r := s.Rests[id]
		var files []string
		if r.At != "" {
			var err error
			if files, err = filepath.Glob(filepath.Join(i.machine.path(r.At), "*.tar")); err != nil {
				return nil, fmt.Errorf("look for backups: %w", err)
			}
		}
		for _, file := range files {
			c := i.declare(s, gate, rivage.RestBackup, r, restingCopy{at: relative(i, file)})
			m, err := readManifest(file)
			if err != nil {
				c.at += " (illisible)"
			} else {
				c.last = m.At
			}
			list = append(list, c)
		}
		if len(files) == 0 {
			list = append(list, i.declare(s, gate, rivage.RestBackup, r, restingCopy{at: cmp.Or(r.At, r.Name), unseen: true}))
		}
	}
	return list, nil
}

// replicas are those that follow the database now, by their names, then those that are declared and do not.
func (i *instance) replicas(ctx context.Context, s *rivage.Settings, gate *policy.Gate) ([]restingCopy, error) {
	var list []restingCopy
	declared := idsOf(s, rivage.RestReplica)
	if i.machine.Database != "" {
		now, err := postgres.Replicas(ctx, i.machine.Database)
		if err != nil {
			return nil, err
		}
		for _, r := range now {
			at := strings.TrimSpace(r.Name + " " + r.Address)
			k := slices.IndexFunc(declared, func(id rivage.ID) bool { return s.Rests[id].At == r.Name })
			if k < 0 {
				list = append(list, i.declare(s, gate, rivage.RestReplica, nil, restingCopy{at: at, last: i.clock.Now()}))
				continue
			}
			list = append(list, i.declare(s, gate, rivage.RestReplica, s.Rests[declared[k]], restingCopy{at: at, last: i.clock.Now()}))
			declared = slices.Delete(declared, k, k+1)
		}
	}
	for _, id := range declared {
		list = append(list, i.declare(s, gate, rivage.RestReplica, s.Rests[id], restingCopy{at: s.Rests[id].At, unseen: true}))
	}
	return list, nil
}

// exports are the files that left, from the journal: whether they are still there is not known.
func (i *instance) exports(ctx context.Context, s *rivage.Settings) ([]restingCopy, error) {
	head, err := i.store.Head(ctx)
	if err != nil {
		return nil, err
	}
	var list []restingCopy
	err = eachEntry(ctx, i.store, rivage.Seq(head.Size), func(e *rivage.Stored) error {
		f, ok := e.Facts.(*rivage.Exported)
		if !ok {
			return nil
		}
		c := restingCopy{what: "export", at: f.What + ", " + string(e.Principal), place: rivage.Place{Evidence: rivage.Unknown}, last: e.At.Time()}
		if leaf, err := rivage.ParseLeaf(e.LeafText); err == nil {
			c.place = placeOf(s, leaf.Site, leaf.Evidence)
			c.classes = textsOf(classesOf(s, e.Principal, f.What != "export" && f.What != "proof"))
		}
		list = append(list, c)
		return nil
	})
	return list, err
}

// printCopies writes the list; the error is for what nobody declared.
func printCopies(out io.Writer, s *rivage.Settings, list []restingCopy, now time.Time) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "copie\toù\tsociété\tmère ultime\tpays\texposition\tpreuve\tâge\tclasses")
	undeclared := 0
	for _, c := range list {
		company, parent, laws := "–", "–", "–"
		if of := s.Companies[c.place.Company]; of != nil {
			company, parent, laws = of.Name, cmp.Or(of.Parent, "elle-même"), strings.Join(textsOf(policy.ExposuresOf(of)), " ")
			if of.ParentCountry != "" {
				parent += " (" + string(of.ParentCountry) + ")"
			}
		}
		evidence := "déclaré"
		if !c.declared() {
			evidence, undeclared = "non déclaré", undeclared+1
		}
		classes := cmp.Or(strings.Join(c.classes, " "), "–")
		if len(c.refused) > 0 {
			classes += " ; NE DOIT PAS Y REPOSER : " + strings.Join(c.refused, " ")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.what, c.at, company, parent,
			orNone(string(c.place.Country)), laws, evidence, ageOf(c, now), classes)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "« déclaré » est la parole de l'organisation ; rien ici ne le prouve. Une copie faite par d'autres moyens n'est pas connue.")
	if undeclared > 0 {
		return &rivage.Error{Code: rivage.Denied, Message: fmt.Sprintf("where: %d places of rest are not declared: declare them under rest/, or move what is there", undeclared)}
	}
	return nil
}

// ageOf is the age of the last write, in whole days.
func ageOf(c restingCopy, now time.Time) string {
	switch {
	case c.unseen:
		return "aucune copie vue d'ici"
	case c.last.IsZero():
		return "inconnu"
	}
	return fmt.Sprintf("%d j", int(max(now.Sub(c.last), 0).Hours()/24))
}

func idsOf(s *rivage.Settings, what string) []rivage.ID {
	var list []rivage.ID
	for id, r := range s.Rests {
		if r.What == what {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

// relative is a path as rivage.toml would write it.
func relative(i *instance, path string) string {
	if rel, err := filepath.Rel(i.machine.dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}

// lastWrite is the newest of what is written at some paths, zero when nothing is.
func lastWrite(paths ...string) (last time.Time) {
	for _, root := range paths {
		_ = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return fs.SkipDir
			}
			if info, err := d.Info(); err == nil && !d.IsDir() && info.ModTime().After(last) {
				last = info.ModTime()
			}
			return nil
		})
	}
	return last
}
