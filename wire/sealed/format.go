// SPDX-License-Identifier: EUPL-1.2

// Package sealed reads and writes recordings sealed second by second, so that a call cut short is readable to its last
// whole second and no clear sound ever rests on a disk.
//
// A file is a header and frames; numbers are big-endian:
//
//	header  magic "rivagrec" (8) ‖ version 1 (1) ‖ encoding (1) ‖ channels (1) ‖ length of id (1) ‖ samples per
//	        second (4) ‖ object id (1 to 64 bytes)
//	frame   last (1 bit) and length of the sound in bytes (31 bits) ‖ the sound under AES-256-GCM (length + 16)
//
// The nonce of frame i is i in 12 bytes; its additional data is the header, i in 8 bytes, and one byte that is 1 in the
// last frame: a frame opens only in its place, in its object, and as the end only if it was written as the end. Each
// frame but the last holds exactly one second, so that seeking is arithmetic. One key seals one file, which is never
// continued, so no nonce comes twice; a recording that resumes is a new object with a new key. A file without a last
// frame was interrupted.
package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// KeySize is the size of an object's key in bytes.
	KeySize = 32

	// Overhead is what a frame adds to its sound, in bytes.
	Overhead = frameHead + tagSize

	magic     = "rivagrec"
	version   = 1
	fixedHead = len(magic) + 8
	maxID     = 64
	frameHead = 4
	tagSize   = 16
	lastFlag  = 1 << 31
	maxChunk  = 4 << 20 // bytes of one second
	maxFrames = 1 << 32
)

// Encoding says what the bytes of the sound are. Samples of several channels alternate.
type Encoding byte

// The encodings.
const (
	ALaw     Encoding = 1 // G.711, one byte per sample
	MuLaw    Encoding = 2 // G.711, one byte per sample
	Linear16 Encoding = 3 // signed, little-endian, two bytes per sample
)

// Format is what the header says. It is sealed with every chunk.
type Format struct {
	Object   string // id of the recording, 1 to 64 bytes
	Encoding Encoding
	Rate     int // samples per second and channel
	Channels int
}

// ChunkSize is the length in bytes of one second, 0 when the format is wrong.
func (f Format) ChunkSize() int {
	if f.check() != nil {
		return 0
	}
	return f.second()
}

func (f Format) second() int {
	n := f.Rate * f.Channels
	if f.Encoding == Linear16 {
		n *= 2
	}
	return n
}

func (f Format) check() error {
	switch {
	case len(f.Object) == 0 || len(f.Object) > maxID:
		return fmt.Errorf("an object id of %d bytes, not 1 to %d", len(f.Object), maxID)
	case f.Encoding < ALaw || f.Encoding > Linear16:
		return fmt.Errorf("encoding %d is unknown", f.Encoding)
	case f.Rate < 1 || f.Rate > 192000 || f.Channels < 1 || f.Channels > 255 || f.second() > maxChunk:
		return fmt.Errorf("%d channels at %d samples per second: out of range", f.Channels, f.Rate)
	}
	return nil
}

// header writes the header; the format was checked.
func (f Format) header() []byte {
	b := append(make([]byte, 0, fixedHead+len(f.Object)), magic...)
	b = append(b, version, byte(f.Encoding), byte(f.Channels), byte(len(f.Object)))
	b = binary.BigEndian.AppendUint32(b, uint32(f.Rate))
	return append(b, f.Object...)
}

// parseFormat reads the header at the beginning of b.
func parseFormat(b []byte) (Format, error) {
	if len(b) < fixedHead || string(b[:len(magic)]) != magic {
		return Format{}, errors.New("not a sealed recording")
	}
	if b[8] != version {
		return Format{}, fmt.Errorf("version %d; this program reads version %d", b[8], version)
	}
	n := int(b[11])
	if len(b) < fixedHead+n {
		return Format{}, errors.New("the file ends inside its header")
	}
	f := Format{
		Object:   string(b[fixedHead : fixedHead+n]),
		Encoding: Encoding(b[9]),
		Channels: int(b[10]),
		Rate:     int(min(binary.BigEndian.Uint32(b[12:]), 1<<30)),
	}
	return f, f.check()
}

// sealer seals and opens the frames of one file. It is owned by one Writer or Reader.
type sealer struct {
	aead  cipher.AEAD
	data  []byte // header ‖ index ‖ last: the additional data, rewritten for each frame
	nonce [12]byte
}

func newSealer(f Format, key []byte) (*sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("a key of %d bytes, not %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead: aead, data: append(f.header(), make([]byte, 9)...)}, nil
}

// frame sets nonce and additional data to those of one frame.
func (s *sealer) frame(index uint64, last bool) (nonce, data []byte) {
	binary.BigEndian.PutUint64(s.nonce[4:], index)
	tail := s.data[len(s.data)-9:]
	binary.BigEndian.PutUint64(tail, index)
	tail[8] = 0
	if last {
		tail[8] = 1
	}
	return s.nonce[:], s.data
}

// frameLength is the length field of a frame.
func frameLength(n int, last bool) uint32 {
	if last {
		return uint32(n) | lastFlag
	}
	return uint32(n)
}

// splitLength is the inverse of frameLength.
func splitLength(b []byte) (n int, last bool) {
	v := binary.BigEndian.Uint32(b)
	return int(v &^ lastFlag), v&lastFlag != 0
}
