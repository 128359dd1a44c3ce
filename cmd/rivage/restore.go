// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/retention"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/verify"
)

// restoreOptions are the flags of restore.
type restoreOptions struct {
	keys, tiles string
	noErasures  bool
}

func restoreCommand() *cobra.Command {
	var o restoreOptions
	c := &cobra.Command{
		Use:   "restore FICHIER DIR --keys DOSSIER | restore DIR",
		Short: "Rétablir une sauvegarde dans un dossier vide, ou une instance dont la base fut remise ; ce qui fut effacé le reste",
		Long:  "Unpacks a backup into an empty folder, checks every file against its manifest, takes the keys from their own folder, destroys again what was erased since the backup (the list of erasures is kept with the keys), signs everybody out, and appends Restored. With the folder of an instance alone, does the same to it: for a database that was put back by its own tools. What was written after the backup is lost, and a checkpoint published later shows it to whoever holds one, unless the published log of that time is still there: --from-tiles brings its leaves back, so that the log goes on from it; their facts and texts stay lost. An instance's own published log needs no flag.",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.RangeArgs(1, 2)(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && o.keys != "" {
				return usageError{errors.New("--keys goes with a backup: an instance has its own keys")}
			}
			do := o.inPlace
			if len(args) == 2 {
				do = func(ctx context.Context, dir string) (string, error) { return o.run(ctx, args[0], dir) }
			}
			done, err := do(cmd.Context(), args[len(args)-1])
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), done)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&o.keys, "keys", "", "dossier des clés : kek, ledger.key, erasures")
	f.StringVar(&o.tiles, "from-tiles", "", "journal publié qui va plus loin que la sauvegarde : data/published de l'instance perdue, ou sa copie")
	f.BoolVar(&o.noErasures, "no-erasures", false, "il n'existe pas de liste d'effacements : personne ne fut jamais effacé")
	return c
}

func (o *restoreOptions) run(ctx context.Context, file, dir string) (string, error) {
	if o.keys == "" {
		return "", usageError{errors.New("--keys is missing: the folder of the instance's keys, which no backup holds")}
	}
	erased, err := o.erasures()
	if err != nil {
		return "", err
	}
	if err := emptyFolder(dir); err != nil {
		return "", err
	}
	r := &restoration{erased: erased, tiles: o.tiles}
	if err := o.restore(ctx, file, dir, r); err != nil {
		return "", errors.Join(err, clearFolder(dir)) // half an instance, with erasures not made again, is worse than none
	}
	return r.done(dir), nil
}

