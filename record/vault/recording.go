// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sealed"
)

// queued is how many seconds of sound may wait for a slow disk before the recording stops.
const queued = 4

// Captured is what became of a recording.
type Captured struct {
	Object   rivage.ID
	Bytes    int64       // of the file
	Seconds  int64       // chunks written, the last may be shorter than a second
	Cipher   rivage.Hash // SHA-256 of the file
	Complete bool        // its last chunk is there
}

// Recording is a recording being captured. Its methods may be called at the same time; none waits for the disk but End.
type Recording struct {
	object rivage.ID
	seal   *sealed.Writer // used by run alone
	file   *countedFile   // written by run alone; its counts are read once done is closed
	named  bool           // the file's name is durable; owned by run
	forget func(rivage.ID)
	done   chan struct{} // closed by run: all was written and the file is closed

	mu       sync.Mutex
	err      error   // first failure; guarded by mu
	waiting  []chunk // handed over and not written; guarded by mu
	running  bool    // run is at work, or has done its last; guarded by mu
	ended    bool    // nothing more is handed over; guarded by mu
	complete bool    // written by run before done
}

// chunk is a second of sound on its way to the disk; sound belongs to sounds.
type chunk struct {
	sound *[]byte
	last  bool
}

// sounds are buffers for chunks: a second lies in one for as long as a write takes.
var sounds = sync.Pool{New: func() any { return new([]byte) }}

// create makes the file and its folder, and writes the preamble and the header. It does not wait for the disk: run does.
func create(path string, head []byte, f sealed.Format, key []byte) (*Recording, error) {
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	rec := &Recording{
		object: rivage.ID(f.Object), file: &countedFile{f: file, hash: sha256.New()}, done: make(chan struct{}),
	}
	if _, err = rec.file.Write(head); err == nil {
		rec.seal, err = sealed.NewWriter(rec.file, f, key)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	return rec, nil
}

// Write hands over one second of sound, or less with the last. It copies it and never waits: when the disk failed, or is
// four seconds late, the recording is over and every later Write says why.
func (r *Recording) Write(sound []byte, last bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.err != nil:
		return r.err
	case r.ended:
		return &rivage.Error{Code: rivage.Conflict, Message: "write recording: it has ended"}
	case len(r.waiting) == queued:
		// A chunk left out would shift all sound behind it, so this is the end.
		r.err = &rivage.Error{Code: rivage.Busy, Message: "write recording: the disk is too slow; the recording stopped"}
		return r.err
	}
	buffer := sounds.Get().(*[]byte)
	*buffer = append((*buffer)[:0], sound...)
	r.waiting = append(r.waiting, chunk{buffer, last})
	r.work()
	return nil
}

// work sees to it that run is at work; the caller holds mu.
func (r *Recording) work() {
	if !r.running {
		r.running = true
		go r.run()
	}
}

// End waits until all that was handed over is on the disk, closes the file, and says what became of it. With an error
// the file holds what could be written, and is not complete. When ctx ends first, the file is closed later all the same.
func (r *Recording) End(ctx context.Context) (Captured, error) {
	r.finish()
	select {
	case <-r.done:
	case <-ctx.Done():
		return Captured{Object: r.object}, fmt.Errorf("end recording: %w", context.Cause(ctx))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := Captured{Object: r.object, Bytes: r.file.size, Seconds: int64(r.seal.Chunks()), Complete: r.complete && r.err == nil}
	r.file.hash.Sum(c.Cipher[:0])
	return c, r.err
}

// finish lets run close the file once all is written.
func (r *Recording) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.work()
}

// abandon ends the recording without writing what is still queued, and waits until the file is closed.
func (r *Recording) abandon() {
	r.fail(&rivage.Error{Code: rivage.Conflict, Message: "write recording: it was destroyed"})
	r.finish()
	<-r.done
}

// fail keeps the first failure.
func (r *Recording) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = diskError(err)
	}
}

func (r *Recording) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err != nil
}

// run writes what waits, and ends: a recording needs no goroutine between its seconds. It alone touches the disk, so that
// a slow one delays nobody.
func (r *Recording) run() {
	for {
		c, more := r.next()
		if !more {
			return
		}
		if c.sound == nil {
			break
		}
		if !r.failed() {
			r.write(c)
		}
		sounds.Put(c.sound)
	}
	if err := errors.Join(r.name(), r.file.f.Sync(), r.file.f.Close()); err != nil {
		r.fail(err)
	}
	r.forget(r.object)
	close(r.done)
}

// next is the oldest chunk that waits, or none of all once the recording has ended. Without more, run has nothing to do
// for now.
func (r *Recording) next() (c chunk, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		r.running = r.ended
		return chunk{}, r.ended
	}
	c = r.waiting[0]
	r.waiting = slices.Delete(r.waiting, 0, 1)
	return c, true
}

// write seals a chunk and hands it to the kernel.
func (r *Recording) write(c chunk) {
	err := r.name()
	if err == nil {
		err = r.seal.WriteChunk(*c.sound, c.last)
	}
	if err != nil {
		r.fail(err)
		return
	}
	r.complete = c.last
}

// name makes the file's name as durable as what it holds, once.
func (r *Recording) name() error {
	if r.named {
		return nil
	}
	r.named = true
	folder := filepath.Dir(r.file.f.Name())
	return errors.Join(syncFolder(filepath.Dir(folder)), syncFolder(folder))
}

// diskError gives a failed write the code and the words for who has to make room.
func diskError(err error) error {
	var coded *rivage.Error
	switch {
	case errors.As(err, &coded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &rivage.Error{Code: rivage.Unavailable, Message: "the disk is full; the recording stopped", Err: err}
	}
	return &rivage.Error{Code: rivage.Unavailable, Message: "the disk failed; the recording stopped", Err: err}
}

// countedFile hashes and counts what really reached a file.
type countedFile struct {
	f    *os.File
	hash hash.Hash
	size int64
}

// Write implements io.Writer.
func (c *countedFile) Write(b []byte) (int, error) {
	n, err := c.f.Write(b)
	_, _ = c.hash.Write(b[:n]) // never fails, hash.Hash
	c.size += int64(n)
	return n, err
}
