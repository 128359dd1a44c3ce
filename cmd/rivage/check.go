// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/record/ledger"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/verify"
)

func checkCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "check --dir DIR",
		Short: "Contrôler une instance : journal, tables, corps scellés, enregistrements, publication",
		Long:  "Folds the journal into empty tables and compares them with the live ones; recomputes every hash up to the root; opens every sealed body, cell and secret; compares the sound of every prompt that was set or played with its hash; compares recordings with the hashes in the journal and opens every second of them; verifies what was published. Names what differs and exits 1.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, dir, func(i *instance) error {
				c := &check{instance: i, ended: map[rivage.ID]ended{}, sounds: map[string]sound{}}
				if err := c.all(cmd.Context()); err != nil {
					return err
				}
				return c.report(cmd, asJSON)
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "résultat en JSON")
	return c
}

// check is one run of rivage check.
type check struct {
	*instance
	found struct {
		Entries    int64    `json:"entries"`
		Dropped    int64    `json:"dropped"`
		Lost       int64    `json:"lost"` // only the leaf came back, from the tiles
		Rows       int64    `json:"rows"`
		Bodies     int64    `json:"bodies"`
		Cells      int64    `json:"cells"`
		Erased     int64    `json:"erased"`
		Secrets    int64    `json:"secrets"`
		Prompts    int64    `json:"prompts"` // sounds, old versions too
		Recordings int64    `json:"recordings"`
		Overdue    int64    `json:"overdue"` // of them, past their retention
		Published  uint64   `json:"published"`
		Faults     []string `json:"faults"`
	}
	ended  map[rivage.ID]ended
	sounds map[string]sound // by SHA-256, hex
}

// sound is what callers hear, and the first entry that names it.
type sound struct {
	seq    rivage.Seq
	prompt rivage.ID
}

// ended is what an entry says of a recording that was kept.
type ended struct {
	seq    rivage.Seq
	cipher string
}

// maxFaults is how many faults are named.
const maxFaults = 50

func (c *check) fault(format string, args ...any) {
	if len(c.found.Faults) < maxFaults {
		c.found.Faults = append(c.found.Faults, fmt.Sprintf(format, args...))
	}
}

func (c *check) all(ctx context.Context) error {
	if err := c.journal(ctx); err != nil {
		return err
	}
	if len(c.found.Faults) > 0 {
		return nil // what follows reads the journal through its rows
	}
	for _, part := range []func(context.Context) error{c.sealed, c.secrets, c.prompts, c.recordings, c.published} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// journal checks entries and rows.
func (c *check) journal(ctx context.Context) error {
	r, err := c.store.Check(ctx, nil) // bodies are opened by sealed, which knows their streams
	if err != nil {
		return err
	}
	c.found.Entries, c.found.Dropped, c.found.Lost, c.found.Rows, c.found.Erased = r.Entries, r.Dropped, r.Lost, r.Rows, r.Erased
	for _, f := range r.Faults {
		c.fault("%s", f)
	}
	return nil
}

// sealed opens bodies and cells, and notes which recordings were kept and which sounds are named.
func (c *check) sealed(ctx context.Context) error {
	for from := rivage.Seq(0); ; {
		page, err := c.store.Entries(ctx, from, feedBatch)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := c.entry(ctx, &page[i]); err != nil {
				return err
			}
		}
		from = page[len(page)-1].Seq + 1
	}
}

func (c *check) entry(ctx context.Context, s *rivage.Stored) error {
	if f, ok := s.Facts.(*rivage.RecordingEnded); ok && (f.Outcome == "complete" || f.Outcome == "interrupted") {
		c.ended[f.Object] = ended{s.Seq, f.Cipher}
	}
	c.names(s)
	var leaf rivage.Leaf
	if s.LeafText != nil {
		var err error
		if leaf, err = rivage.ParseLeaf(s.LeafText); err != nil {
			c.fault("entry %d: %v", s.Seq, err)
			return nil
		}
	}
	// Cells come with a body, or are the names of an account.
	if s.LeafText == nil || leaf.Commit != (rivage.Hash{}) {
		if err := c.body(ctx, s, leaf.Commit); err != nil {
			return err
		}
	} else if s.Kind != rivage.KindSettingSet {
		return nil
	}
	return c.cells(ctx, s.Seq)
}