func (o *restoreOptions) restore(ctx context.Context, file, dir string, r *restoration) error {
	m, err := unpack(file, dir)
	if err != nil {
		return err
	}
	if err := o.copyKeys(m); err != nil {
		return err
	}
	if r.instance, err = openInstance(ctx, dir); err != nil {
		return err
	}
	if err := errors.Join(r.alone(ctx, r.run), r.Close()); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// inPlace makes an instance of a folder whose database was put back by other means.
func (o *restoreOptions) inPlace(ctx context.Context, dir string) (string, error) {
	i, err := openInstance(ctx, dir)
	if err != nil {
		return "", err
	}
	r := &restoration{instance: i, inPlace: true, tiles: o.tiles}
	if o.keys = i.machine.path(i.machine.Keys); r.tiles == "" {
		if own := i.machine.data(tilesFolder); exists(filepath.Join(own, verify.CheckpointFile)) {
			r.tiles = own
		}
	}
	if r.erased, err = o.erasures(); err == nil {
		err = r.alone(ctx, r.run)
	}
	if err := errors.Join(err, i.Close()); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	return r.done(dir), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// done says what was done.
func (r *restoration) done(dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rétabli dans %s : %s ; %s personnes effacées à nouveau, %s enregistrements détruits à la fin de leur conservation.\n",
		dir, entries(r.size), number(int64(r.persons)), number(int64(r.expired)))
	if r.lost > 0 {
		fmt.Fprintf(&b, "De %s écrites ensuite, seules les feuilles publiées sont revenues : leurs faits et leurs textes sont perdus.\n", entries(r.lost))
	}
	if r.strange > 0 {
		fmt.Fprintf(&b, "%s fichiers de son n'ont plus d'écriture : personne ne peut les entendre. Effacez ceux que rivage check nomme, sauf si une meilleure copie de la base peut revenir.\n", number(int64(r.strange)))
	}
	fmt.Fprintf(&b, "Contrôlez : rivage check --dir %s", dir)
	return b.String()
}

// erasures reads the list kept apart from the backups. Without one, an erasure could come undone: it must be said.
func (o *restoreOptions) erasures() ([]vault.Erasure, error) {
	list, err := vault.ReadErasures(filepath.Join(o.keys, erasureFile))
	if errors.Is(err, fs.ErrNotExist) {
		if o.noErasures {
			return nil, nil
		}
		return nil, &rivage.Error{Code: rivage.Invalid, Message: filepath.Join(o.keys, erasureFile) +
			": the list of erasures is missing: without it, who was erased since the backup would come back; put it there, or say --no-erasures if nobody ever was"}
	}
	return list, err
}

func emptyFolder(dir string) error {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(dir, 0o700)
	case err != nil:
		return fmt.Errorf("restore: %w", err)
	case len(list) > 0:
		return &rivage.Error{Code: rivage.Conflict, Message: dir + " is not empty: restore into a new folder"}
	}
	return nil
}

