// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sealed"
)

// Preamble is what stands before the recording format of wire/sealed in a file: a magic of eight bytes, a version, and
// the object's key wrapped under its subject's key. Copied with the sound, it is worth nothing once the subject is
// erased, so the key needs no other place. The hash of a recording is that of the whole file.
const Preamble = len(preambleHead) + sealed.KeySize + overhead

const preambleHead = "rivagkey\x01"

// syncEvery is how often what was captured is forced to the disk.
const syncEvery = time.Second

// Recordings is the folder of sealed recordings, recordings/<first two letters>/<object>.
type Recordings struct {
	vault *Vault
	dir   string
	stop  chan struct{} // closed by Close
	ended chan struct{} // closed by the goroutine that syncs

	mu     sync.Mutex
	open   map[rivage.ID]*Recording // guarded by mu
	closed bool                     // guarded by mu
}

// OpenRecordings opens the folder, makes it when it is missing, and starts the goroutine that syncs every open
// recording each second, until Close.
func OpenRecordings(v *Vault, dir string) (*Recordings, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open recordings: %w", err)
	}
	r := &Recordings{
		vault: v, dir: dir, open: make(map[rivage.ID]*Recording),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go r.syncLoop()
	return r, nil
}

// Close ends what is still being captured, each as interrupted, and waits until it is on the disk or ctx is over.
func (r *Recordings) Close(ctx context.Context) error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	left := make([]*Recording, 0, len(r.open))
	for _, rec := range r.open {
		left = append(left, rec)
	}
	r.mu.Unlock()
	close(r.stop)
	<-r.ended
	var errs []error
	for _, rec := range left {
		_, err := rec.End(ctx)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Recorder starts a recording that follows a subject. The object's id is in the format; an id is used once.
func (r *Recordings) Recorder(ctx context.Context, subject rivage.ID, f sealed.Format) (*Recording, error) {
	object := rivage.ID(f.Object)
	path, err := r.path(object)
	if err != nil {
		return nil, fmt.Errorf("start recording: %w", err)
	}
	k, err := r.vault.key(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("start recording: %w", err)
	}
	var key [sealed.KeySize]byte
	_, _ = rand.Read(key[:]) // never fails, crypto/rand documentation
	head := append(make([]byte, 0, Preamble), preambleHead...)
	head = k.aead.Seal(head, nil, key[:], objectData(subject, object))
	rec, err := create(path, head, f, key[:])
	if errors.Is(err, fs.ErrExist) {
		return nil, &rivage.Error{Code: rivage.Conflict, Message: "start recording: the object exists; a recording is never continued", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("start recording: %w", diskError(err))
	}
	rec.forget = r.drop
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errors.Join(&rivage.Error{Code: rivage.Unavailable, Message: "start recording: the recordings are closed"},
			rec.file.f.Close(), os.Remove(path))
	}
	r.open[object] = rec
	return rec, nil
}

// Open opens a recording for playback; the caller closes it.
func (r *Recordings) Open(ctx context.Context, subject, object rivage.ID) (*Playback, error) {
	path, err := r.path(object)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	k, err := r.vault.key(ctx, subject)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "open recording: it was destroyed, or never made", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	p, err := open(f, k, objectData(subject, object))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open recording: %w", err), f.Close())
	}
	if p.Format().Object != string(object) {
		return nil, errors.Join(errors.New("open recording: the file holds another object"), f.Close())
	}
	return p, nil
}

// Playback reads the chunks of a recording.
type Playback struct {
	*sealed.Reader
	file *os.File
}

// Close closes the file.
func (p *Playback) Close() error { return p.file.Close() }

func open(f *os.File, k *subjectKey, data []byte) (*Playback, error) {
	var head [Preamble]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return nil, fmt.Errorf("preamble: %w", err)
	}
	if !bytes.HasPrefix(head[:], []byte(preambleHead)) {
		return nil, errors.New("the file does not begin as a recording of this version")
	}
	key, err := k.aead.Open(nil, nil, head[len(preambleHead):], data)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Denied, Message: "its key is of another subject or object, or was damaged", Err: err}
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size() - int64(Preamble)
	body, err := sealed.NewReader(&offsetReader{f}, size, key)
	if err != nil {
		return nil, err
	}
	return &Playback{body, f}, nil
}

// offsetReader reads a file from behind its preamble.
type offsetReader struct{ f *os.File }

func (o *offsetReader) ReadAt(b []byte, at int64) (int, error) {
	return o.f.ReadAt(b, at+int64(Preamble))
}

// Destroy ends a recording that is being captured and removes it: the person opposed, or was erased. The wrapped key is
// overwritten first, so that a block the disk has not yet reused does not open even with the subject's key. Destroying
// what is gone is no error.
func (r *Recordings) Destroy(object rivage.ID) error {
	path, err := r.path(object)
	if err != nil {
		return fmt.Errorf("destroy recording: %w", err)
	}
	r.mu.Lock()
	rec := r.open[object]
	r.mu.Unlock()
	if rec != nil {
		rec.abandon()
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("destroy recording: %w", err)
	}
	_, err = f.WriteAt(make([]byte, Preamble), 0)
	err = errors.Join(err, f.Sync(), f.Close(), os.Remove(path))
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("destroy recording: %w", err)
	}
	return nil
}

// drop takes an ended recording off the list of open ones.
func (r *Recordings) drop(object rivage.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, object)
}

func (r *Recordings) syncLoop() {
	defer close(r.ended)
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
			r.syncAll()
		}
	}
}

// syncAll forces every open recording to the disk. All are set in motion before the first is waited for: one after the
// other, five hundred files take an ordinary disk more than the second there is. A sync that fails may have lost what was
// written before it, so the recording stops.
func (r *Recordings) syncAll() {
	r.mu.Lock()
	open := make([]*Recording, 0, len(r.open))
	for _, rec := range r.open {
		open = append(open, rec)
	}
	r.mu.Unlock()
	for _, rec := range open {
		rec.file.begin()
	}
	for _, rec := range open {
		if err := rec.file.f.Sync(); err != nil && !errors.Is(err, os.ErrClosed) {
			rec.fail(err)
		}
	}
}

// path is where an object lies. An id that could leave the folder is refused.
func (r *Recordings) path(object rivage.ID) (string, error) {
	if !rivage.ValidSlug(string(object)) || len(object) < 4 {
		return "", &rivage.Error{Code: rivage.Invalid, Message: "an object's id is a word of at least four letters, digits or dashes"}
	}
	return filepath.Join(r.dir, string(object[:2]), string(object)), nil
}
