// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"

	"rivage.example/rivage"
)

type secretTable map[string][]byte

func (s secretTable) Secret(_ context.Context, name string) ([]byte, error) {
	if v, ok := s[name]; ok {
		return v, nil
	}
	return nil, &rivage.Error{Code: rivage.NotFound, Message: "no such secret"}
}

func (s secretTable) PutSecret(_ context.Context, name string, sealed []byte) error {
	s[name] = sealed
	return nil
}

func (s secretTable) DeleteSecret(_ context.Context, name string) error {
	delete(s, name)
	return nil
}

func TestSecretRestsSealedAndBoundToItsName(t *testing.T) {
	v, _, _ := newVault(t)
	rows := secretTable{}
	secrets := v.Secrets(rows)
	const value = "CANARY-SECRET"
	if err := secrets.PutSecret(t.Context(), "trunk/ponant", []byte(value)); err != nil {
		t.Fatal(err)
	}
	if got, err := secrets.Secret(t.Context(), "trunk/ponant"); err != nil || string(got) != value {
		t.Errorf("Secret = %q, %v, want %q", got, err, value)
	}
	for name, sealed := range maps.All(rows) {
		if bytes.Contains(sealed, []byte(value)) {
			t.Errorf("%s rests in clear", name)
		}
	}
	rows["trunk/other"] = rows["trunk/ponant"]
	if _, err := secrets.Secret(t.Context(), "trunk/other"); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("a secret under another name: %v, want code %q", err, rivage.Denied)
	}
	other, _, _ := newVault(t)
	if _, err := other.OpenSecret("trunk/ponant", rows["trunk/ponant"]); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("a secret of another instance: %v, want code %q", err, rivage.Denied)
	}
	if err := secrets.DeleteSecret(t.Context(), "trunk/ponant"); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.Secret(t.Context(), "trunk/ponant"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("a deleted secret: %v, want code %q", err, rivage.NotFound)
	}
}

func TestSecretNamesAreCheckedAndValuesNeverShown(t *testing.T) {
	v, _, _ := newVault(t)
	secrets := v.Secrets(secretTable{})
	const value = "CANARY Value!"
	for _, name := range []string{"", "/", "a/", "../x", "Trunk", value, strings.Repeat("a/", 60) + "a"} {
		_, readErr := secrets.Secret(t.Context(), name)
		for _, err := range []error{readErr, secrets.PutSecret(t.Context(), name, []byte(value)), secrets.DeleteSecret(t.Context(), name)} {
			if rivage.CodeOf(err) != rivage.Invalid || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("name %q: %v, want code %q and no value", name, err, rivage.Invalid)
			}
		}
	}
	if err := secrets.PutSecret(t.Context(), "big", make([]byte, MaxSecret+1)); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("a big secret: %v, want code %q", err, rivage.Invalid)
	}
}
