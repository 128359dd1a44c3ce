// SPDX-License-Identifier: EUPL-1.2

package sealed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// frames are buffers for sealed chunks: many recordings are written, few at the same moment.
var frames = sync.Pool{New: func() any { return new([]byte) }}

// Writer seals a recording, one chunk a second. It does not close what it writes to. It is not safe for use by several
// goroutines.
type Writer struct {
	w     io.Writer
	seal  *sealer
	chunk int    // bytes of a whole second
	next  uint64 // index of the next frame
	err   error  // of the first failed write, or that the last chunk was written
}

// NewWriter writes the header of a new file. The key must be this object's alone, and the file new: the same key and
// index never seal twice.
func NewWriter(w io.Writer, f Format, key []byte) (*Writer, error) {
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("write recording: %w", err)
	}
	s, err := newSealer(f, key)
	if err != nil {
		return nil, fmt.Errorf("write recording: %w", err)
	}
	if _, err := w.Write(f.header()); err != nil {
		return nil, fmt.Errorf("write recording: header: %w", err)
	}
	return &Writer{w: w, seal: s, chunk: f.second()}, nil
}

// Chunks is the number of chunks written.
func (w *Writer) Chunks() uint64 { return w.next }

// WriteChunk seals one second of sound, or less when it is the last chunk, which may be empty. The frame is one Write,
// so that it reaches the kernel at once. After an error the Writer refuses all more: sealing other sound under the
// index of a frame that may be on the disk would give the key's stream away.
func (w *Writer) WriteChunk(plain []byte, last bool) error {
	if w.err != nil {
		return fmt.Errorf("write chunk %d: %w", w.next, w.err)
	}
	if len(plain) > w.chunk || len(plain) < w.chunk && !last {
		return fmt.Errorf("write chunk %d: %d bytes; a second has %d, only the last chunk may be shorter", w.next, len(plain), w.chunk)
	}
	if w.next == maxFrames {
		return fmt.Errorf("write chunk %d: the recording is full", w.next)
	}
	nonce, data := w.seal.frame(w.next, last)
	frame := frames.Get().(*[]byte)
	defer frames.Put(frame)
	*frame = binary.BigEndian.AppendUint32((*frame)[:0], frameLength(len(plain), last))
	*frame = w.seal.aead.Seal(*frame, nonce, plain, data)
	if _, err := w.w.Write(*frame); err != nil {
		w.err = fmt.Errorf("the recording stopped: %w", err)
		return fmt.Errorf("write chunk %d: %w", w.next, err)
	}
	w.next++
	if last {
		w.err = errors.New("the last chunk was written")
	}
	return nil
}
