// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/verify"
	"rivage.example/rivage/wire/tlog"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	key, since string
	witnesses  []string
	json       bool
}

func verifyCommand() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify DOSSIER|FICHIER",
		Short: "Vérifier le journal publié d'une instance, un export ou une preuve, sans serveur ni clé secrète",
		Long:  "Checks the published log of an instance's folder, an export, or the proof of one entry. A log signed by its operator proves nothing against the operator, who may write all of it again and sign again: keep a checkpoint out of his hands and give it to --since.",
		Args:  exactly(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return o.run(cmd.OutOrStdout(), args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.key, "key", "", "clé publique du journal, ou fichier qui la contient (sinon : celle du dossier)")
	f.StringVar(&o.since, "since", "", "ancien point de contrôle, gardé ailleurs : le journal doit le continuer")
	f.StringArrayVar(&o.witnesses, "witness", nil, "clé publique d'un témoin dont la signature doit être juste si elle est là")
	f.BoolVar(&o.json, "json", false, "résultat en JSON")
	return c
}

// verdict is what verify found, as --json prints it.
type verdict struct {
	OK         bool              `json:"ok"`
	Log        *verify.Report    `json:"log,omitempty"`
	Recordings *recordingTally   `json:"recordings,omitempty"`
	Since      *verify.Continued `json:"since,omitempty"`
	Proof      *verify.Proved    `json:"proof,omitempty"`
	File       string            `json:"file,omitempty"` // of the fault
	First      *uint64           `json:"first,omitempty"`
	Last       *uint64           `json:"last,omitempty"`
	Error      string            `json:"error,omitempty"`
}

// recordingTally counts recordings that were looked at without a key.
type recordingTally struct {
	Complete    int64 `json:"complete"`
	Interrupted int64 `json:"interrupted"`
}

func (o *verifyOptions) run(out io.Writer, path string) error {
	if err := o.readKeys(); err != nil {
		return err
	}
	var v verdict
	err := o.verify(path, &v)
	v.OK = err == nil
	if o.json {
		v.name(err)
		return errors.Join(err, json.NewEncoder(out).Encode(v))
	}
	v.print(out, o, err)
	return err
}

// readKeys reads the keys that were given as files.
func (o *verifyOptions) readKeys() error {
	for _, k := range append([]*string{&o.key}, pointers(o.witnesses)...) {
		text, err := os.ReadFile(*k)
		if err == nil {
			*k = strings.TrimSpace(string(text))
		}
		if *k == "" {
			continue
		}
		if _, err := tlog.NewVerifier(*k); err != nil {
			return usageError{fmt.Errorf("%q is neither a file nor a verifier key such as name+1a2b3c4d+AbC…", *k)}
		}
	}
	return nil
}

func pointers(list []string) []*string {
	p := make([]*string, len(list))
	for i := range list {
		p[i] = &list[i]
	}
	return p
}

func (o *verifyOptions) verify(path string, v *verdict) error {
	info, err := os.Stat(path)
	if err != nil {
		return &rivage.Error{Code: rivage.Invalid, Message: path + ": no such file or folder"}
	}
	if !info.IsDir() {
		return o.proof(path, v)
	}
	log, sound, err := foldersOf(path)
	if err != nil {
		return err
	}
	r, err := verify.Folder(log, o.key, o.witnesses...)
	if err != nil {
		return err
	}
	v.Log = &r
	if sound != nil {
		if v.Recordings, err = tallyRecordings(sound); err != nil {
			return err
		}
	}
	if o.since == "" {
		return nil
	}
	old, err := os.ReadFile(o.since)
	if err != nil {
		return &rivage.Error{Code: rivage.Invalid, Message: "read the old checkpoint", Err: err}
	}
	c, err := verify.Since(log, old, o.key)
	if err == nil {
		v.Since = &c
	}
	return err
}

// foldersOf gives the published log of a folder, and the recordings when it is an instance's.
func foldersOf(path string) (log, sound fs.FS, err error) {
	if _, err := os.Stat(filepath.Join(path, machineFile)); err != nil {
		return os.DirFS(path), nil, nil
	}
	m, err := readMachine(path)
	if err != nil {
		return nil, nil, err
	}
	published := m.data(tilesFolder)
	if _, err := os.Stat(filepath.Join(published, verify.CheckpointFile)); err != nil {
		return nil, nil, &rivage.Error{Code: rivage.NotFound,
			Message: "this instance has published nothing yet; publish with: rivage checkpoint --dir " + path}
	}
	if _, err := os.Stat(m.data(soundFolder)); err != nil {
		return os.DirFS(published), nil, nil
	}
	return os.DirFS(published), os.DirFS(m.data(soundFolder)), nil
}

func tallyRecordings(sound fs.FS) (*recordingTally, error) {
	var t recordingTally
	err := verify.Recordings(sound, func(r verify.Recording, err error) error {
		if r.Complete {
			t.Complete++
		} else {
			t.Interrupted++
		}
		return err
	})
	return &t, inRecordings(err)
}

// inRecordings completes the path of a fault among recordings.
func inRecordings(err error) error {
	var f *verify.Fault
	if errors.As(err, &f) {
		f.File = soundFolder + "/" + f.File
	}
	return err
}

