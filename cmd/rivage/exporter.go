// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path"

	"rivage.example/rivage"
	"rivage.example/rivage/verify"
	"rivage.example/rivage/wire/tlog"
)

// exporter writes the export of one Principal. It never holds more than a page of entries.
type exporter struct {
	*settings
	principal  rivage.ID
	bodies     bool
	tree       tlog.Tree
	checkpoint []byte

	files         files
	facts, opened lineFiles
}

// readable says whether the text of a leaf goes into the export: the Principal's own, and the organisation's. It has no
// identifier of anybody. Whose a leaf was that came back from the tiles is not known.
func (x *exporter) readable(e *rivage.Stored) bool {
	return e.LeafText != nil && e.Kind != rivage.KindLeafRestored && (e.Principal == x.principal || e.Principal == rivage.Organisation)
}

// each visits the entries of the export's tree.
func (x *exporter) each(ctx context.Context, visit func(*rivage.Stored) error) error {
	return eachEntry(ctx, x.store, x.tree.Size, visit)
}

// count is how many leaves leave with their text.
func (x *exporter) count(ctx context.Context) (n int64, err error) {
	err = x.each(ctx, func(e *rivage.Stored) error {
		if x.readable(e) {
			n++
		}
		return nil
	})
	return n, err
}

// write writes the folder.
func (x *exporter) write(ctx context.Context, out string) error {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	root, err := os.OpenRoot(out)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer root.Close()
	x.files = files{root}
	x.facts = lineFiles{files: x.files, folder: verify.FactsFolder}
	x.opened = lineFiles{files: x.files, folder: verify.BodiesFolder}
	w := tlog.NewWriter(x.files)
	if err := x.each(ctx, func(e *rivage.Stored) error { return x.entry(ctx, w, e) }); err != nil {
		return err
	}
	if w.Tree() != x.tree {
		return errors.New("export: the journal does not have the published root; run rivage check")
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return x.seal()
}

func (x *exporter) entry(ctx context.Context, w *tlog.Writer, e *rivage.Stored) error {
	if !x.readable(e) {
		return w.AddDropped(tlog.Hash(e.LeafHash))
	}
	if _, err := w.Add(e.LeafText); err != nil {
		return err
	}
	if e.Principal != x.principal {
		return nil
	}
	if err := x.facts.add(verify.AppendFacts(nil, e.Seq, e.FactsText)); err != nil {
		return err
	}
	if !x.bodies {
		return nil
	}
	return x.body(ctx, e)
}

// body opens what is sealed. What was erased stays so.
func (x *exporter) body(ctx context.Context, e *rivage.Stored) error {
	subject, sealed, err := x.store.Body(ctx, e.Seq)
	if rivage.CodeOf(err) == rivage.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := x.vault.OpenBody(ctx, subject, e.Stream, sealed)
	if rivage.CodeOf(err) == rivage.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("export entry %d: %w", e.Seq, err)
	}
	return x.opened.add(verify.AppendBody(nil, e.Seq, b.Salt, b.Clear))
}

// seal writes what makes the folder verifiable; the checkpoint comes last.
func (x *exporter) seal() error {
	if err := errors.Join(x.facts.end(), x.opened.end()); err != nil {
		return err
	}
	m := &verify.Manifest{
		Principal: x.principal, At: x.clock.Now(), Bodies: x.bodies, Files: append(x.facts.listed, x.opened.listed...),
	}
	text, err := x.manifestOf(x.tree, m)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	key, err := x.verifierKey()
	if err != nil {
		return err
	}
	return errors.Join(x.files.Put(verify.ManifestFile, text), x.files.Put(verify.KeyFile, []byte(key+"\n")),
		x.files.Put(verify.CheckpointFile, x.checkpoint))
}

// files is a new folder that an export fills.
type files struct{ *os.Root }

// Open implements fs.FS.
func (f files) Open(name string) (fs.File, error) { return f.Root.Open(name) }

// Put implements tlog.Folder.
func (f files) Put(name string, data []byte) error {
	if err := f.MkdirAll(path.Dir(name), 0o700); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := f.WriteFile(name, data, 0o600); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// lineFiles spreads lines over numbered files, and lists each with its hash.
type lineFiles struct {
	files  files
	folder string
	lines  int64
	listed []verify.Listed

	buf  bytes.Buffer // of the file in hand
	file *os.File     // nil before its first bytes
	name string
	size int64
	sum  hash.Hash
}

const (
	fileBytes  = 256 << 20 // of one file of lines, about
	flushBytes = 1 << 20
)

func (l *lineFiles) add(line []byte) error {
	l.lines++
	l.buf.Write(line)
	switch {
	case l.size+int64(l.buf.Len()) >= fileBytes:
		return l.end()
	case l.buf.Len() >= flushBytes:
		return l.flush()
	}
	return nil
}

// flush writes what waits, into a new file when there is none.
func (l *lineFiles) flush() error {
	if l.file == nil {
		l.name = fmt.Sprintf("%s/%03d.ndjson", l.folder, len(l.listed))
		if err := l.files.Put(l.name, nil); err != nil {
			return err
		}
		f, err := l.files.OpenFile(l.name, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		l.file, l.size, l.sum = f, 0, sha256.New()
	}
	data := l.buf.Bytes()
	l.size += int64(len(data))
	_, _ = l.sum.Write(data) // never fails, hash.Hash documentation
	_, err := l.file.Write(data)
	l.buf.Reset()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// end ends the file in hand.
func (l *lineFiles) end() error {
	if l.file == nil && l.buf.Len() == 0 {
		return nil
	}
	err := errors.Join(l.flush(), l.file.Close())
	l.listed = append(l.listed, verify.Listed{Path: l.name, Size: l.size, Hash: rivage.Hash(l.sum.Sum(nil))})
	l.file = nil
	return err
}
