// SPDX-License-Identifier: EUPL-1.2

package tlog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// MaxCheckpoint is the longest signed checkpoint that is read, in bytes: room for dozens of cosignatures, also of
// ML-DSA-44, which take 3 kB each.
const MaxCheckpoint = 256 << 10

// The parts of C2SP signed-note, of golang.org/x/mod/sumdb/note: a signer and a verifier of one key, a signature line.
type (
	Signer    = note.Signer
	Verifier  = note.Verifier
	Signature = note.Signature
)

// Checkpoint is what a log signs (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin    string // names the log
	Tree      Tree
	Extension string // lines, each with its line end; empty in our own checkpoints
}

// Signed is a checkpoint whose signature by the log was verified.
type Signed struct {
	Checkpoint
	Signatures []Signature // verified: the log's, and those of the other keys that were given
	Unverified []Signature // by keys that were not given; kept, and proof of nothing
}

// Text is the signed text: origin, size and root, one per line.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Tree.Size, 10) + "\n" + c.Tree.Root.String() + "\n" + c.Extension
}

// Sign signs the checkpoint with each signer; the first should be the log's key, named like the origin.
func (c Checkpoint) Sign(signers ...Signer) ([]byte, error) {
	if _, err := ParseCheckpoint(c.Text()); err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	if len(signers) == 0 {
		return nil, errors.New("sign checkpoint: no signer")
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return signed, nil
}

// SignText signs a text that is no checkpoint: its first line names it, and its second is not a size, so that neither can
// be taken for the other. OpenText reads it back.
func SignText(text string, signers ...Signer) ([]byte, error) {
	if _, err := ParseCheckpoint(text); err == nil {
		return nil, errors.New("sign text: it reads as a checkpoint")
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign text: %w", err)
	}
	return signed, nil
}

// OpenText gives the text that the holder of a key signed with SignText.
func OpenText(signed []byte, by Verifier) (string, error) {
	n, err := note.Open(signed, note.VerifierList(by))
	if err != nil {
		return "", fmt.Errorf("open text: %w", err)
	}
	return n.Text, nil
}

// ParseCheckpoint reads the text of a checkpoint, without signatures. There is one text for each checkpoint.
func ParseCheckpoint(text string) (Checkpoint, error) {
	bad := func(what string) (Checkpoint, error) {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %s", what)
	}
	if len(text) > MaxCheckpoint {
		return bad("too long")
	}
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return bad("not the three lines of origin, size and root")
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil || size > MaxSize || strconv.FormatUint(size, 10) != lines[1] {
		return bad("the second line is not the size of a tree")
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return bad("the third line is not the root: " + err.Error())
	}
	if size == 0 && root != emptyRoot {
		return bad("the root is not the one of an empty tree")
	}
	for ext := lines[3]; ext != ""; {
		line, rest, ended := strings.Cut(ext, "\n")
		if line == "" || !ended {
			return bad("an empty or unfinished extension line")
		}
		ext = rest
	}
	return Checkpoint{Origin: lines[0], Tree: Tree{Size: size, Root: root}, Extension: lines[3]}, nil
}

// OpenCheckpoint reads a signed checkpoint of the log whose key this is: the origin must be the key's name and the
// key's signature must be there and right. A wrong signature by one of the other keys is refused too; a missing one is
// not, the caller looks into Signatures for those it wants.
func OpenCheckpoint(signed []byte, log Verifier, others ...Verifier) (Signed, error) {
	if len(signed) > MaxCheckpoint {
		return Signed{}, fmt.Errorf("open checkpoint: %d bytes, at most %d are read", len(signed), MaxCheckpoint)
	}
	n, err := note.Open(signed, note.VerifierList(append([]Verifier{log}, others...)...))
	if err != nil {
		return Signed{}, fmt.Errorf("open checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Signed{}, fmt.Errorf("open checkpoint: %w", err)
	}
	if c.Origin != log.Name() {
		return Signed{}, fmt.Errorf("open checkpoint: it is of the log %q, the key is of %q", c.Origin, log.Name())
	}
	for _, s := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		// The note package reads loose bits at the end of a signature; one checkpoint must have one form.
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return Signed{}, fmt.Errorf("open checkpoint: the signature of %s is not in its one form", s.Name)
		}
	}
	for _, s := range n.Sigs {
		if s.Name == log.Name() && s.Hash == log.KeyHash() {
			return Signed{Checkpoint: c, Signatures: n.Sigs, Unverified: n.UnverifiedSigs}, nil
		}
	}
	return Signed{}, fmt.Errorf("open checkpoint: not signed by %s+%08x", log.Name(), log.KeyHash())
}

// AddSignatures appends signature lines, as a witness returns them, to a signed checkpoint.
func AddSignatures(signed, lines []byte) ([]byte, error) {
	all := append(bytes.Clone(signed), lines...)
	if len(all) > MaxCheckpoint {
		return nil, fmt.Errorf("add signatures: %d bytes, at most %d are read", len(all), MaxCheckpoint)
	}
	// No key is known here: what parses comes back inside the error. The text must still be the same one, else the
	// lines were no signatures but a new end of the note.
	var unverified *note.UnverifiedNoteError
	if _, err := note.Open(all, nil); !errors.As(err, &unverified) {
		return nil, fmt.Errorf("add signatures: %w", err)
	}
	if text, _, _ := strings.Cut(string(signed), "\n\n"); unverified.Note.Text != text+"\n" {
		return nil, errors.New("add signatures: these lines are not signatures")
	}
	return all, nil
}

// ed25519Note is the algorithm byte of Ed25519 in keys of C2SP signed-note.
const ed25519Note = 1

// NewSigner makes the signer of a log from its Ed25519 key; name is the log's origin.
func NewSigner(name string, key ed25519.PrivateKey) (Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("make signer: a key of %d bytes, not %d", len(key), ed25519.PrivateKeySize)
	}
	vkey, err := VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("make signer: name %q: %w", name, err)
	}
	seed := base64.StdEncoding.EncodeToString(append([]byte{ed25519Note}, key.Seed()...))
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, v.KeyHash(), seed))
	if err != nil {
		return nil, fmt.Errorf("make signer: %w", err)
	}
	return s, nil
}

// VerifierKey is the public key as C2SP signed-note writes it, name+hash+key: what auditors are given.
func VerifierKey(name string, key ed25519.PublicKey) (string, error) {
	vkey, err := note.NewEd25519VerifierKey(name, key)
	if err != nil {
		return "", fmt.Errorf("write verifier key: %w", err)
	}
	if _, err := note.NewVerifier(vkey); err != nil {
		return "", fmt.Errorf("write verifier key: the name %q is empty or has a space or a plus: %w", name, err)
	}
	return vkey, nil
}

// NewVerifier reads a public key written by VerifierKey.
func NewVerifier(vkey string) (Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return nil, fmt.Errorf("read verifier key: %w", err)
	}
	return v, nil
}
