// SPDX-License-Identifier: EUPL-1.2

package sdp

import (
	"slices"
	"strconv"
	"strings"
)

// format is one payload type of a description and the codec it stands for.
type format struct{ pt, codec uint8 }

// choose finds the first live audio stream with an audio codec that c has, and its known formats in their order.
func choose(d Description, c Caps) (int, []format, error) {
	err := ErrNoAudio
	for i, m := range d.Media {
		if !live(m) || m.Proto != "RTP/AVP" && m.Proto != "RTP/AVPF" {
			continue
		}
		list := formats(m)
		list = slices.DeleteFunc(list, func(f format) bool { return f.codec != Event && !slices.Contains(c.Audio, f.codec) })
		if slices.ContainsFunc(list, func(f format) bool { return f.codec != Event }) {
			return i, list, nil
		}
		err = ErrNoCodec
	}
	return 0, nil, err
}

func formats(m Media) []format {
	var out []format
	for _, s := range m.Formats {
		n, err := strconv.ParseUint(s, 10, 7)
		if err != nil {
			continue
		}
		if codec, ok := codecOf(m, uint8(n)); ok {
			out = append(out, format{uint8(n), codec})
		}
	}
	return out
}

// codecOf reads a=rtpmap, or the static assignments of RFC 3551 where there is none.
func codecOf(m Media, pt uint8) (uint8, bool) {
	prefix := strconv.Itoa(int(pt)) + " "
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" || !strings.HasPrefix(a.Value, prefix) {
			continue
		}
		name := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(a.Value[len(prefix):])), "/1")
		for _, codec := range []uint8{PCMA, PCMU, Event} {
			if name == strings.ToUpper(codecName(codec))+"/8000" {
				return codec, true
			}
		}
		return 0, false
	}
	return pt, pt == PCMA || pt == PCMU
}

func codecName(codec uint8) string {
	switch codec {
	case PCMA:
		return "PCMA"
	case PCMU:
		return "PCMU"
	}
	return "telephone-event"
}
