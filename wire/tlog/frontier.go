// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

const (
	frontierVersion = 1
	frontierHead    = 1 + 8 // version, size
)

// Frontier is the right edge of a tree: the roots of its perfect subtrees, left to right, one for each bit of the
// size. It is all one needs to append and to know the root, and it never exceeds 64 hashes. The zero value is the
// empty tree. A Frontier is a plain value without pointers: copying it copies the tree, and appending allocates nothing.
type Frontier struct {
	size   uint64
	hashes [64]Hash // the first bits.OnesCount64(size) are in use
}

// Size is the number of entries.
func (f *Frontier) Size() uint64 { return f.size }

// Append adds the hash of one entry.
func (f *Frontier) Append(leaf Hash) {
	n := bits.OnesCount64(f.size)
	for s := f.size; s&1 == 1; s >>= 1 {
		n--
		leaf = NodeHash(f.hashes[n], leaf)
	}
	f.hashes[n] = leaf
	f.size++
}

// Root is the root of the tree.
func (f *Frontier) Root() Hash {
	n := bits.OnesCount64(f.size)
	if n == 0 {
		return emptyRoot
	}
	root := f.hashes[n-1]
	for i := n - 2; i >= 0; i-- {
		root = NodeHash(f.hashes[i], root)
	}
	return root
}

// Tree is the size and the root.
func (f *Frontier) Tree() Tree { return Tree{Size: f.size, Root: f.Root()} }

// AppendBinary appends the stored form: one byte of version (1), the size as big-endian uint64, and one hash of 32
// bytes for each 1 bit of the size, from the highest bit (the leftmost, largest subtree) down.
func (f *Frontier) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, frontierVersion)
	b = binary.BigEndian.AppendUint64(b, f.size)
	for _, h := range f.hashes[:bits.OnesCount64(f.size)] {
		b = append(b, h[:]...)
	}
	return b, nil
}

// MarshalBinary is AppendBinary into a new slice.
func (f *Frontier) MarshalBinary() ([]byte, error) { return f.AppendBinary(nil) }

// UnmarshalBinary reads the stored form, and leaves f as it was when the form is wrong.
func (f *Frontier) UnmarshalBinary(b []byte) error {
	if len(b) < frontierHead || b[0] != frontierVersion {
		return fmt.Errorf("read frontier: %d bytes, not a frontier of version %d", len(b), frontierVersion)
	}
	size := binary.BigEndian.Uint64(b[1:])
	n := bits.OnesCount64(size)
	if size > MaxSize || len(b) != frontierHead+n*HashSize {
		return fmt.Errorf("read frontier: %d bytes for a size of %d", len(b), size)
	}
	f.size = size
	for i := range n {
		copy(f.hashes[i][:], b[frontierHead+i*HashSize:])
	}
	return nil
}