// clearFolder takes away what a failed restore left in a folder that was empty.
func clearFolder(dir string) error {
	list, err := os.ReadDir(dir)
	for _, e := range list {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// copyKeys brings the keys to where rivage.toml says.
func (o *restoreOptions) copyKeys(m *machine) error {
	target := m.path(m.Keys)
	if same, err := filepath.Abs(o.keys); err == nil && same == target {
		return nil
	}
	if err := os.MkdirAll(target, 0o700); err != nil {
		return fmt.Errorf("restore keys: %w", err)
	}
	list, err := os.ReadDir(o.keys)
	if err != nil {
		return fmt.Errorf("restore keys: %w", err)
	}
	for _, e := range list {
		if !e.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(o.keys, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(target, e.Name()), text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("restore keys: %w", err)
		}
	}
	return nil
}

// restoration makes an unpacked backup, or a database that was put back, an instance again.
type restoration struct {
	*instance
	erased  []vault.Erasure
	tiles   string // folder of a published log that may go further; "" for none
	inPlace bool

	size    uint64 // of the journal as it came back
	lost    uint64 // leaves that came back without facts
	last    rivage.Seq
	persons int
	expired int
	strange int // files of sound that no entry speaks of
}

func (r *restoration) run(ctx context.Context) error {
	if err := r.restored(ctx); err != nil {
		return err
	}
	if err := r.eraseAgain(ctx); err != nil {
		return err
	}
	// A session revoked since the backup would be back.
	if err := r.store.ExpireSessions(ctx, rivage.Micros(1<<62)); err != nil {
		return err
	}
	if err := r.listAgain(r.last); err != nil {
		return err
	}
	if err := r.retentions(ctx); err != nil {
		return err
	}
	if err := r.clearRecordings(ctx); err != nil {
		return err
	}
	p, err := r.publisher()
	if err != nil {
		return err
	}
	_, err = p.Publish(ctx)
	return err
}

// retentions ends those that have passed: what was destroyed since the backup is back, and what would have been meanwhile is
// due. The backup itself stays, should the date be wrong; in place a date that is doubted waits for serve.
func (r *restoration) retentions(ctx context.Context) (err error) {
	if !r.inPlace {
		if err := (recordings{r.store}).Believe(ctx, r.clock.Now()); err != nil {
			return err
		}
	}
	r.expired, err = r.retention(newJournal(r.vault, r.store)).Sweep(ctx)
	if r.inPlace && errors.Is(err, retention.ErrDoubted) {
		return nil
	}
	return err
}

// restored takes the leaves back that were published and are not here, then writes down what was found.
func (r *restoration) restored(ctx context.Context) error {
	last, err := r.store.Published(ctx)
	if err != nil {
		return err
	}
	published := last.Size
	if r.size, err = r.intact(ctx); err != nil {
		return err
	}
	if r.tiles != "" {
		if published, err = r.pull(ctx); err != nil {
			return err
		}
	}
	r.lost = r.store.Size() - r.size
	receipt, err := newJournal(r.vault, r.store).Append(ctx, rivage.Append{Entries: []rivage.Entry{{
		Stream: "system", Principal: rivage.Organisation, At: r.clock.Now(),
		Facts: &rivage.Restored{Head: int64(r.size), Published: int64(published)},
		Leaf:  rivage.Leaf{Role: "operator", Outcome: "restored"},
	}}})
	r.last = receipt.Last
	return err
}

// eraseAgain erases whom the list names and the backup still knows. The whole list is gone through, whatever its
// sequence numbers: those of a log that was restored before are of another time.
func (r *restoration) eraseAgain(ctx context.Context) error {
	known := map[rivage.ID]bool{}
	for _, x := range r.erased {
		for _, s := range x.Subjects {
			_, err := r.store.SubjectKey(ctx, s)
			switch {
			case err == nil:
				known[s] = true
			case rivage.CodeOf(err) != rivage.NotFound:
				return err
			}
		}
	}
	if len(known) == 0 {
		return nil
	}
	persons, organisations, err := r.personsOf(ctx, known)
	if err != nil {
		return err
	}
	j := newJournal(r.vault, r.store)
	if err := r.erasePersons(ctx, j, persons); err != nil {
		return err
	}
	return r.eraseOrganisations(ctx, j, organisations) // after those who were erased with theirs
}

func (r *restoration) erasePersons(ctx context.Context, j *journal, persons map[rivage.ID]*forgotten) error {
	for id, p := range persons {
		receipt, err := j.Append(ctx, rivage.Append{Erase: p.subjects, Entries: []rivage.Entry{{
			Stream: rivage.StreamOf("person", id), Principal: p.principal, At: r.clock.Now(),
			Facts: &rivage.PersonErased{Person: id, Subjects: p.subjects},
			Leaf:  rivage.Leaf{Role: "operator", Mode: rivage.ModeAdmin, Purpose: rivage.PurposeAdmin, Outcome: "done"},
		}}})
		if err != nil {
			return err
		}
		r.persons, r.last = r.persons+1, receipt.Last
	}
	return nil
}

// eraseOrganisations takes customer organisations away again. Whoever the backup has in one left it since.
func (r *restoration) eraseOrganisations(ctx context.Context, j *journal, organisations map[rivage.ID]*forgotten) error {
	for id, o := range organisations {
		members, err := r.members(ctx, id)
		if err != nil {
			return err
		}
		left := map[rivage.ID]*rivage.PersonLeft{}
		for _, b := range members {
			if left[b.Stands] == nil {
				left[b.Stands] = &rivage.PersonLeft{Person: b.Stands, Organisation: id}
			}
			if b.Person != b.Stands {
				left[b.Stands].Others = append(left[b.Stands].Others, b.Person)
			}
		}
		a := rivage.Append{Erase: o.subjects}
		entry := func(s rivage.Stream, f rivage.Facts) {
			a.Entries = append(a.Entries, rivage.Entry{Stream: s, Principal: o.principal, At: r.clock.Now(), Facts: f,
				Leaf: rivage.Leaf{Role: "operator", Mode: rivage.ModeAdmin, Purpose: rivage.PurposeAdmin, Outcome: "done"}})
		}
		for person, f := range left {
			entry(rivage.StreamOf("person", person), f)
		}
		entry(rivage.StreamOf("organisation", id), &rivage.OrganisationErased{Organisation: id, Subject: o.subjects[0]})
		receipt, err := j.Append(ctx, a)
		if err != nil {
			return err
		}
		r.last = receipt.Last
	}
	return nil
}

// members are all who belong to a customer organisation.
func (r *restoration) members(ctx context.Context, organisation rivage.ID) (all []store.Belonging, err error) {
	for after := rivage.ID(""); ; after = all[len(all)-1].Person {
		page, err := r.store.Belonging(ctx, organisation, after, 0)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
	}
}

// forgotten is a person, or a customer organisation, with the subjects that an erasure took.
type forgotten struct {
	principal rivage.ID
	subjects  []rivage.ID
}

// personsOf finds the persons and customer organisations of subjects, in the entries that made them: whom a subject was made
// for, whatever that person was merged into since.
func (r *restoration) personsOf(ctx context.Context, subjects map[rivage.ID]bool) (persons, organisations map[rivage.ID]*forgotten, err error) {
	persons, organisations = map[rivage.ID]*forgotten{}, map[rivage.ID]*forgotten{}
	found := map[rivage.ID]bool{}
	take := func(of map[rivage.ID]*forgotten, principal, id, subject rivage.ID) {
		if !subjects[subject] || found[subject] {
			return
		}
		if of[id] == nil {
			of[id] = &forgotten{principal: principal}
		}
		of[id].subjects, found[subject] = append(of[id].subjects, subject), true
	}
	for from := rivage.Seq(0); ; {
		page, err := r.store.Entries(ctx, from, feedBatch)
		if err != nil {
			return nil, nil, err
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			switch f := e.Facts.(type) {
			case *rivage.InteractionOpened:
				take(persons, e.Principal, f.Person, f.Subject)
			case *rivage.PersonKept:
				take(persons, e.Principal, f.Person, f.Subject)
			case *rivage.OrganisationKept:
				take(organisations, e.Principal, f.Organisation, f.Subject)
			}
		}
		from = page[len(page)-1].Seq + 1
	}
	if len(found) < len(subjects) {
		return nil, nil, fmt.Errorf("the list of erasures names %d subjects that have a key and belong to nobody; run rivage check on the backup's origin",
			len(subjects)-len(found))
	}
	return persons, organisations, nil
}

// listAgain writes the list of erasures for the restored journal: lines of before the backup stay, all others become one,
// under the last entry, so that what is erased from now on comes after it.
func (r *restoration) listAgain(last rivage.Seq) error {
	if len(r.erased) == 0 {
		return nil
	}
	path := r.machine.key(erasureFile)
	if err := os.RemoveAll(path + ".new"); err != nil {
		return err
	}
	list, err := vault.OpenErasures(path + ".new")
	if err != nil {
		return err
	}
	after := vault.Erasure{Seq: last}
	for _, x := range r.erased {
		if x.Seq < r.size {
			err = errors.Join(err, list.Add(x))
			continue
		}
		after.Subjects = append(after.Subjects, x.Subjects...)
	}
	if slices.Sort(after.Subjects); len(after.Subjects) > 0 {
		after.Subjects = slices.Compact(after.Subjects)
		err = errors.Join(err, list.Add(after))
	}
	if err := errors.Join(err, list.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// clearRecordings removes the files that no living row speaks of: erased again, past their retention, or begun after the
// journal was copied. In place these last are kept: somebody may still find a better copy of the database.
func (r *restoration) clearRecordings(ctx context.Context) (err error) {
	dir := r.machine.data(soundFolder)
	files, err := vault.OpenRecordings(r.vault, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close(ctx)) }()
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		object := rivage.ID(d.Name())
		row, err := r.store.Object(ctx, everyone, object)
		if err != nil && rivage.CodeOf(err) != rivage.NotFound {
			return err
		}
		switch {
		case row.State == "open" || row.Kept():
			return nil
		case row.ID == "" && r.inPlace:
			r.strange++
			return nil
		}
		return files.Destroy(object)
	})
}
