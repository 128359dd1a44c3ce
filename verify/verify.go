// SPDX-License-Identifier: EUPL-1.2

// Package verify checks what an instance of Rivage published or exported, with nothing but the files and a key: no
// server, no database, no word of the operator.
//
// Folder proves that a folder is whole and signed. It cannot prove that the operator did not write all of it again and
// sign it again: for that, keep a checkpoint and give it to Since.
package verify

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// The files of a published log and of an export. Tiles are where C2SP tlog-tiles says.
const (
	CheckpointFile = "checkpoint"
	KeyFile        = "vkey.txt" // the log's verifier key and a line end
	ManifestFile   = "manifest" // exports only
	FactsFolder    = "facts"    // exports only
	BodiesFolder   = "bodies"   // exports only
)

// Report is what was checked. Everything in it was found right.
type Report struct {
	Origin   string   `json:"origin"` // names the log
	Size     uint64   `json:"size"`
	Root     string   `json:"root"`          // hex
	Key      string   `json:"key"`           // verifier key that checked the signature
	KeyFound bool     `json:"key_in_folder"` // the key came from the folder itself: it proves nothing about who signed
	Witness  []string `json:"witnesses,omitempty"`

	Kinds   map[rivage.Kind]int64 `json:"kinds"`                   // leaves with text, by kind
	Unknown int64                 `json:"unknown"`                 // leaves of a kind this program does not know
	Dropped int64                 `json:"dropped"`                 // leaves of which only the hash is left
	Under   map[string]int64      `json:"dropped_under,omitempty"` // how often leaves were dropped, by class and rule

	Export *Manifest `json:"export,omitempty"` // nil for a published folder
	Facts  int64     `json:"facts"`
	Bodies int64     `json:"bodies"`
}

// Fault is the first thing that is not what was signed.
type Fault struct {
	File  string // path in the folder; "" when it is the log as a whole
	First uint64 // entries it is about, when Entry
	Last  uint64
	Entry bool
	Err   error
}

// Error names the file and the entry.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString("verify")
	switch {
	case f.Entry && f.First == f.Last:
		fmt.Fprintf(&b, " entry %d", f.First)
	case f.Entry:
		fmt.Fprintf(&b, " entries %d to %d", f.First, f.Last)
	}
	if f.File != "" {
		b.WriteString(" in " + f.File)
	}
	return b.String() + ": " + f.Err.Error()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

func fault(file, format string, args ...any) error {
	return &Fault{File: file, Err: fmt.Errorf(format, args...)}
}

func entryFault(file string, seq uint64, format string, args ...any) error {
	return &Fault{File: file, First: seq, Last: seq, Entry: true, Err: fmt.Errorf(format, args...)}
}

// Folder checks a published folder or an export: the signature, every tile up to the root, every leaf against its hash
// and in its one form; of a published folder also the partial tiles that smaller trees left; of an export also every
// fact and body against its leaf, and that no file is missing or too many. An empty key means the one in the folder. The
// error of what is wrong is a *Fault.
func Folder(files fs.FS, vkey string, witnesses ...string) (Report, error) {
	c, r, err := open(files, vkey, witnesses)
	if err != nil {
		return Report{}, err
	}
	if err := leaves(files, c.Tree, &r); err != nil {
		return Report{}, err
	}
	if r.Export == nil {
		return r, cmp.Or(noStrayExport(files), partials(files, c.Tree))
	}
	if err := contents(files, c.Tree, &r); err != nil {
		return Report{}, err
	}
	return r, nil
}

