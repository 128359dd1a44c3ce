// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestParsePhone(t *testing.T) {
	for in, want := range map[string]Phone{
		"+33 6 12 34 56 78":  "+33612345678",
		"0033612345678":      "+33612345678",
		"06.12.34.56.78":     "+33612345678",
		"06 12 34 56 78":     "+33612345678",
		"+1 (555) 010-0000":  "+15550100000",
		"3949":               "3949",
		"anonymous":          "",
		"Anonymous; +33":     "",
		"12":                 "",
		"+1234567890123456":  "",
		"06 12 34 56 78 ext": "",
		"":                   "",
		"33+6":               "",
	} {
		if got := ParsePhone(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPhoneIsNeverLogged(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("call", "from", Phone("+33612345678"))
	if strings.Contains(b.String(), "612345678") {
		t.Errorf("the log holds the number: %s", b.String())
	}
}

func TestCodeOf(t *testing.T) {
	conflict := &Error{Code: Conflict, Message: "moved"}
	for _, c := range []struct {
		err  error
		want Code
	}{{nil, ""}, {errors.New("x"), Internal}, {conflict, Conflict}, {fmt.Errorf("append: %w", conflict), Conflict}} {
		if got := CodeOf(c.err); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}

func TestRankNeverReordersTwoThatWait(t *testing.T) {
	const step = 60e6
	early, late := RankOf(100e6, 0, step), RankOf(130e6, 0, step)
	if early >= late {
		t.Error("the earlier of equals is not first")
	}
	if urgent := RankOf(130e6, 1, step); urgent >= early {
		t.Error("a level of priority is not worth its step")
	}
	if urgent := RankOf(161e6, 1, step); urgent <= early {
		t.Error("one who waited longer than the step was passed: starvation")
	}
}

func TestSlugsAndIDs(t *testing.T) {
	for s, want := range map[string]bool{"ponant": true, "a-1": true, "": false, "-a": false, "a-": false, "A": false, "é": false, strings.Repeat("a", 41): false} {
		if got := ValidSlug(s); got != want {
			t.Errorf("%q: got %v", s, got)
		}
	}
	if a, b := NewID(), NewID(); a == b || len(a) != 26 {
		t.Errorf("ids %q and %q", a, b)
	}
}
