// SPDX-License-Identifier: EUPL-1.2

package tts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/rtp"
)

// The bounds of one run of the program.
const (
	runTime  = 20 * time.Second // five minutes of speech take about one
	waitMore = time.Second      // for its pipes, once it was told to end
	maxSound = 32 << 20         // bytes of WAV: twelve minutes at 22 050 Hz
	maxNoise = 200              // bytes kept of what it complains about
	atOnce   = 2                // runs side by side: synthesis never takes the machine from the calls
)

// speed is in words a minute; the program's own 175 is too fast over a telephone.
const speed = "155"

// voices are the program's voices by language.
var voices = map[string]string{"": "fr-fr", "fr": "fr-fr", "en": "en-gb"}

// Espeak is the separate program espeak-ng (GPL-3, Debian package espeak-ng). Several goroutines may use it.
type Espeak struct {
	path  string
	slots chan struct{} // one is held while the program runs
	time  time.Duration
	sound int
}

var _ Synth = (*Espeak)(nil)

// FindEspeak looks the program up once. Without it the error is Unavailable and names the package to install.
func FindEspeak() (*Espeak, error) {
	path, err := exec.LookPath("espeak-ng")
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, &rivage.Error{
			Code: rivage.Unavailable, Message: "find voice synthesis: install the Debian package espeak-ng", Err: err,
		}
	}
	return newEspeak(path), nil
}

func newEspeak(path string) *Espeak {
	return &Espeak{path: path, slots: make(chan struct{}, atOnce), time: runTime, sound: maxSound}
}

// Synth implements Synth.
func (e *Espeak) Synth(ctx context.Context, lang, text string) ([]byte, error) {
	voice, ok := voices[lang]
	switch {
	case !ok:
		return nil, invalid("no voice speaks this language: fr or en")
	case len(text) > MaxText:
		return nil, invalid(fmt.Sprintf("the text is longer than %d bytes", MaxText))
	}
	spoken := Spoken(lang, text)
	if spoken == "" {
		return nil, invalid("the text is empty")
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, unavailable("wait for another text", ctx.Err())
	}
	wav, err := e.run(ctx, voice, spoken)
	if err != nil {
		return nil, err
	}
	alaw, err := rtp.ReadWAV(bytes.NewReader(wav))
	if err != nil {
		return nil, unavailable("espeak-ng", err)
	}
	if len(alaw) == 0 {
		return nil, invalid("nothing in the text can be said")
	}
	return alaw, nil
}

// run hands the text to the program and takes its WAV. Ending ctx, or the time allowed, ends the process.
func (e *Espeak) run(ctx context.Context, voice, text string) ([]byte, error) {
	limited, stop := context.WithTimeoutCause(ctx, e.time, errSlow)
	defer stop()
	sound, noise := &bounded{most: e.sound}, &bounded{most: maxNoise, cut: true}
	cmd := exec.CommandContext(limited, e.path, "-v", voice, "-s", speed, "-b", "1", "--stdin", "--stdout")
	cmd.Env = []string{"LC_ALL=C.UTF-8"} // ours holds what is none of its business
	cmd.Dir = "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), sound, noise
	cmd.WaitDelay = waitMore
	err := cmd.Run()
	switch {
	case limited.Err() != nil:
		return nil, unavailable("espeak-ng", context.Cause(limited))
	case sound.full:
		return nil, invalid("the speech is too long: shorten the text")
	case err != nil:
		return nil, unavailable("espeak-ng", fmt.Errorf("%w: %s", err, bytes.TrimSpace(noise.kept)))
	}
	return sound.kept, nil
}

var (
	errSlow = errors.New("no speech in the time allowed")
	errFull = errors.New("more than was allowed")
)

// bounded keeps at most so many bytes; past them it refuses, or forgets when cut. It is only a Writer: a Buffer's own
// ReadFrom would go past the limit.
type bounded struct {
	kept []byte
	most int
	cut  bool
	full bool
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	left := b.most - len(b.kept)
	if len(p) <= left {
		b.kept = append(b.kept, p...)
		return len(p), nil
	}
	b.full = true
	if !b.cut {
		return 0, errFull
	}
	b.kept = append(b.kept, p[:left]...)
	return len(p), nil
}

func invalid(why string) error {
	return &rivage.Error{Code: rivage.Invalid, Message: "synthesise speech: " + why}
}

func unavailable(where string, err error) error {
	return &rivage.Error{Code: rivage.Unavailable, Message: "synthesise speech: " + where, Err: err}
}