// open checks the key, the signatures and the right edge.
func open(files fs.FS, vkey string, witnesses []string) (tlog.Signed, Report, error) {
	var r Report
	key, err := logKey(files, vkey, &r)
	if err != nil {
		return tlog.Signed{}, r, err
	}
	var others []tlog.Verifier
	for _, w := range witnesses {
		v, err := tlog.NewVerifier(w)
		if err != nil {
			return tlog.Signed{}, r, fmt.Errorf("verify: key of a witness: %w", err)
		}
		others = append(others, v)
	}
	text, err := readSmall(files, CheckpointFile, tlog.MaxCheckpoint)
	if err != nil {
		return tlog.Signed{}, r, err
	}
	c, err := tlog.OpenCheckpoint(text, key, others...)
	if err != nil {
		return tlog.Signed{}, r, fault(CheckpointFile, "%w", err)
	}
	r.Origin, r.Size, r.Root = c.Origin, c.Tree.Size, rivage.Hash(c.Tree.Root).String()
	for _, s := range c.Signatures {
		if s.Name != c.Origin {
			r.Witness = append(r.Witness, s.Name)
		}
	}
	if r.Export, err = readManifest(files, key, c.Tree); err != nil {
		return tlog.Signed{}, r, err
	}
	return c, r, checkEdge(files, c.Tree)
}

// logKey is the log's key: the caller's, or the folder's own. When both are there they must be one.
func logKey(files fs.FS, vkey string, r *Report) (tlog.Verifier, error) {
	text, err := readSmall(files, KeyFile, 1024)
	switch {
	case err == nil:
		if found, ended := strings.CutSuffix(string(text), "\n"); !ended || !oneForm(found) {
			return nil, fault(KeyFile, "this is not a verifier key and a line end")
		} else if vkey = strings.TrimSpace(vkey); vkey == "" {
			vkey, r.KeyFound = found, true
		} else if vkey != found {
			return nil, fault(KeyFile, "the folder's key is not the one that was given")
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case strings.TrimSpace(vkey) == "":
		return nil, fault(KeyFile, "the folder holds no key: give the log's own")
	}
	key, err := tlog.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	r.Key = strings.TrimSpace(vkey)
	return key, nil
}

// oneForm says whether a text is a verifier key as it is written, and not a variant that the reader would take too.
func oneForm(vkey string) bool {
	v, err := tlog.NewVerifier(vkey)
	if err != nil {
		return false
	}
	head := fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())
	return strings.HasPrefix(vkey, head) && !strings.ContainsAny(vkey, " \t\r\n\v\f")
}

// readSmall reads a whole file of at most limit bytes.
func readSmall(files fs.FS, name string, limit int64) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, &Fault{File: name, Err: cause(err)}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, &Fault{File: name, Err: err}
	}
	if int64(len(text)) > limit {
		return nil, fault(name, "over %d bytes", limit)
	}
	return text, nil
}

// cause takes the path off an error whose Fault names it already.
func cause(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the file is missing: %w", fs.ErrNotExist)
	}
	return err
}

var tilePath = regexp.MustCompile(`tile/[0-9a-z/.]*[0-9]`)

// named makes a Fault of an error of package tlog about a log of size entries.
func named(err error, size uint64) error {
	var f *Fault
	if errors.As(err, &f) {
		return err
	}
	if e := new(tlog.EntryError); errors.As(err, &e) {
		return &Fault{File: e.Path, First: e.First, Last: e.Last, Entry: true, Err: e.Err}
	}
	path := tilePath.FindString(err.Error())
	t, bad := tlog.ParsePath(path)
	switch {
	case bad != nil:
		path = ""
	case errors.Is(err, fs.ErrNotExist) && t.FullAt() > size: // the full form was looked for last; this one belongs there
		span := uint64(1) << (8 * max(t.Level, 0)) // entries under one hash
		t.Width = int(size/span - t.Index*tlog.TileWidth)
		path = t.Path()
	}
	return &Fault{File: path, Err: cause(err)}
}

// first is the fault that comes first in the log.
func first(a, b error) error {
	var x, y *Fault
	if a == nil || errors.As(a, &x) && x.Entry && errors.As(b, &y) && y.Entry && y.First < x.First {
		return b
	}
	return a
}
