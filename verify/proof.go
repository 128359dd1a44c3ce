// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"errors"
	"fmt"
	"io/fs"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// Proved is what a proof file proves: that this leaf is in that log, at that place.
type Proved struct {
	Origin string      `json:"origin"`
	Size   uint64      `json:"size"`
	Root   string      `json:"root"`
	Entry  uint64      `json:"entry"`
	Leaf   rivage.Leaf `json:"-"`
	Text   string      `json:"leaf"`
}

// Proof checks a tlog-proof file. A nil leaf means the one that the proof carries as its extra data.
func Proof(file, leaf []byte, vkey string) (Proved, error) {
	p, err := tlog.ParseProof(file)
	if err != nil {
		return Proved{}, fmt.Errorf("verify proof: %w", err)
	}
	key, err := tlog.NewVerifier(vkey)
	if err != nil {
		return Proved{}, fmt.Errorf("verify proof: %w", err)
	}
	if leaf == nil {
		leaf = p.Extra
	}
	if len(leaf) == 0 {
		return Proved{}, errors.New("verify proof: the file does not carry the leaf, and none was given")
	}
	c, err := p.Verify(tlog.LeafHash(leaf), key)
	if err != nil {
		return Proved{}, err
	}
	l, err := rivage.ParseLeaf(leaf)
	if err != nil {
		return Proved{}, fmt.Errorf("verify proof of entry %d: %w", p.Index, err)
	}
	return Proved{
		Origin: c.Origin, Size: c.Tree.Size, Root: rivage.Hash(c.Tree.Root).String(), Entry: p.Index, Leaf: l, Text: string(leaf),
	}, nil
}

// Opened checks what somebody shows of an entry beside its leaf: facts, and a body with its salt. Nil means not shown.
func (p *Proved) Opened(facts, salt, body []byte) error {
	b := brief{at: p.Leaf.At, kind: []byte(p.Leaf.Kind), facts: p.Leaf.Facts, commit: p.Leaf.Commit}
	var err error
	if facts != nil {
		_, err = sameFacts(b, facts)
	}
	if body != nil && err == nil {
		err = sameBody(b, salt, body)
	}
	if err != nil {
		return fmt.Errorf("verify what is shown of entry %d: %w", p.Entry, err)
	}
	return nil
}

// Continued is what Since proves: the log goes on from the old checkpoint and changed nothing before it.
type Continued struct {
	OldSize uint64 `json:"old_size"`
	Size    uint64 `json:"size"`
}

// Since checks that the log in files begins with the log of an old checkpoint, kept where the operator cannot reach. It
// is what tells a log that went on from one that was written again and signed again: both signatures are right.
func Since(files fs.FS, old []byte, vkey string) (Continued, error) {
	c, r, err := open(files, vkey, nil)
	if err != nil {
		return Continued{}, err
	}
	key, err := tlog.NewVerifier(r.Key)
	if err != nil {
		return Continued{}, fmt.Errorf("verify: %w", err)
	}
	was, err := tlog.OpenCheckpoint(old, key)
	if err != nil {
		return Continued{}, fmt.Errorf("verify since: the old checkpoint: %w", err)
	}
	if was.Tree.Size > c.Tree.Size {
		return Continued{}, fmt.Errorf("verify since: %d entries were signed, and the log has only %d: entries were lost or taken back",
			was.Tree.Size, c.Tree.Size)
	}
	log, err := tlog.Open(files, c.Tree)
	if err != nil {
		return Continued{}, named(err, c.Tree.Size)
	}
	hashes, err := log.Consistency(was.Tree.Size)
	if err != nil {
		return Continued{}, named(err, c.Tree.Size)
	}
	if err := tlog.CheckConsistency(hashes, c.Tree, was.Tree); err != nil {
		return Continued{}, fmt.Errorf("verify since: the first %d entries are not those that were signed then: the log was written again: %w",
			was.Tree.Size, err)
	}
	return Continued{was.Tree.Size, c.Tree.Size}, nil
}
