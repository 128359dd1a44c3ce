// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"fmt"
	"net/http"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// What a person is told of a refusal: a status and a code that screens have words for, and the sentence.
func TestRefusalsHaveTheirOwnCodeAndSentence(t *testing.T) {
	refused := func(r access.Refusal) error {
		return &rivage.Error{Code: rivage.Denied, Message: "inner words", Err: r}
	}
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"one person":          {refused(access.OnePerson), http.StatusForbidden, "one_person"},
		"another's hand":      {refused(access.NotOwn), http.StatusForbidden, "not_own"},
		"too many persons":    {&rivage.Error{Code: rivage.Busy, Message: "inner words", Err: view.ErrReach}, http.StatusTooManyRequests, "reach"},
		"a card that moved":   {fmt.Errorf("keep: %w", view.ErrCardChanged), http.StatusPreconditionFailed, "stale"},
		"an expired sound":    {&rivage.Error{Code: rivage.NotFound, Message: "inner words", Err: view.ErrExpired}, http.StatusGone, "expired"},
		"an error of no kind": {fmt.Errorf("inner words"), http.StatusInternalServerError, "internal"},
	} {
		p := problemOf(c.err)
		if p.Status != c.status || p.Code != c.code || p.Detail == "" || p.Detail == "inner words" {
			t.Errorf("%s: got %d %q %q, want %d %q", name, p.Status, p.Code, p.Detail, c.status, c.code)
		}
	}
}