func (o *verifyOptions) proof(path string, v *verdict) error {
	if o.key == "" {
		return usageError{errors.New("a proof is checked with the log's key: give --key (the file vkey.txt of an export, or of the operator's site)")}
	}
	if o.since != "" {
		return usageError{errors.New("--since goes with a folder: a proof shows one entry")}
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read proof: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, int64(tlog.MaxProof)+1))
	if err != nil {
		return fmt.Errorf("read proof: %w", err)
	}
	p, err := verify.Proof(text, nil, o.key)
	if err == nil {
		v.Proof = &p
	}
	return err
}

// name puts a fault's file and entries where programs read them.
func (v *verdict) name(err error) {
	if err == nil {
		return
	}
	v.Error = err.Error()
	var f *verify.Fault
	if errors.As(err, &f) {
		if v.File = f.File; f.Entry {
			v.First, v.Last = &f.First, &f.Last
		}
	}
}

// print writes one line for each check that was passed, and the result.
func (v *verdict) print(out io.Writer, o *verifyOptions, err error) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if p := v.Proof; p != nil {
		fmt.Fprintf(t, "journal\t%s\npreuve\tl'écriture %d est dans le journal signé de %s, racine %s\nfeuille\t%s\n",
			p.Origin, p.Entry, entries(p.Size), p.Root, p.Text)
	}
	if v.Log != nil {
		v.printLog(t, o)
	}
	_ = t.Flush() // a closed output has nobody to tell
	var f *verify.Fault
	switch {
	case err == nil && v.Log != nil:
		fmt.Fprintf(out, "vérifié : %s, racine %s\n", entries(v.Log.Size), v.Log.Root)
	case err == nil:
		fmt.Fprintf(out, "vérifié : écriture %d\n", v.Proof.Entry)
	case errors.As(err, &f):
		fmt.Fprintln(out, "refusé : "+where(f))
	case rivage.CodeOf(err) == rivage.Internal: // what is no Error of ours is a refusal by the formats
		fmt.Fprintln(out, "refusé")
	}
	if err == nil && v.Log != nil && o.since == "" {
		fmt.Fprintln(out, "Signé par l'opérateur, ce journal ne prouve rien contre lui : comparez-le à un point de contrôle gardé ailleurs (--since).")
	}
}

func (v *verdict) printLog(t io.Writer, o *verifyOptions) {
	r := v.Log
	fmt.Fprintf(t, "journal\t%s\n", r.Origin)
	fmt.Fprintf(t, "clé\t%s%s\n", r.Key, map[bool]string{true: " (celle du dossier ; donnez --key pour savoir qui a signé)"}[r.KeyFound])
	fmt.Fprintf(t, "signature\tjuste, sur %s\n", entries(r.Size))
	for _, w := range r.Witness {
		fmt.Fprintf(t, "témoin\t%s a signé aussi\n", w)
	}
	fmt.Fprintf(t, "arbre\tchaque tuile et chaque empreinte mènent à la racine\n")
	fmt.Fprintf(t, "feuilles\t%s lues, chacune dans sa forme unique", number(int64(r.Size)-r.Dropped))
	if r.Dropped > 0 {
		fmt.Fprintf(t, " ; %s dont seule l'empreinte est là", number(r.Dropped))
	}
	for _, rule := range slices.Sorted(maps.Keys(r.Under)) {
		fmt.Fprintf(t, " ; retirées selon %s (%s fois)", rule, number(r.Under[rule]))
	}
	if r.Unknown > 0 {
		fmt.Fprintf(t, " ; %s d'un genre inconnu de ce programme", number(r.Unknown))
	}
	fmt.Fprintln(t)
	if m := r.Export; m != nil {
		fmt.Fprintf(t, "export\tpour %s, du %s\n", m.Principal, m.At.Format("2006-01-02 15:04:05Z"))
		fmt.Fprintf(t, "faits\t%s, chacun celui de sa feuille\n", number(r.Facts))
		if m.Bodies {
			fmt.Fprintf(t, "corps\t%s, chacun celui de sa feuille\n", number(r.Bodies))
		}
	}
	if s := v.Recordings; s != nil {
		fmt.Fprintf(t, "enregistrements\t%s entiers, %s interrompus, tous lisibles (leur contenu se vérifie avec : rivage check)\n",
			number(s.Complete), number(s.Interrupted))
	}
	if v.Since != nil {
		fmt.Fprintf(t, "depuis\tles %s signées alors sont restées les mêmes\n", entries(v.Since.OldSize))
	}
}

// where names the place of a fault in French.
func where(f *verify.Fault) string {
	var b strings.Builder
	switch {
	case f.Entry && f.First == f.Last:
		fmt.Fprintf(&b, "écriture %d, ", f.First)
	case f.Entry:
		fmt.Fprintf(&b, "écritures %d à %d, ", f.First, f.Last)
	}
	if f.File != "" {
		return b.String() + "fichier " + f.File
	}
	return b.String() + "journal"
}

func entries(n uint64) string {
	if n == 1 {
		return "1 écriture"
	}
	return number(int64(n)) + " écritures"
}

// number is an integer as French people write it, with narrow spaces.
func number(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}
