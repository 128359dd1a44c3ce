// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sealed"
)

// Inspect says what is on the disk of an object, without any key: for what an earlier process left open, and for a
// check of the hash an entry holds.
func (r *Recordings) Inspect(object rivage.ID) (Captured, error) {
	path, err := r.path(object)
	if err != nil {
		return Captured{}, fmt.Errorf("inspect recording: %w", err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Captured{}, &rivage.Error{Code: rivage.NotFound, Message: "inspect recording: there is no such file", Err: err}
	}
	if err != nil {
		return Captured{}, fmt.Errorf("inspect recording: %w", err)
	}
	defer f.Close()
	c, err := inspect(f, object)
	if err != nil {
		return Captured{}, fmt.Errorf("inspect recording %s: %w", object, err)
	}
	return c, nil
}

func inspect(f *os.File, object rivage.ID) (Captured, error) {
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return Captured{}, err
	}
	c := Captured{Object: object, Bytes: size}
	h.Sum(c.Cipher[:0])
	// The last chunk is found by its length, which is not sealed, so any key does here.
	rd, err := sealed.NewReader(&offsetReader{f}, size-int64(Preamble), make([]byte, sealed.KeySize))
	switch {
	case errors.Is(err, sealed.ErrDamaged):
		return Captured{}, err
	case err != nil: // cut before the end of the header: nothing was captured
		return c, nil
	}
	c.Seconds, c.Complete = int64(rd.Chunks()), !rd.Interrupted()
	return c, nil
}

// Interrupted lists the recordings without a last chunk that nobody is capturing: what a crash left. A file that cannot
// be read is named in the error, beside the others.
func (r *Recordings) Interrupted() ([]Captured, error) {
	files, err := filepath.Glob(filepath.Join(r.dir, "??", "*"))
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	var found []Captured
	var errs []error
	for _, path := range files {
		object := rivage.ID(filepath.Base(path))
		r.mu.Lock()
		_, open := r.open[object]
		r.mu.Unlock()
		if open {
			continue
		}
		c, err := r.Inspect(object)
		switch {
		case rivage.CodeOf(err) == rivage.NotFound: // destroyed meanwhile
		case err != nil:
			errs = append(errs, err)
		case !c.Complete:
			found = append(found, c)
		}
	}
	return found, errors.Join(errs...)
}
