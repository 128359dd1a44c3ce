// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/rtp"
)

// find gives the real program; without it the test fails and names its package.
func find(t *testing.T) *Espeak {
	t.Helper()
	e, err := FindEspeak()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// script is a program of ours in the place of espeak-ng.
func script(t *testing.T, body string) *Espeak {
	t.Helper()
	path := filepath.Join(t.TempDir(), "espeak-ng")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return newEspeak(path)
}

func TestSpeechIsHeardAndGrowsWithTheText(t *testing.T) {
	e := find(t)
	for _, c := range []struct{ lang, short, long string }{
		{"fr", "Bonjour.", "Bonjour, un conseiller situé au Maroc, selon la déclaration de l'entreprise, va vous répondre."},
		{"en", "Good morning.", "Good morning, an agent in Morocco, as stated by the company, is going to answer your call."},
	} {
		short, err := e.Synth(t.Context(), c.lang, c.short)
		if err != nil {
			t.Fatal(err)
		}
		long, err := e.Synth(t.Context(), c.lang, c.long)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(long), 2*len(short); got < want {
			t.Errorf("%s: the long text lasts %d samples, want at least %d", c.lang, got, want)
		}
		if got := len(short); got < rtp.Rate/4 || got > 3*rtp.Rate {
			t.Errorf("%s: %q lasts %d samples, want 0.25 to 3 s", c.lang, c.short, got)
		}
		if got := loud(long); got < 0.3 {
			t.Errorf("%s: %.2f of the blocks can be heard, want at least 0.3", c.lang, got)
		}
	}
}

// loud is the share of 20 ms blocks above about -40 dBm0.
func loud(alaw []byte) float64 {
	const block, floor = rtp.Rate / 50, 300.0 * 300
	var hit, n int
	for ; len(alaw) >= block; alaw = alaw[block:] {
		var energy float64
		for _, b := range alaw[:block] {
			v := float64(rtp.DecodeALaw(b))
			energy += v * v
		}
		n++
		if energy/block > floor {
			hit++
		}
	}
	return float64(hit) / float64(max(n, 1))
}

// What is written short is said long: the program hears the normaliser's words.
func TestTheProgramHearsWhatIsSpoken(t *testing.T) {
	e := find(t)
	written, err := e.Synth(t.Context(), "fr", "M. Dupont, 12,50 €, le 21/11/2026 à 9h30")
	if err != nil {
		t.Fatal(err)
	}
	said, err := e.Synth(t.Context(), "fr", "Monsieur Dupont, douze euros cinquante, le vingt et un novembre deux mille vingt-six à neuf heures trente")
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != string(said) {
		t.Errorf("got %d samples, want the %d of the words", len(written), len(said))
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, lang, text string
		e                *Espeak
		want             rivage.Code
	}{
		{"another language", "br", "Demat", script(t, "exit 9"), rivage.Invalid},
		{"no text", "fr", " \x00\n", script(t, "exit 9"), rivage.Invalid},
		{"a text too long", "fr", strings.Repeat("a", MaxText+1), script(t, "exit 9"), rivage.Invalid},
		{"the program fails", "fr", "Bonjour", script(t, "echo no voice >&2; exit 1"), rivage.Unavailable},
		{"the program gives no WAV", "fr", "Bonjour", script(t, "echo hello"), rivage.Unavailable},
		{"the program is gone", "fr", "Bonjour", newEspeak("/nonexistent/espeak-ng"), rivage.Unavailable},
	} {
		alaw, err := c.e.Synth(t.Context(), c.lang, c.text)
		if got := rivage.CodeOf(err); got != c.want || alaw != nil {
			t.Errorf("%s: got %q (%v) and %d samples, want %q", c.name, got, err, len(alaw), c.want)
		}
	}
}

func TestTheProgramIsBounded(t *testing.T) {
	flood := script(t, "exec cat /dev/zero")
	flood.sound = 1 << 20
	if _, err := flood.Synth(t.Context(), "fr", "Bonjour"); rivage.CodeOf(err) != rivage.Invalid {
		t.Errorf("a flood: got %v, want Invalid", err)
	}
	noisy := script(t, "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1")
	if _, err := noisy.Synth(t.Context(), "fr", "Bonjour"); err == nil || len(err.Error()) > 2*maxNoise {
		t.Errorf("noise: got %v, want a short error", err)
	}
	stuck := script(t, "exec sleep 60")
	stuck.time = 50 * time.Millisecond
	if _, err := stuck.Synth(t.Context(), "fr", "Bonjour"); !errors.Is(err, errSlow) {
		t.Errorf("a program that hangs: got %v, want %v", err, errSlow)
	}
}

func TestEndingTheContextEndsTheProgram(t *testing.T) {
	started := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(started, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := script(t, "echo $$ > "+started+"; exec sleep 60")
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		if _, err := e.Synth(ctx, "fr", "Bonjour"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
	var pid string
	for until := time.Now().Add(10 * time.Second); pid == "" && time.Now().Before(until); {
		b, err := os.ReadFile(started)
		if err != nil {
			t.Fatal(err)
		}
		pid = strings.TrimSpace(string(b))
	}
	stop()
	wait.Wait()
	if _, err := os.Stat("/proc/" + pid); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("process %s: got %v, want it gone", pid, err)
	}
}

func TestOnlySoManyRunAtOnce(t *testing.T) {
	e := script(t, "exit 1")
	for range atOnce {
		e.slots <- struct{}{}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := e.Synth(ctx, "fr", "Bonjour"); !errors.Is(err, context.Canceled) {
		t.Errorf("all slots taken: got %v, want %v", err, context.Canceled)
	}
	<-e.slots
	if _, err := e.Synth(t.Context(), "fr", "Bonjour"); rivage.CodeOf(err) != rivage.Unavailable {
		t.Errorf("a free slot: got %v, want the program's failure", err)
	}
	if got, want := len(e.slots), atOnce-1; got != want {
		t.Errorf("slots taken after a run: got %d, want %d", got, want)
	}
}

func TestAMissingProgramNamesItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := FindEspeak()
	if rivage.CodeOf(err) != rivage.Unavailable || !strings.Contains(err.Error(), "Debian package espeak-ng") {
		t.Errorf("got %v, want Unavailable with the package's name", err)
	}
}
