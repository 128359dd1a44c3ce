// SPDX-License-Identifier: EUPL-1.2

// Package tlog reads, writes and proves transparency logs in the formats that other people's tools check: RFC 6962
// trees, and C2SP tlog-tiles, tlog-checkpoint, signed-note and tlog-proof.
//
// A reader believes nothing but a checkpoint's root: each tile is checked against the tile above it, the right edge
// against the root, each entry against its hash. A record of length zero in a bundle is this package's one addition:
// an entry whose text was dropped, of which only the hash in the level-0 tile is left. Real entries are never empty.
package tlog

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	xtlog "golang.org/x/mod/sumdb/tlog"
)

const (
	// HashSize is the size of a hash in bytes.
	HashSize = xtlog.HashSize

	// MaxSize is the largest tree this package handles. Beyond it the arithmetic of stored hashes would overflow,
	// and a checkpoint that claims more is a lie.
	MaxSize = 1 << 56

	// MaxEntry is the longest entry in bytes: a bundle writes lengths as uint16 (C2SP tlog-tiles, "Log entries").
	MaxEntry = 1<<16 - 1
)

// Hash is a SHA-256 hash of a leaf, a node or a tree.
type Hash = xtlog.Hash

// Tree is the head of a log: how many entries, under which root.
type Tree struct {
	Size uint64
	Root Hash
}

// emptyRoot is the root of a tree without entries: the hash of nothing (RFC 6962 section 2.1).
var emptyRoot = Hash(sha256.Sum256(nil))

// EmptyTree is the head of a log without entries.
func EmptyTree() Tree { return Tree{Root: emptyRoot} }

// LeafHash is the hash of an entry: SHA-256(0x00 ‖ entry) (RFC 6962 section 2.1).
func LeafHash(entry []byte) Hash {
	// A buffer on the stack: an entry of ordinary length is hashed without an allocation.
	var buf [2048]byte
	if len(entry) < len(buf) {
		return sha256.Sum256(buf[:1+copy(buf[1:], entry)])
	}
	return xtlog.RecordHash(entry)
}

// NodeHash is the hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
func NodeHash(left, right Hash) Hash { return xtlog.NodeHash(left, right) }

// CheckInclusion checks that entry index of the tree has the hash leaf.
func CheckInclusion(proof []Hash, tree Tree, index uint64, leaf Hash) error {
	if tree.Size > MaxSize || index >= tree.Size {
		return fmt.Errorf("check inclusion: entry %d is not in a tree of %d", index, tree.Size)
	}
	if err := xtlog.CheckRecord(proof, int64(tree.Size), tree.Root, int64(index), leaf); err != nil {
		return fmt.Errorf("check inclusion: entry %d is not under the root of %d entries", index, tree.Size)
	}
	return nil
}

// CheckConsistency checks that the tree holds the old one as its beginning (RFC 6962 section 2.1.2). An empty old
// tree is the beginning of every tree, and its proof is empty.
func CheckConsistency(proof []Hash, tree, old Tree) error {
	if tree.Size > MaxSize || old.Size > tree.Size {
		return fmt.Errorf("check consistency: a tree of %d does not hold one of %d", tree.Size, old.Size)
	}
	if old.Size == 0 {
		if len(proof) != 0 || old.Root != emptyRoot {
			return errors.New("check consistency: the empty tree has one root and an empty proof")
		}
		return nil
	}
	if err := xtlog.CheckTree(proof, int64(tree.Size), tree.Root, int64(old.Size), old.Root); err != nil {
		return fmt.Errorf("check consistency: the tree of %d entries does not begin with the tree of %d", tree.Size, old.Size)
	}
	return nil
}

// parseHash reads the one base64 form of a hash. The standard decoder skips line ends and loose bits; this does not.
func parseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != base64.StdEncoding.EncodedLen(HashSize) {
		return h, errors.New("a hash is 44 base64 characters")
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != HashSize || base64.StdEncoding.EncodeToString(b) != s {
		return h, errors.New("not the base64 of a hash")
	}
	return Hash(b), nil
}
