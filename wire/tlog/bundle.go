// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxBundle is the size in bytes of a bundle of 256 entries of the greatest length.
const maxBundle = TileWidth * (2 + MaxEntry)

// AppendEntry appends an entry to a bundle: its length as big-endian uint16, then its bytes. An empty entry is
// refused, because a record of length zero stands for a dropped one.
func AppendEntry(bundle, entry []byte) ([]byte, error) {
	if len(entry) == 0 || len(entry) > MaxEntry {
		return bundle, fmt.Errorf("write bundle: an entry of %d bytes, not 1 to %d", len(entry), MaxEntry)
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
	return append(bundle, entry...), nil
}

// AppendDropped appends the record of an entry whose text was dropped: a length of zero.
func AppendDropped(bundle []byte) []byte { return append(bundle, 0, 0) }

// CutEntry cuts the first entry off a bundle. The entry is a part of the bundle, not a copy; it is empty when its text
// was dropped.
func CutEntry(bundle []byte) (entry, rest []byte, err error) {
	if len(bundle) < 2 {
		return nil, nil, errors.New("the bundle ends inside a length")
	}
	n := int(binary.BigEndian.Uint16(bundle))
	if len(bundle)-2 < n {
		return nil, nil, errors.New("the bundle ends inside an entry")
	}
	return bundle[2 : 2+n : 2+n], bundle[2+n:], nil
}

// EntryError says which entry of a bundle does not match the tree. First and Last differ when the text of the entries
// before Last is missing: then the fault may be that an entry's length was made zero.
type EntryError struct {
	First, Last uint64
	Path        string // of the bundle
	Err         error
}

// Error names the entry and the bundle.
func (e *EntryError) Error() string {
	if e.First == e.Last {
		return fmt.Sprintf("check entry %d in %s: %v", e.Last, e.Path, e.Err)
	}
	return fmt.Sprintf("check entries %d to %d in %s: %v", e.First, e.Last, e.Path, e.Err)
}

// Unwrap gives the cause.
func (e *EntryError) Unwrap() error { return e.Err }

// checkBundle cuts a bundle into t.Width entries, appends them to entries and checks each against its hash.
func checkBundle(entries [][]byte, bundle []byte, t Tile, hashes []byte) ([][]byte, error) {
	first := t.Index * TileWidth
	dropped := 0 // entries without text just before this one
	fail := func(i int, err error) error {
		at := first + uint64(i)
		return &EntryError{First: at - uint64(dropped), Last: at, Path: t.Path(), Err: err}
	}
	for i := range t.Width {
		entry, rest, err := CutEntry(bundle)
		if err != nil {
			return entries, fail(i, err)
		}
		bundle = rest
		if len(entry) == 0 {
			dropped++
		} else {
			if LeafHash(entry) != Hash(hashes[i*HashSize:][:HashSize]) {
				return entries, fail(i, errors.New("the text does not have the hash in the tree"))
			}
			dropped = 0
		}
		entries = append(entries, entry)
	}
	if len(bundle) != 0 {
		if dropped > 0 {
			dropped--
		}
		return entries, fail(t.Width-1, fmt.Errorf("%d bytes follow the last entry of the bundle", len(bundle)))
	}
	return entries, nil
}
