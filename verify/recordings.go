// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sealed"
)

// What stands before the sealed format in a recording's file: a title with its version, and the object's key of 32
// bytes, wrapped (a nonce of 12 and a tag of 16).
const (
	recordingHead = "rivagkey\x01"
	preamble      = int64(len(recordingHead) + 12 + sealed.KeySize + 16)
	sealedHead    = 16 // bytes of the sealed format's header before the object's id
)

// Recording is one file of recordings/<first two letters>/<object>, looked at without a key.
type Recording struct {
	Object   rivage.ID
	Size     int64
	Hash     rivage.Hash // of the whole file; RecordingEnded holds it
	Chunks   int64       // whole ones
	Complete bool        // its last chunk is there
}

// Recordings looks at every recording of a folder: title, header, and the length of each frame, which say whether it can
// be read to its end. Each goes to visit, whose error ends the walk; with the error that names it, a *Fault, when it is
// damaged. Without a key the sound itself is proved by the hash only.
func Recordings(files fs.FS, visit func(Recording, error) error) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // destroyed while we walked
		}
		if err != nil || d.IsDir() {
			return err
		}
		r, err := readRecording(files, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			err = &Fault{File: name, Err: err}
		}
		return visit(r, err)
	})
}

func readRecording(files fs.FS, name string) (Recording, error) {
	f, err := files.Open(name)
	if err != nil {
		return Recording{}, err
	}
	defer f.Close()
	r := Recording{Object: rivage.ID(path.Base(name))}
	h := sha256.New()
	in := &counter{r: io.TeeReader(f, h)}
	if err := r.frames(in); err != nil {
		return r, err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return r, err
	}
	r.Size, r.Hash = in.n, rivage.Hash(h.Sum(nil))
	return r, nil
}

// frames reads title, header and frames. A file that ends inside was interrupted, which is no fault.
func (r *Recording) frames(in io.Reader) error {
	head := make([]byte, preamble)
	if n, err := io.ReadFull(in, head); err != nil {
		return fmt.Errorf("it ends after %d bytes, before its header", n)
	}
	if !bytes.HasPrefix(head, []byte(recordingHead)) {
		return errors.New("it does not begin as a recording of this version")
	}
	start := make([]byte, sealedHead)
	if _, err := io.ReadFull(in, start); err != nil {
		return nil
	}
	id := make([]byte, start[11])
	if _, err := io.ReadFull(in, id); err != nil {
		return nil
	}
	// Any key does: the format is not sealed with it, and nothing is opened.
	header := append(start, id...)
	s, err := sealed.NewReader(bytes.NewReader(header), int64(len(header)), make([]byte, sealed.KeySize))
	if err != nil {
		return err
	}
	if s.Format().Object != string(r.Object) {
		return errors.New("it holds another object than its name says")
	}
	return r.walk(in, s.Format().ChunkSize())
}

// walk reads the frames: all hold a second, but the last.
func (r *Recording) walk(in io.Reader, second int) error {
	var length [4]byte
	for !r.Complete {
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return nil // interrupted
		}
		v := binary.BigEndian.Uint32(length[:])
		n, last := int(v&^(1<<31)), v>>31 == 1
		if n > second || !last && n != second {
			return fmt.Errorf("chunk %d has a length of %d, not %d", r.Chunks, n, second)
		}
		if _, err := io.CopyN(io.Discard, in, int64(n+sealed.Overhead-len(length))); err != nil {
			return nil
		}
		r.Chunks++
		r.Complete = last
	}
	if n, _ := io.ReadFull(in, length[:1]); n > 0 {
		return fmt.Errorf("bytes follow its last chunk %d", r.Chunks-1)
	}
	return nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}
