// SPDX-License-Identifier: EUPL-1.2

package ledger

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

var errDisk = errors.New("the disk failed")

// inode is a file of a memoryDisk. A folder has isDir.
type inode struct {
	isDir        bool
	data, synced []byte
}

// memoryDisk is a Disk that forgets, when the power fails, what was not synced, and that fails at its n-th change.
type memoryDisk struct {
	live    map[string]*inode // what a reader sees
	durable map[string]*inode // the names that a power failure leaves
	left    int               // changes until one fails; negative: none does
}

func newMemoryDisk() *memoryDisk {
	return &memoryDisk{live: map[string]*inode{}, durable: map[string]*inode{}, left: -1}
}

// change counts down to the failing change.
func (d *memoryDisk) change() error {
	if d.left == 0 {
		return errDisk
	}
	d.left--
	return nil
}

func view(names map[string]*inode, data func(*inode) []byte) fstest.MapFS {
	m := fstest.MapFS{}
	for name, i := range names {
		if !i.isDir {
			m[name] = &fstest.MapFile{Data: data(i), Mode: 0o644}
		}
	}
	return m
}

// reader is what is on the disk now.
func (d *memoryDisk) reader() fstest.MapFS {
	return view(d.live, func(i *inode) []byte { return i.data })
}

// afterPowerFailure is the disk that is found after the power failed now.
func (d *memoryDisk) afterPowerFailure() *memoryDisk {
	c := newMemoryDisk()
names:
	for name, i := range d.durable {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if d.durable[dir] == nil {
				continue names
			}
		}
		found := &inode{i.isDir, bytes.Clone(i.synced), bytes.Clone(i.synced)}
		c.live[name], c.durable[name] = found, found
	}
	return c
}

// afterPowerFailureLate is the same, but the checkpoint's new name had reached the disk before any sync asked for it.
func (d *memoryDisk) afterPowerFailureLate() *memoryDisk {
	c := d.afterPowerFailure()
	if i := d.live[checkpointFile]; i != nil {
		found := &inode{data: bytes.Clone(i.synced), synced: bytes.Clone(i.synced)}
		c.live[checkpointFile], c.durable[checkpointFile] = found, found
	}
	return c
}

// afterKill is the disk that is found after the process was killed now, with nothing more to fail.
func (d *memoryDisk) afterKill() *memoryDisk {
	c := newMemoryDisk()
	for name, i := range d.live {
		c.live[name] = &inode{i.isDir, bytes.Clone(i.data), bytes.Clone(i.synced)}
	}
	for name := range d.durable {
		if c.live[name] != nil {
			c.durable[name] = c.live[name]
		}
	}
	return c
}

func (d *memoryDisk) Open(name string) (fs.File, error) {
	if i := d.live[name]; i != nil && !i.isDir {
		return fstest.MapFS{name: {Data: i.data, Mode: 0o644}}.Open(name)
	}
	return d.reader().Open(name)
}

func (d *memoryDisk) Mkdir(name string) error {
	if err := d.change(); err != nil {
		return err
	}
	if d.live[name] != nil {
		return fs.ErrExist
	}
	if above := path.Dir(name); above != "." && d.live[above] == nil {
		return fs.ErrNotExist
	}
	d.live[name] = &inode{isDir: true}
	return nil
}

func (d *memoryDisk) Create(name string) (File, error) {
	if err := d.change(); err != nil {
		return nil, err
	}
	if above := path.Dir(name); above != "." && d.live[above] == nil {
		return nil, fs.ErrNotExist
	}
	i := &inode{}
	d.live[name] = i
	return &memoryFile{d, i}, nil
}

func (d *memoryDisk) Rename(from, to string) error {
	if err := d.change(); err != nil {
		return err
	}
	d.live[to] = d.live[from]
	delete(d.live, from)
	return nil
}

func (d *memoryDisk) SyncFolder(name string) error {
	if err := d.change(); err != nil {
		return err
	}
	for n := range d.durable {
		if path.Dir(n) == name && d.live[n] == nil {
			delete(d.durable, n)
		}
	}
	for n, i := range d.live {
		if path.Dir(n) == name {
			d.durable[n] = i
		}
	}
	return nil
}

func (d *memoryDisk) RemoveAll(name string) error {
	if err := d.change(); err != nil {
		return err
	}
	for n := range d.live {
		if n == name || strings.HasPrefix(n, name+"/") {
			delete(d.live, n)
		}
	}
	return nil
}

// memoryFile is a file being written.
type memoryFile struct {
	d *memoryDisk
	i *inode
}

func (f *memoryFile) Write(b []byte) (int, error) {
	if err := f.d.change(); err != nil {
		f.i.data = append(f.i.data, b[:len(b)/2]...) // torn
		return len(b) / 2, err
	}
	f.i.data = append(f.i.data, b...)
	return len(b), nil
}

func (f *memoryFile) Sync() error {
	if err := f.d.change(); err != nil {
		return err
	}
	f.i.synced = bytes.Clone(f.i.data)
	return nil
}

func (f *memoryFile) Close() error { return f.d.change() }

func TestRealDiskStaysInItsFolder(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenDisk(dir + "/published")
	if err != nil {
		t.Fatal(err)
	}
	f := newFolder(d)
	for range 2 { // made, then replaced
		if err := f.Put("tile/0/x001/234", []byte("hashes")); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.sync(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dir + "/published/tile/0/x001/234"); err != nil || string(got) != "hashes" {
		t.Errorf("read %q, %v", got, err)
	}
	if names, err := fs.ReadDir(f, "tile/0/x001"); err != nil || len(names) != 1 {
		t.Errorf("the folder has %v, %v; want the one file", names, err)
	}
	if err := f.remove("tile/0"); err != nil {
		t.Fatal(err)
	}
	if err := f.Put("tile/0/000", []byte("again")); err != nil {
		t.Errorf("after a removal: %v", err)
	}
	if err := f.Put("../outside", nil); err == nil {
		t.Error("a file was written outside the folder")
	}
}
