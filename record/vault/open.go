// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"context"
	"crypto/sha256"
	"slices"

	"rivage.example/rivage"
)

// Body is an opened body with the salt of its commit.
type Body struct {
	Salt  [32]byte
	Clear []byte
}

// Commit is what the entry's leaf says of the body: a body moved to another entry does not match.
func (b Body) Commit() rivage.Hash {
	return sha256.Sum256(slices.Concat(b.Salt[:], b.Clear))
}

// OpenBody opens the body of an entry of a stream. A body of another subject or stream does not open; one of another
// entry of the same stream opens, and its Commit differs from the leaf's.
func (v *Vault) OpenBody(ctx context.Context, subject rivage.ID, stream rivage.Stream, sealed []byte) (Body, error) {
	clear, err := v.open(ctx, subject, sealed, bodyData(subject, stream))
	if err != nil {
		return Body{}, err
	}
	if len(clear) < saltSize {
		return Body{}, &rivage.Error{Code: rivage.Internal, Message: "open body: it is shorter than its salt"}
	}
	return Body{Salt: [32]byte(clear), Clear: clear[saltSize:]}, nil
}

// OpenCell opens one cell, from an entry or from the row it was copied to.
func (v *Vault) OpenCell(ctx context.Context, subject rivage.ID, name string, sealed []byte) ([]byte, error) {
	return v.open(ctx, subject, sealed, cellData(subject, name))
}

func (v *Vault) open(ctx context.Context, subject rivage.ID, sealed, data []byte) ([]byte, error) {
	if sealed == nil { // rows keep NULL where an erased cell stood
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "open sealed value: it was erased"}
	}
	k, err := v.key(ctx, subject)
	if err != nil {
		return nil, err
	}
	clear, err := k.aead.Open(nil, nil, sealed, data)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Denied,
			Message: "open sealed value: it was damaged, or belongs to another subject, column or stream", Err: err}
	}
	return clear, nil
}
