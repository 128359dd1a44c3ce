// SPDX-License-Identifier: EUPL-1.2

package media

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"rivage.example/rivage/wire/rtp"
)

// block is one second of sound, A-law, of caller and agent; silence where nothing was said.
type block [2][rtp.Rate]byte

func (b *block) hush() {
	for c := range b {
		b[c][0] = rtp.ALawSilence
		for n := 1; n < rtp.Rate; n *= 2 {
			copy(b[c][n:], b[c][:n])
		}
	}
}

// shelf keeps blocks that are hushed and free. They lie outside Go's heap, which grows to twice what lives in it: most
// of what a recorded call holds is its block.
type shelf struct{ free chan *block }

// maxFree is how many blocks can wait for use. Far fewer do: a second begins for one recording while it ends for others.
const maxFree = 4096

func newShelf() *shelf { return &shelf{make(chan *block, maxFree)} }

// take gives a hushed block; nil when the system has no memory.
func (s *shelf) take() *block {
	select {
	case b := <-s.free:
		return b
	default:
	}
	at, err := unix.MmapPtr(-1, 0, nil, unsafe.Sizeof(block{}), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	b := (*block)(at)
	b.hush()
	return b
}

// give takes a block back, or none; nobody may write to it any more.
func (s *shelf) give(b *block) {
	if b == nil {
		return
	}
	b.hush()
	select {
	case s.free <- b:
	default:
		s.drop(b)
	}
}

// trim gives free blocks back to the system, all but some.
func (s *shelf) trim(keep int) {
	for len(s.free) > keep {
		select {
		case b := <-s.free:
			s.drop(b)
		default: // the loops took them
		}
	}
}

func (s *shelf) drop(b *block) {
	_ = unix.MunmapPtr(unsafe.Pointer(b), unsafe.Sizeof(*b)) // take mapped it: cannot fail
}

// chunk is one second as it is sealed: the channels interleaved. There are as many as seconds being handed over.
type chunk [2 * rtp.Rate]byte

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// fill interleaves a block, or silence for none.
func (s *chunk) fill(b *block) {
	if b == nil {
		for i := range s {
			s[i] = rtp.ALawSilence
		}
		return
	}
	for i, v := range b[0] {
		s[2*i], s[2*i+1] = v, b[1][i]
	}
}
