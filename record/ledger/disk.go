// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
)

// Disk is the folder of the published files, one call for each thing that can fail. Names are slash-separated and
// relative; "." is the folder itself.
type Disk interface {
	Open(name string) (fs.File, error)
	Create(name string) (File, error) // a new file, or an existing one emptied
	Mkdir(name string) error
	Rename(from, to string) error
	SyncFolder(name string) error
	RemoveAll(name string) error // no error when there is none
}

// File is a file being written.
type File interface {
	io.Writer
	Sync() error
	Close() error
}

// root is a Disk on a real folder; the os package keeps all names inside it.
type root struct{ *os.Root }

// OpenDisk opens the folder, and makes it when it is not there.
func OpenDisk(dir string) (Disk, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open published folder: %w", err)
	}
	r, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open published folder: %w", err)
	}
	return root{r}, nil
}

func (r root) Open(name string) (fs.File, error) { return r.Root.Open(name) }

func (r root) Create(name string) (File, error) {
	return r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
}

func (r root) Mkdir(name string) error { return r.Root.Mkdir(name, 0o750) }

func (r root) SyncFolder(name string) error {
	f, err := r.Root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// folder puts whole files on a Disk. A file's bytes are durable when Put returns, its name after sync, which is called
// once for many files. It is owned by the Publisher and used under its lock; reading needs no lock.
type folder struct {
	disk  Disk
	known map[string]bool // folders that this process made or found
	dirty map[string]bool // folders whose names are not synced
}

func newFolder(d Disk) *folder {
	return &folder{disk: d, known: map[string]bool{}, dirty: map[string]bool{}}
}

// Open opens a file for reading.
func (f *folder) Open(name string) (fs.File, error) { return f.disk.Open(name) }

// Put writes a file beside its place, syncs it and moves it there.
func (f *folder) Put(name string, data []byte) error {
	dir := path.Dir(name)
	if err := f.know(dir); err != nil {
		return err
	}
	// One name for each file and one writer: what an attempt left behind, the next one overwrites.
	next := path.Join(dir, ".new-"+path.Base(name))
	file, err := f.disk.Create(next)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	n, err := file.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	f.dirty[dir] = true
	if err := f.disk.Rename(next, name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// know makes a folder and those above it. One that is there already may have been made by a process that died before
// it synced it, so the first meeting marks the folders above for syncing in any case.
func (f *folder) know(dir string) error {
	if dir == "." || f.known[dir] {
		return nil
	}
	above := path.Dir(dir)
	if err := f.know(above); err != nil {
		return err
	}
	if err := f.disk.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make folder %s: %w", dir, err)
	}
	f.dirty[above] = true
	f.known[dir] = true
	return nil
}

// sync makes all names durable that were put since the last sync. Their order is of no account: nothing points at them
// before all are.
func (f *folder) sync() error {
	for _, name := range slices.Sorted(maps.Keys(f.dirty)) {
		if err := f.disk.SyncFolder(name); err != nil {
			return fmt.Errorf("sync folder %s: %w", name, err)
		}
		delete(f.dirty, name)
	}
	return nil
}

// replace makes all that was put before durable, then puts one file and makes it durable: whoever sees the file finds
// the others.
func (f *folder) replace(name string, data []byte) error {
	if err := f.sync(); err != nil {
		return err
	}
	if err := f.Put(name, data); err != nil {
		return err
	}
	return f.sync()
}

// remove removes a folder; that it is gone is durable after sync.
func (f *folder) remove(dir string) error {
	delete(f.known, dir)
	delete(f.dirty, dir)
	f.dirty[path.Dir(dir)] = true
	return f.disk.RemoveAll(dir)
}
