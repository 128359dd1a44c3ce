// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sealed"
)

// recording is a file of two whole seconds and a half, or of two seconds without an end.
func recording(t testing.TB, object string, ended bool) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(recordingHead)
	b.Write(make([]byte, preamble-int64(len(recordingHead))))
	f := sealed.Format{Object: object, Encoding: sealed.ALaw, Rate: 8000, Channels: 2}
	w, err := sealed.NewWriter(&b, f, make([]byte, sealed.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.WriteChunk(make([]byte, f.ChunkSize()), false); err != nil {
			t.Fatal(err)
		}
	}
	if ended {
		if err := w.WriteChunk(make([]byte, f.ChunkSize()/2), true); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func look(data []byte) (list []Recording, err error) {
	files := fstest.MapFS{"ab/abcd": &fstest.MapFile{Data: data}}
	err = Recordings(files, func(r Recording, err error) error { list = append(list, r); return err })
	return list, err
}

func TestRecordingsAreReadWithoutAKey(t *testing.T) {
	whole, cut := recording(t, "abcd", true), recording(t, "abcd", false)
	for _, c := range []struct {
		name     string
		data     []byte
		chunks   int64
		complete bool
	}{
		{"ended", whole, 3, true},
		{"interrupted", cut, 2, false},
		{"cut inside a chunk", cut[:len(cut)-100], 1, false},
		{"cut inside the header", cut[:preamble+3], 0, false},
	} {
		got, err := look(c.data)
		want := []Recording{{"abcd", int64(len(c.data)), sha256.Sum256(c.data), c.chunks, c.complete}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, want)
		}
	}
}

func TestADamagedRecordingIsNamed(t *testing.T) {
	whole := recording(t, "abcd", true)
	frame := int(preamble) + sealedHead + len("abcd")
	flip := func(at int) []byte { b := bytes.Clone(whole); b[at] ^= 1; return b }
	for name, data := range map[string][]byte{
		"title":           flip(3),
		"magic":           flip(int(preamble) + 2),
		"object":          flip(frame - 1),
		"length of frame": flip(frame + 2),
		"empty":           {},
		"bytes after it":  append(bytes.Clone(whole), 0),
	} {
		_, err := look(data)
		var f *Fault
		if !errors.As(err, &f) || f.File != "ab/abcd" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzRecording(f *testing.F) {
	f.Add(recording(f, "abcd", true))
	f.Add(recording(f, "abcd", false)[:200])
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := look(data)
		if err == nil && (len(list) != 1 || list[0].Size != int64(len(data)) || list[0].Hash != sha256.Sum256(data)) {
			t.Errorf("got %+v of %d bytes", list, len(data))
		}
	})
}

func FuzzManifest(f *testing.F) {
	m := Manifest{Principal: "ponant", Bodies: true, Files: []Listed{{"facts/000.ndjson", 3, rivage.Hash{1}}}}
	text, err := m.Lines()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := parseManifest(text); err == nil {
			if again, err := m.Lines(); err != nil || again != text {
				t.Errorf("%q was read, and is written %q, %v", text, again, err)
			}
		}
	})
}

func FuzzContents(f *testing.F) {
	whole := export(f, 7)
	f.Add(whole.MapFS["facts/000.ndjson"].Data, whole.MapFS["bodies/000.ndjson"].Data)
	f.Fuzz(func(t *testing.T, facts, bodies []byte) {
		e := whole.clone()
		_ = e.Put("facts/000.ndjson", facts)
		_ = e.Put("bodies/000.ndjson", bodies)
		same := bytes.Equal(facts, whole.MapFS["facts/000.ndjson"].Data) && bytes.Equal(bodies, whole.MapFS["bodies/000.ndjson"].Data)
		if _, err := Folder(e, ""); (err == nil) != same {
			t.Errorf("same %v, and %v", same, err)
		}
	})
}
