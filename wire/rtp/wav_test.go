// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"
)

// pcmWAV is one second of a sine as a 16-bit file.
func pcmWAV(rate, channels int, hz float64) []byte {
	b := wavHeader(wavPCM, channels, 16, rate*channels*2)
	binary.LittleEndian.PutUint32(b[24:], uint32(rate))
	for i := range rate {
		for range channels {
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(10000*math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))))
		}
	}
	return b
}

func TestWAVOfAnyRateBecomes8kHz(t *testing.T) {
	for _, rate := range []int{4000, 8000, 11025, 16000, 22050, 44100, 48000, 191999} {
		for _, channels := range []int{1, 2} {
			got, err := ReadWAV(bytes.NewReader(pcmWAV(rate, channels, 1000)))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) < Rate-1 || len(got) > Rate {
				t.Errorf("%d Hz: got %d samples, want %d", rate, len(got), Rate)
			}
			if p := Presence(got, 1000); p < 0.9 {
				t.Errorf("%d Hz, %d channels: 1 kHz in %.2f of the blocks", rate, channels, p)
			}
			mid := got[Rate/4 : Rate*3/4]
			amp := 2 * math.Sqrt(Goertzel(mid, 1000)) / float64(len(mid))
			if math.Abs(amp-10000) > 500 {
				t.Errorf("%d Hz: amplitude %.0f, want 10000", rate, amp)
			}
		}
	}
}

func TestWAVHasNoAliases(t *testing.T) {
	// 5 kHz and 7 kHz would fold to 3 kHz and 1 kHz.
	for hz, alias := range map[float64]float64{5000: 3000, 7000: 1000} {
		for _, rate := range []int{16000, 22050, 48000} {
			got, err := ReadWAV(bytes.NewReader(pcmWAV(rate, 1, hz)))
			if err != nil {
				t.Fatal(err)
			}
			mid := got[Rate/4 : Rate*3/4]
			if amp := 2 * math.Sqrt(Goertzel(mid, alias)) / float64(len(mid)); amp > 30 { // −50 dB
				t.Errorf("%v Hz at %d: alias of amplitude %.1f", hz, rate, amp)
			}
		}
	}
}

func TestALawWAVIsKeptByteForByte(t *testing.T) {
	want := Tone(time.Second, -10, 440)
	var f bytes.Buffer
	if err := WriteALawWAV(&f, 1, want); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadWAV(&f); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v; want the same %d", len(got), err, len(want))
	}
	if err := WritePCMWAV(&f, 1, want); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadWAV(&f); err != nil || !bytes.Equal(got, want) {
		t.Errorf("through PCM: got %d bytes, %v; want the same %d", len(got), err, len(want))
	}
}

func TestWAVRefuses(t *testing.T) {
	mut := func(at int, v uint16) []byte {
		b := pcmWAV(8000, 1, 440)
		binary.LittleEndian.PutUint16(b[at:], v)
		return b
	}
	for name, b := range map[string][]byte{
		"empty": nil, "not riff": []byte("ID3 something else"), "no data": pcmWAV(8000, 1, 440)[:36],
		"float": mut(20, 3), "8-bit pcm": mut(34, 8), "no channel": mut(22, 0), "nine channels": mut(22, 9),
		"rate too low": mut(24, 3999), "short format": mut(16, 4),
	} {
		if got, err := ReadWAV(bytes.NewReader(b)); !errors.Is(err, ErrWAV) {
			t.Errorf("%s: got %d bytes, %v; want ErrWAV", name, len(got), err)
		}
	}
}

func TestTonesAreTold(t *testing.T) {
	mix := Tone(time.Second, -10, 400, 1000)
	for _, c := range []struct {
		name  string
		audio []byte
		hz    float64
		want  float64
	}{
		{"there", Tone(time.Second, -10, 400), 400, 1},
		{"another", Tone(time.Second, -10, 440), 1000, 0},
		{"one of two does not carry most", mix, 700, 0},
		{"silence", Silence(time.Second), 400, 0},
		{"half the time", append(Tone(time.Second, -10, 400), Silence(time.Second)...), 400, 0.5},
		{"too short", Tone(10*time.Millisecond, -10, 400), 400, 0},
	} {
		if got := Presence(c.audio, c.hz); math.Abs(got-c.want) > 0.01 {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if s := Silence(time.Second); s[0] != ALawSilence || len(s) != Rate || bytes.Count(s, s[:1]) != Rate {
		t.Error("silence is not silent")
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(pcmWAV(8000, 2, 440)[:100])
	f.Add(pcmWAV(22050, 1, 440)[:200])
	f.Add(append(wavHeader(wavALaw, 1, 8, 1<<20), 1, 2, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		got, err := ReadWAV(bytes.NewReader(b))
		if err == nil && len(got) > 2*len(b)+1 {
			t.Fatalf("%d bytes became %d", len(b), len(got))
		}
	})
}
