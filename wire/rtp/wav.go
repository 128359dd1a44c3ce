// SPDX-License-Identifier: EUPL-1.2

package rtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Limits of ReadWAV.
const (
	MaxWAV     = 64 << 20 // bytes of a file: eleven minutes of 48 kHz mono
	minWAVRate = 4000
	maxWAVRate = 192000
	maxWAVChan = 8
)

// ErrWAV is every refusal of ReadWAV; its text says what is wrong and what to bring instead.
var ErrWAV = errors.New("unreadable WAV file")

// WAV format tags.
const (
	wavPCM        = 1
	wavALaw       = 6
	wavMuLaw      = 7
	wavExtensible = 0xfffe
)

// ReadWAV reads a WAV file (16-bit PCM, A-law or µ-law, 4 to 192 kHz; channels are averaged) and returns 8 kHz mono
// A-law. An A-law file at 8 kHz mono is returned byte for byte.
func ReadWAV(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxWAV+1))
	if err != nil {
		return nil, fmt.Errorf("read WAV: %w", err)
	}
	if len(b) > MaxWAV {
		return nil, fmt.Errorf("read WAV: %w: more than %d MiB", ErrWAV, MaxWAV>>20)
	}
	f, data, err := chunks(b)
	if err != nil {
		return nil, fmt.Errorf("read WAV: %w", err)
	}
	if f.tag == wavALaw && f.rate == Rate && f.channels == 1 {
		return data[:len(data):len(data)], nil
	}
	pcm := resample(f.mono(data), f.rate)
	out := make([]byte, len(pcm))
	for i, v := range pcm {
		out[i] = EncodeALaw(clamp(float64(v)))
	}
	return out, nil
}

// wavFormat is the fmt chunk, checked.
type wavFormat struct{ tag, channels, rate, width int }

// chunks walks the RIFF chunks to the format and the data. A data chunk that claims more than there is, as writers
// to a pipe leave it, ends with the file.
func chunks(b []byte) (f wavFormat, data []byte, err error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return f, nil, fmt.Errorf("%w: no RIFF/WAVE header", ErrWAV)
	}
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		body := b[8:]
		body = body[:min(size, int64(len(body)))]
		switch id {
		case "fmt ":
			if f, err = parseFormat(body); err != nil {
				return f, nil, err
			}
		case "data":
			if f.tag == 0 {
				return f, nil, fmt.Errorf("%w: data before its format", ErrWAV)
			}
			frame := f.width * f.channels
			return f, body[:len(body)/frame*frame], nil
		}
		b = b[min(8+size+size&1, int64(len(b))):]
	}
	return f, nil, fmt.Errorf("%w: no data", ErrWAV)
}

func parseFormat(b []byte) (wavFormat, error) {
	if len(b) < 16 {
		return wavFormat{}, fmt.Errorf("%w: short format", ErrWAV)
	}
	le := binary.LittleEndian
	f := wavFormat{tag: int(le.Uint16(b)), channels: int(le.Uint16(b[2:])), rate: int(le.Uint32(b[4:]))}
	bits := int(le.Uint16(b[14:]))
	if f.tag == wavExtensible && len(b) >= 26 {
		f.tag = int(le.Uint16(b[24:])) // the first field of the sub-format's GUID
	}
	f.width = bits / 8
	known := f.tag == wavPCM && bits == 16 || (f.tag == wavALaw || f.tag == wavMuLaw) && bits == 8
	switch {
	case !known:
		return f, fmt.Errorf("%w: only 16-bit PCM, A-law and µ-law are read", ErrWAV)
	case f.channels < 1 || f.channels > maxWAVChan:
		return f, fmt.Errorf("%w: 1 to %d channels are read", ErrWAV, maxWAVChan)
	case f.rate < minWAVRate || f.rate > maxWAVRate:
		return f, fmt.Errorf("%w: %d to %d Hz are read", ErrWAV, minWAVRate, maxWAVRate)
	}
	return f, nil
}

