// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

const (
	proofHeader = "c2sp.org/tlog-proof@v1\n"
	maxExtra    = 64 << 10 // bytes of a proof's extra data
	maxHashes   = 64       // of a proof: one per level

	// MaxProof is the longest proof file that is read, in bytes.
	MaxProof = len(proofHeader) + maxExtra*4/3 + maxHashes*48 + 128 + MaxCheckpoint
)

// Proof says that an entry is in a log, checkable without the log (C2SP tlog-proof). Its file is named .tlog-proof.
type Proof struct {
	Index      uint64
	Hashes     []Hash
	Checkpoint []byte // signed
	Extra      []byte // for the application; nobody signed it
}

// AppendText appends the proof's file.
func (p Proof) AppendText(b []byte) ([]byte, error) {
	if len(p.Extra) > maxExtra || len(p.Hashes) > maxHashes || len(p.Checkpoint) > MaxCheckpoint || p.Index >= MaxSize {
		return b, fmt.Errorf("write proof of entry %d: too large", p.Index)
	}
	b = append(b, proofHeader...)
	if len(p.Extra) > 0 {
		b = append(b, "extra "...)
		b = base64.StdEncoding.AppendEncode(b, p.Extra)
		b = append(b, '\n')
	}
	b = append(b, "index "...)
	b = strconv.AppendUint(b, p.Index, 10)
	b = append(b, '\n')
	for _, h := range p.Hashes {
		b = base64.StdEncoding.AppendEncode(b, h[:])
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, p.Checkpoint...), nil
}

// MarshalText is AppendText into a new slice.
func (p Proof) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// ParseProof reads a proof's file; it verifies nothing.
func ParseProof(data []byte) (Proof, error) {
	bad := func(what string) (Proof, error) { return Proof{}, errors.New("read proof: " + what) }
	if len(data) > MaxProof {
		return bad("too long")
	}
	rest, ok := strings.CutPrefix(string(data), proofHeader)
	if !ok {
		return bad("the first line is not " + strings.TrimSpace(proofHeader))
	}
	var p Proof
	var err error
	line, rest, ended := strings.Cut(rest, "\n")
	if extra, ok := strings.CutPrefix(line, "extra "); ok {
		p.Extra, err = base64.StdEncoding.DecodeString(extra)
		if err != nil || len(p.Extra) > maxExtra || base64.StdEncoding.EncodeToString(p.Extra) != extra {
			return bad("the extra data is not base64, or too long")
		}
		line, rest, ended = strings.Cut(rest, "\n")
	}
	index, ok := strings.CutPrefix(line, "index ")
	p.Index, err = strconv.ParseUint(index, 10, 64)
	if !ok || !ended || err != nil || p.Index >= MaxSize || strconv.FormatUint(p.Index, 10) != index {
		return bad("no line with the index of the entry")
	}
	for {
		if line, rest, ended = strings.Cut(rest, "\n"); !ended {
			return bad("no checkpoint")
		}
		if line == "" {
			break
		}
		h, err := parseHash(line)
		if err != nil || len(p.Hashes) == maxHashes {
			return bad(fmt.Sprintf("line %d of the inclusion proof is not a hash, or there are too many", len(p.Hashes)+1))
		}
		p.Hashes = append(p.Hashes, h)
	}
	if rest == "" || len(rest) > MaxCheckpoint {
		return bad("no checkpoint, or a too long one")
	}
	p.Checkpoint = []byte(rest)
	return p, nil
}

// Verify checks that the entry with that leaf hash is under a checkpoint of the log whose key this is, and returns the
// checkpoint.
func (p Proof) Verify(leaf Hash, log Verifier, others ...Verifier) (Signed, error) {
	c, err := OpenCheckpoint(p.Checkpoint, log, others...)
	if err != nil {
		return Signed{}, fmt.Errorf("verify proof of entry %d: %w", p.Index, err)
	}
	if err := CheckInclusion(p.Hashes, c.Tree, p.Index, leaf); err != nil {
		return Signed{}, fmt.Errorf("verify proof of entry %d: %w", p.Index, err)
	}
	return c, nil
}