func (c *check) body(ctx context.Context, s *rivage.Stored, commit rivage.Hash) error {
	subject, sealed, err := c.store.Body(ctx, s.Seq)
	if rivage.CodeOf(err) == rivage.NotFound {
		return nil // erased, or store.Check has named it
	}
	if err != nil {
		return err
	}
	body, err := c.vault.OpenBody(ctx, subject, s.Stream, sealed)
	switch {
	case c.erasedMeanwhile(ctx, subject):
	case err != nil:
		c.fault("body %d: %v", s.Seq, err)
	case commit != rivage.Hash{} && body.Commit() != commit:
		c.fault("body %d: it is not what its leaf commits to", s.Seq)
	default:
		c.found.Bodies++
	}
	return nil
}

// erasedMeanwhile says whether a subject of a running instance was erased since the journal was checked.
func (c *check) erasedMeanwhile(ctx context.Context, subject rivage.ID) bool {
	_, err := c.store.SubjectKey(ctx, subject)
	return rivage.CodeOf(err) == rivage.NotFound
}

func (c *check) cells(ctx context.Context, seq rivage.Seq) error {
	subject, cells, err := c.store.Cells(ctx, seq)
	if err != nil {
		return err
	}
	for _, cell := range cells {
		if _, err := c.vault.OpenCell(ctx, subject, cell.Name, cell.Value); err == nil {
			c.found.Cells++
		} else if !c.erasedMeanwhile(ctx, subject) {
			c.fault("cell %d %s: %v", seq, cell.Name, err)
		}
	}
	return nil
}

func (c *check) secrets(ctx context.Context) error {
	names, err := c.store.Secrets(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := c.vault.Secrets(c.store).Secret(ctx, name); err != nil {
			c.fault("secret %s: %v", name, err)
		}
		c.found.Secrets++
	}
	return nil
}

// names notes the sound that an entry names: what was set, and what callers heard.
func (c *check) names(s *rivage.Stored) {
	var audio string
	var prompt rivage.ID
	switch f := s.Facts.(type) {
	case *rivage.SettingSet:
		var p rivage.Prompt
		if f.Type != rivage.TypePrompt || json.Unmarshal(f.Doc, &p) != nil {
			return // a document that cannot be read is named by who reads settings
		}
		audio, prompt = p.Audio, f.ID
	case *rivage.PromptPlayed:
		audio, prompt = f.Audio, f.Prompt
	case *rivage.DisclosurePlayed:
		audio, prompt = f.Audio, f.Prompt
	}
	if _, known := c.sounds[audio]; audio != "" && !known {
		c.sounds[audio] = sound{s.Seq, prompt}
	}
}

// prompts compares the sounds that entries name with their names: a caller heard them, or is about to.
func (c *check) prompts(ctx context.Context) error {
	for _, audio := range slices.Sorted(maps.Keys(c.sounds)) {
		s := c.sounds[audio]
		hash, err := rivage.ParseHash(audio)
		if err != nil {
			c.fault("prompt %s: entry %d names a sound that is no hash", s.prompt, s.seq)
			continue
		}
		_, err = c.store.Blob(ctx, hash)
		switch {
		case rivage.CodeOf(err) == rivage.NotFound:
			c.fault("prompt %s: its sound %s, which entry %d names, is missing", s.prompt, audio, s.seq)
		case errors.Is(err, store.ErrAltered):
			c.fault("prompt %s: its sound %s, which entry %d names, was altered", s.prompt, audio, s.seq)
		case err != nil:
			return err
		default:
			c.found.Prompts++
		}
	}
	return nil
}

// recordings compares the files with what the journal says of them, and opens every second.
func (c *check) recordings(ctx context.Context) error {
	dir := c.machine.data(soundFolder)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && len(c.ended) == 0 {
		return nil
	}
	open, err := vault.OpenRecordings(c.vault, dir)
	if err != nil {
		return err
	}
	seen := map[rivage.ID]bool{}
	err = verify.Recordings(os.DirFS(dir), func(r verify.Recording, damage error) error {
		seen[r.Object] = true
		if damage != nil {
			c.fault("recording %s: %v", r.Object, errors.Unwrap(damage))
			return nil
		}
		return c.recording(ctx, open, r)
	})
	return errors.Join(err, c.missing(ctx, seen), open.Close(ctx))
}

// missing names recordings that the journal keeps and the disk does not. One that ended before anything was captured has
// no hash, and never had a file.
func (c *check) missing(ctx context.Context, seen map[rivage.ID]bool) error {
	for id, e := range c.ended {
		if seen[id] || e.cipher == "" {
			continue
		}
		row, err := c.store.Object(ctx, everyone, id)
		if err != nil {
			return err
		}
		if row.Kept() {
			c.fault("recording %s: its file is missing; entry %d holds its hash", id, e.seq)
		}
	}
	return nil
}

