// SPDX-License-Identifier: EUPL-1.2

package sealed

import (
	"errors"
	"fmt"
	"io"
)

// ErrDamaged is in every error about bytes that are not what was written: flipped, swapped, cut inside, appended, or
// read with another key.
var ErrDamaged = errors.New("not what was written")

// Reader reads a recording. It is not safe for use by several goroutines.
type Reader struct {
	r           io.ReaderAt
	format      Format
	seal        *sealer
	head        int64 // bytes of the header
	frames      uint64
	interrupted bool
	buf         []byte // reused: one frame
}

// NewReader reads the header and finds the end of a recording of size bytes. It opens no chunk: what Chunks and
// Interrupted say is proved once the last one opens. A frame that is cut off at the end of the file is left out, and the
// recording is interrupted.
func NewReader(r io.ReaderAt, size int64, key []byte) (*Reader, error) {
	head := make([]byte, min(max(size, 0), int64(fixedHead+maxID)))
	if err := readFull(r, head, 0); err != nil {
		return nil, fmt.Errorf("open recording: header: %w", err)
	}
	f, err := parseFormat(head)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	s, err := newSealer(f, key)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	rd := &Reader{r: r, format: f, seal: s, head: int64(fixedHead + len(f.Object)), buf: make([]byte, f.second()+Overhead)}
	if err := rd.findEnd(size); err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	return rd, nil
}

// Format is what the header says. It is proved by any chunk that opens.
func (r *Reader) Format() Format { return r.format }

// Chunks is the number of chunks that are whole.
func (r *Reader) Chunks() uint64 { return r.frames }

// Interrupted reports that the recording has no last chunk: the process or the machine stopped while it was written.
func (r *Reader) Interrupted() bool { return r.interrupted }

// findEnd counts the whole frames. All but the last have one length, so only the end of the file is looked at.
func (r *Reader) findEnd(size int64) error {
	full := int64(len(r.buf))
	body := size - r.head
	whole, rest := uint64(body/full), body%full
	if whole >= maxFrames {
		return fmt.Errorf("%d chunks, at most %d are read", whole, uint64(maxFrames))
	}
	ended := false // by a whole second marked as the last
	if whole > 0 {
		var err error
		if _, ended, err = r.length(whole - 1); err != nil {
			return err
		}
	}
	r.frames, r.interrupted = whole, !ended
	switch {
	case rest == 0:
		return nil
	case ended:
		return fmt.Errorf("%d bytes after the last chunk %d: %w", rest, whole-1, ErrDamaged)
	case rest < frameHead:
		return nil // cut inside the length
	}
	n, last, err := r.length(whole)
	if err != nil {
		return err
	}
	switch got := rest - Overhead; {
	case n > r.format.second() || !last && n != r.format.second():
		return fmt.Errorf("chunk %d has a length of %d: %w", whole, n, ErrDamaged)
	case got > int64(n):
		return fmt.Errorf("%d bytes after the last chunk %d: %w", got-int64(n), whole, ErrDamaged)
	case got == int64(n):
		r.frames, r.interrupted = whole+1, false // last, or it would be a whole frame
	}
	return nil
}

// length reads the length field of a frame.
func (r *Reader) length(index uint64) (n int, last bool, err error) {
	b := r.buf[:frameHead]
	if err := readFull(r.r, b, r.offset(index)); err != nil {
		return 0, false, fmt.Errorf("chunk %d: %w", index, err)
	}
	n, last = splitLength(b)
	return n, last, nil
}

func (r *Reader) offset(index uint64) int64 { return r.head + int64(index)*int64(len(r.buf)) }

// Chunk opens one chunk. The sound is valid until the next call.
func (r *Reader) Chunk(index uint64) ([]byte, error) {
	if index >= r.frames {
		return nil, fmt.Errorf("read chunk %d: the recording has %d", index, r.frames)
	}
	isLast := index == r.frames-1 && !r.interrupted
	n, last, err := r.length(index)
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	if last != isLast || n > r.format.second() || !last && n != r.format.second() {
		return nil, fmt.Errorf("read chunk %d: its length is wrong, or it is an end inside the file: %w", index, ErrDamaged)
	}
	frame := r.buf[:n+Overhead]
	if err := readFull(r.r, frame, r.offset(index)); err != nil {
		return nil, fmt.Errorf("read chunk %d: %w", index, err)
	}
	nonce, data := r.seal.frame(index, last)
	plain, err := r.seal.aead.Open(frame[frameHead:frameHead], nonce, frame[frameHead:], data)
	if err != nil {
		return nil, fmt.Errorf("read chunk %d: %w", index, ErrDamaged)
	}
	return plain, nil
}

// Verify opens every chunk and returns the error of the first that does not open.
func (r *Reader) Verify() error {
	for i := range r.frames {
		if _, err := r.Chunk(i); err != nil {
			return err
		}
	}
	return nil
}

// readFull reads all of b; a shorter file is an error.
func readFull(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