// mono decodes data and averages its channels.
func (f wavFormat) mono(data []byte) []float32 {
	frame := f.width * f.channels
	out := make([]float32, len(data)/frame)
	for i := range out {
		var sum int
		for c := range f.channels {
			at := data[i*frame+c*f.width:]
			switch f.tag {
			case wavALaw:
				sum += int(DecodeALaw(at[0]))
			case wavMuLaw:
				sum += int(DecodeMuLaw(at[0]))
			default:
				sum += int(int16(binary.LittleEndian.Uint16(at)))
			}
		}
		out[i] = float32(sum) / float32(f.channels)
	}
	return out
}

// The resampler's filter: taps each side of the centre at the lower of the two rates, and how finely the space
// between two input samples is tabled.
const (
	filterReach  = 24
	filterPhases = 512
)

// resample brings in at rate to 8 kHz through a windowed-sinc low-pass, so that nothing above 4 kHz folds back into
// the speech band.
func resample(in []float32, rate int) []float32 {
	if rate == Rate {
		return in
	}
	ratio := float64(rate) / Rate
	low := max(ratio, 1) // input samples for each sample of the lower rate
	reach := int(math.Ceil(filterReach * low))
	table := filterTable(reach, low)
	out := make([]float32, int(float64(len(in))/ratio))
	for n := range out {
		at := float64(n) * ratio
		base := int(at)
		phase := int((at-float64(base))*filterPhases + 0.5)
		taps := table[phase]
		var sum float32
		for k := max(-reach+1, -base); k <= reach && base+k < len(in); k++ {
			sum += in[base+k] * taps[k+reach-1]
		}
		out[n] = sum
	}
	return out
}

// filterTable holds, for each phase, the taps of the low-pass for input samples −reach+1 … reach.
func filterTable(reach int, low float64) [][]float32 {
	const passband = 0.9 // of half the lower rate: 3.6 kHz for telephony
	table := make([][]float32, filterPhases+1)
	for p := range table {
		taps, sum := make([]float32, 2*reach), 0.0
		for i := range taps {
			x := float64(i-reach+1) - float64(p)/filterPhases
			w := 0.0
			if edge := math.Abs(x) / float64(reach); edge < 1 { // Blackman window
				w = 0.42 + 0.5*math.Cos(math.Pi*edge) + 0.08*math.Cos(2*math.Pi*edge)
			}
			v := w
			if y := math.Pi * x * passband / low; y != 0 {
				v = w * math.Sin(y) / y
			}
			taps[i] = float32(v)
			sum += v
		}
		for i := range taps { // unit gain for a constant
			taps[i] /= float32(sum)
		}
		table[p] = taps
	}
	return table
}

// WriteALawWAV writes interleaved A-law audio at 8 kHz as a WAV file.
func WriteALawWAV(w io.Writer, channels int, alaw []byte) error {
	if _, err := w.Write(append(wavHeader(wavALaw, channels, 8, len(alaw)), alaw...)); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	return nil
}

// WritePCMWAV writes interleaved A-law audio at 8 kHz as a 16-bit PCM WAV file, which every player reads.
func WritePCMWAV(w io.Writer, channels int, alaw []byte) error {
	b := wavHeader(wavPCM, channels, 16, 2*len(alaw))
	for _, v := range alaw {
		b = binary.LittleEndian.AppendUint16(b, uint16(DecodeALaw(v)))
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write WAV: %w", err)
	}
	return nil
}

func wavHeader(tag, channels, bits, size int) []byte {
	le := binary.LittleEndian
	b := append(make([]byte, 0, 46+size), "RIFF"...)
	b = le.AppendUint32(b, uint32(36+size))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, Rate)
	b = le.AppendUint32(b, uint32(Rate*channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*bits/8))
	b = le.AppendUint16(b, uint16(bits))
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(size))
}