// everyone reads for all Principals: this verb is the operator's own.
var everyone = []rivage.ID{store.AllPrincipals}

func (c *check) recording(ctx context.Context, files *vault.Recordings, r verify.Recording) error {
	row, err := c.store.Object(ctx, everyone, r.Object)
	if rivage.CodeOf(err) == rivage.NotFound {
		c.fault("recording %s: no entry speaks of it", r.Object)
		return nil
	}
	if err != nil || row.State == "open" { // being captured
		return err
	}
	c.found.Recordings++
	if !row.Kept() {
		// Unless it went while this looked: the entry comes first, then the file goes.
		if _, err := files.Inspect(r.Object); rivage.CodeOf(err) != rivage.NotFound {
			c.fault("recording %s: it is %s, and its file is still there; a start of rivage serve removes it", r.Object, row.State)
		}
		return nil
	}
	if until := row.KeptUntil(); until > 0 && until <= rivage.At(c.clock.Now()) {
		c.found.Overdue++
	}
	if e := c.ended[r.Object]; e.cipher != r.Hash.String() {
		c.fault("recording %s: its file does not have the hash that entry %d holds", r.Object, e.seq)
		return nil
	}
	sound, err := files.Open(ctx, row.Subject, r.Object)
	if err != nil {
		if !c.erasedMeanwhile(ctx, row.Subject) {
			c.fault("recording %s: %v", r.Object, err)
		}
		return nil
	}
	defer sound.Close()
	if err := sound.Verify(); err != nil {
		c.fault("recording %s: %v", r.Object, err)
	}
	return nil
}

// published compares the published log with the journal, and verifies its files.
func (c *check) published(ctx context.Context) error {
	p, err := c.publisher()
	if err != nil {
		return err
	}
	s, err := p.Compare(ctx)
	if err != nil {
		c.fault("published log: %v", err)
		return nil
	}
	switch {
	case s.Standing == ledger.Unpublished:
		return nil
	case s.Standing == ledger.Behind || s.Standing == ledger.Forked:
		c.fault("published log: the journal is %s: it has %d entries, %d were published", s.Standing, s.Head.Size, s.Published.Size)
		return nil
	case s.Damage != nil:
		c.fault("published log: %v", s.Damage)
		return nil
	}
	key, err := c.verifierKey()
	if err != nil {
		return err
	}
	r, err := verify.Folder(os.DirFS(c.machine.data(tilesFolder)), key)
	if err != nil {
		c.fault("published log: %v", err)
		return nil
	}
	c.found.Published = r.Size
	return nil
}

// report prints what was found; a fault is an error.
func (c *check) report(cmd *cobra.Command, asJSON bool) error {
	f, out := &c.found, cmd.OutOrStdout()
	var err error
	if n := len(f.Faults); n > 0 {
		err = fmt.Errorf("check: %d faults found", n)
		if n == 1 {
			err = errors.New("check: 1 fault found")
		}
	}
	if asJSON {
		return errors.Join(json.NewEncoder(out).Encode(f), err)
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "journal\t%s", entries(uint64(f.Entries)))
	if f.Dropped > 0 {
		fmt.Fprintf(t, " ; %s dont seule l'empreinte reste", number(f.Dropped))
	}
	if f.Lost > 0 {
		fmt.Fprintf(t, " ; %s dont seule la feuille est revenue des tuiles, faits et textes perdus", number(f.Lost))
	}
	fmt.Fprintf(t, "\ntables\t%s lignes comparées à celles que le journal refait\n", number(f.Rows))
	fmt.Fprintf(t, "scellés\t%s corps, %s cellules, %s secrets ouverts ; %s corps effacés\n", number(f.Bodies), number(f.Cells), number(f.Secrets), number(f.Erased))
	fmt.Fprintf(t, "annonces\t%s sons comparés à leur empreinte\n", number(f.Prompts))
	fmt.Fprintf(t, "enregistrements\t%s comparés à leur empreinte et ouverts", number(f.Recordings))
	if f.Overdue > 0 {
		fmt.Fprintf(t, " ; %s à détruire, leur conservation est finie (rivage serve le fait)", number(f.Overdue))
	}
	fmt.Fprintln(t)
	fmt.Fprintf(t, "publication\t%s vérifiées\n", entries(f.Published))
	_ = t.Flush() // a closed output has nobody to tell
	for _, what := range f.Faults {
		fmt.Fprintln(out, "faute : "+what)
	}
	if err == nil {
		fmt.Fprintln(out, "contrôlé : tout concorde")
	}
	return err
}
