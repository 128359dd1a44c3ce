// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"rivage.example/rivage"
)

// The seal of these tests hides nothing: the store opens none, and a reader of a failed test sees what was stored.
var sealMark = []byte("sealed under a subject's key:")

// Seal gives an entry a body, and cells out of it, under a subject.
func Seal(e *rivage.SealedEntry, subject rivage.ID, body string, cells ...rivage.Cell) {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // never fails, crypto/rand documentation
	salted := append(salt, body...)
	e.Subject, e.Commit = subject, sha256.Sum256(salted)
	e.Body = append(bytes.Clone(sealMark), salted...)
	for _, c := range cells {
		e.Cells = append(e.Cells, rivage.Cell{Name: c.Name, Value: append(bytes.Clone(sealMark), c.Value...)})
	}
}

// Unseal opens what Seal sealed.
func Unseal(_ context.Context, _ rivage.ID, sealed []byte) ([]byte, error) {
	salted, ok := bytes.CutPrefix(sealed, sealMark)
	if !ok {
		return nil, errors.New("not sealed by these tests")
	}
	return salted, nil
}

// Blind is a blind index under the tests' index key.
func Blind(principal rivage.ID, kind, value string) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", principal, kind, value))
	return string(h[:])
}

// Key is the wrapped key of a subject.
func Key(subject rivage.ID) rivage.SubjectKey {
	return rivage.SubjectKey{Subject: subject, Epoch: 1, Wrapped: []byte("wrapped key of " + subject)}
}
