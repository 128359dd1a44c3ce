// SPDX-License-Identifier: EUPL-1.2

// Package tts turns an announcement's text into sound when nobody has recorded it: a fallback, labelled so wherever it
// is heard. It runs when somebody asks for a prompt, never while packets flow.
package tts

import "context"

// Synth makes speech.
type Synth interface {
	// Synth says text in a language ("fr", "en"; "" is French) as A-law, 8 kHz, mono. Errors are rivage.Error: Invalid
	// for what can never be said, Busy and Unavailable for what may work later.
	Synth(ctx context.Context, lang, text string) (alaw []byte, err error)
}

// MaxText is the longest text, in bytes: about five minutes of speech.
const MaxText = 4000
