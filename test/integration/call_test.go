// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/rtp"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// A call with sound: the caller hears the sentence of the agent's place to its end before the agent, both hear one
// another, music on hold, and the recording has each of them on a channel of their own, and nothing of the hold.
func TestCallIsHeardHeldAndRecorded(t *testing.T) {
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)}}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	agent.open(t, i)

	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(1))
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	agent.sound.hears(t, "the agent hears the caller", toneCaller)
	wantStory(t, runs(caller.sound.since(0)))
	id := agent.interaction(t)

	agent.do(t, "hold", func(ctx context.Context) error { _, err := agent.desk.Hold(ctx, id); return err })
	caller.sound.hears(t, "the caller hears music on hold", toneMusic)
	agent.sound.hears(t, "the agent hears nothing on hold", 0)
	caller.sound.say(toneAside)
	agent.sound.say(toneAside)
	caller.sound.hears(t, "the caller hears music while both speak beside the call", toneMusic)
	caller.sound.say(toneCaller)
	agent.sound.say(toneAgent)
	caller.sound.hears(t, "the caller still hears music", toneMusic)
	agent.do(t, "resume", func(ctx context.Context) error { _, err := agent.desk.Resume(ctx, id); return err })
	caller.sound.hears(t, "the caller hears the agent again", toneAgent)
	agent.sound.hears(t, "the agent hears the caller again", toneCaller)
	caller.hangUp()
	agent.ends(t, "the agent")
	agent.is(t, rivage.AgentWrapUp)
	agent.dispose(t)

	recorded := playback(t, sup, id)
	for channel, want := range []float64{toneCaller, toneAgent} {
		for _, r := range runs(recorded[channel]) {
			if r.hz != want && r.hz != 0 {
				t.Errorf("channel %d of the recording has %v for %v, want %v only: %v", channel, r.hz, r.lasts, want, runs(recorded[channel]))
			}
		}
		if got := lasting(runs(recorded[channel]), want); got < time.Second {
			t.Errorf("channel %d of the recording has %v of %v Hz, want a second at least", channel, got, want)
		}
	}
	i.process.stop(t)
	i.check(t)
}

// wantStory holds what a caller heard until an agent spoke against the promise: greeting, notice, choice, music or none of it,
// the sentence whole, and only then the agent.
func wantStory(t testing.TB, heard []run) {
	t.Helper()
	var order []float64
	for _, r := range heard {
		if r.hz != 0 && r.hz != toneMusic {
			order = append(order, r.hz)
		}
	}
	if want := []float64{toneGreeting, toneNotice, toneChoice, toneSentence, toneEnd, toneAgent}; !slices.Equal(order, want) {
		t.Fatalf("the caller heard %v, want the tones %v in order", heard, want)
	}
	if got := lasting(heard, toneSentence) + lasting(heard, toneEnd); got < sentence-3*block {
		t.Errorf("the caller heard %v of the sentence, want %v", got, sentence)
	}
}

// lasting is how long a tone was heard in all.
func lasting(heard []run, hz float64) (sum time.Duration) {
	for _, r := range heard {
		if r.hz == hz {
			sum += r.lasts
		}
	}
	return sum
}

// playback fetches the one recording of an interaction and takes its two channels apart.
func playback(t testing.TB, p *person, id rivage.ID) [2][]byte {
	t.Helper()
	var object rivage.ID
	until(t, "the recording is complete", func() bool {
		for _, r := range p.detail(t, id).Recordings {
			if r.State == "complete" {
				object = r.Object
			}
		}
		return object != ""
	})
	status, header, wav := p.ask(t, http.MethodGet, "/api/recordings/"+string(object)+"/audio", nil)
	if status != http.StatusOK || header.Get("Content-Type") != "audio/wav" {
		t.Fatalf("playback: %d %s: %.200s", status, header.Get("Content-Type"), wav)
	}
	return channels(t, wav)
}

// channels takes a stereo file of 16-bit samples apart, into A-law.
func channels(t testing.TB, wav []byte) (out [2][]byte) {
	t.Helper()
	at := bytes.Index(wav, []byte("data"))
	if at < 0 || len(wav) < 44 || string(wav[:4]) != "RIFF" {
		t.Fatalf("not a WAV file: %.64q", wav)
	}
	tag, count, bits := binary.LittleEndian.Uint16(wav[20:]), binary.LittleEndian.Uint16(wav[22:]), binary.LittleEndian.Uint16(wav[34:])
	if tag != 1 || count != 2 || bits != 16 {
		t.Fatalf("the recording is of format %d, %d channels, %d bits, want PCM, 2, 16", tag, count, bits)
	}
	for data := wav[at+8:]; len(data) >= 4; data = data[4:] {
		for c := range out {
			out[c] = append(out[c], rtp.EncodeALaw(int16(binary.LittleEndian.Uint16(data[2*c:]))))
		}
	}
	return out
}

// A key of the telephone destroys what was captured, and the call goes on.
func TestOppositionKeyDestroysTheRecording(t *testing.T) {
	t.Parallel()
	agent := newPost(t, loopback, "brest-1", seat("brest", 1))
	i := install(t, setup{settings: settings{accounts: []account{supervisor("sup"), agent.account("brest", `["colis"]`)}}})
	i.serve(t)
	sup := i.enrol(t, "sup", seat("brest", 200))
	agent.open(t, i)
	caller := newPhone(t, loopback, i.sip, toneCaller)
	caller.dial(numberParcels, fiction(2))
	caller.answers(t, "the caller")
	caller.sound.hears(t, "the caller hears the agent", toneAgent)
	id := agent.interaction(t)
	until(t, "the recording is on", func() bool { return len(sup.detail(t, id).Recordings) == 1 })

	caller.press('9')
	until(t, "the recording is destroyed", func() bool { return sup.detail(t, id).Recordings[0].State == "destroyed" })
	object := sup.detail(t, id).Recordings[0].Object
	if status, _, _ := sup.ask(t, http.MethodGet, "/api/recordings/"+string(object)+"/audio", nil); status < 400 {
		t.Errorf("the destroyed recording is played: %d", status)
	}
	caller.sound.hears(t, "the caller still hears the agent", toneAgent)
	agent.sound.hears(t, "the agent still hears the caller", toneCaller)
	agent.do(t, "hang up", func(ctx context.Context) error { _, err := agent.desk.HangUp(ctx, id); return err })
	caller.ends(t, "the caller")
	agent.dispose(t)
	i.process.stop(t)
	i.check(t)
	if files := filesOf(t, i); len(files) != 0 {
		t.Errorf("files of the destroyed recording are left: %v", files)
	}
}
