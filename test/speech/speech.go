// SPDX-License-Identifier: EUPL-1.2

// Package speech gives the browsers of the tests a voice for a microphone: they take a tone for noise.
package speech

import (
	"errors"
	"os"
	"testing"

	"rivage.example/rivage/wire/rtp"
)

// Write writes what an agent says as linear WAV. The test is one of a folder beside this one.
func Write(t testing.TB, path string) {
	t.Helper()
	f, err := os.Open("../../cmd/rivage/demo/speech/appelant-1.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	alaw, err := rtp.ReadWAV(f)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(rtp.WritePCMWAV(out, 1, alaw), out.Close()); err != nil {
		t.Fatal(err)
	}
}
