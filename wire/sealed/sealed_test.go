// SPDX-License-Identifier: EUPL-1.2

package sealed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

var (
	format = Format{Object: "rec-1", Encoding: ALaw, Rate: 20, Channels: 2}
	key    = bytes.Repeat([]byte{7}, KeySize)
)

// sound is the n-th second.
func sound(n, size int) []byte { return bytes.Repeat([]byte{byte(n) + 1}, size) }

// record writes whole seconds, then a last chunk of so many bytes, or none when it is negative.
func record(t testing.TB, f Format, key []byte, seconds, last int) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewWriter(&file, f, key)
	if err != nil {
		t.Fatal(err)
	}
	for i := range seconds {
		if err := w.WriteChunk(sound(i, f.ChunkSize()), false); err != nil {
			t.Fatal(err)
		}
	}
	if last >= 0 {
		if err := w.WriteChunk(sound(seconds, last), true); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

func open(file []byte) (*Reader, error) {
	return NewReader(bytes.NewReader(file), int64(len(file)), key)
}

// check reads all chunks and compares them with what record writes.
func check(r *Reader, last int) error {
	for i := range r.Chunks() {
		size := format.ChunkSize()
		if i == r.Chunks()-1 && !r.Interrupted() {
			size = last
		}
		got, err := r.Chunk(i)
		if err != nil {
			return err
		}
		if want := sound(int(i), size); !bytes.Equal(got, want) {
			return fmt.Errorf("chunk %d: %v, want %v", i, got, want)
		}
	}
	return r.Verify()
}

func TestRecordingIsReadBack(t *testing.T) {
	for _, c := range []struct{ seconds, last, chunks int }{
		{0, -1, 0}, {0, 0, 1}, {0, 1, 1}, {0, 40, 1}, {3, -1, 3}, {3, 0, 4}, {3, 17, 4}, {3, 40, 4},
	} {
		r, err := open(record(t, format, key, c.seconds, c.last))
		if err != nil {
			t.Fatal(err)
		}
		if r.Format() != format || r.Chunks() != uint64(c.chunks) || r.Interrupted() != (c.last < 0) {
			t.Errorf("%+v: %+v, %d chunks, interrupted %v", c, r.Format(), r.Chunks(), r.Interrupted())
		}
		if err := check(r, c.last); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if _, err := r.Chunk(r.Chunks()); err == nil {
			t.Errorf("%+v: a chunk after the end was read", c)
		}
	}
}

// TestCutRecordingIsReadToItsLastWholeChunk cuts a file at every byte.
func TestCutRecordingIsReadToItsLastWholeChunk(t *testing.T) {
	head, full := len(format.header()), format.ChunkSize()+Overhead
	for _, last := range []int{0, 17, 40} {
		file := record(t, format, key, 3, last)
		for n := range len(file) {
			r, err := open(file[:n])
			if n < head {
				if err == nil {
					t.Errorf("a file of %d bytes, less than a header, was opened", n)
				}
				continue
			}
			if err != nil {
				t.Fatalf("cut at %d: %v", n, err)
			}
			if got, want := r.Chunks(), uint64((n-head)/full); got != want || !r.Interrupted() {
				t.Errorf("cut at %d: %d chunks, interrupted %v; want %d, true", n, got, r.Interrupted(), want)
			}
			if err := check(r, last); err != nil {
				t.Errorf("cut at %d: %v", n, err)
			}
		}
	}
}

// TestEveryFlippedBitNamesItsChunk flips each bit of the frames.
func TestEveryFlippedBitNamesItsChunk(t *testing.T) {
	head, full := len(format.header()), format.ChunkSize()+Overhead
	for _, last := range []int{0, 17, 40} {
		file := record(t, format, key, 3, last)
		for i := head; i < len(file); i++ {
			for bit := range 8 {
				file[i] ^= 1 << bit
				r, err := open(file)
				if err == nil {
					// A longer length at the end looks like a cut, and is one less chunk, said to be interrupted.
					err = r.Verify()
					if err == nil && r.Interrupted() && r.Chunks() == 3 && i < head+3*full+frameHead && i >= head+3*full {
						err = fmt.Errorf("chunk 3: %w", ErrDamaged)
					}
				}
				file[i] ^= 1 << bit
				if want := fmt.Sprintf("chunk %d", (i-head)/full); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), want) {
					t.Fatalf("last %d, byte %d, bit %d: %v, want %s", last, i, bit, err, want)
				}
			}
		}
	}
}

func TestEveryFlippedBitOfTheHeaderIsFound(t *testing.T) {
	file := record(t, format, key, 2, 40)
	for i := range len(format.header()) {
		for bit := range 8 {
			file[i] ^= 1 << bit
			r, err := open(file)
			if err == nil {
				err = r.Verify()
				if r.Chunks() == 0 {
					err = ErrDamaged // a longer second: nothing to read, and said to be interrupted
				}
			}
			file[i] ^= 1 << bit
			if err == nil {
				t.Errorf("byte %d, bit %d went unseen", i, bit)
			}
		}
	}
}

func TestMovedFramesDoNotOpen(t *testing.T) {
	head, full := len(format.header()), format.ChunkSize()+Overhead
	file := record(t, format, key, 3, 40)
	frame := func(b []byte, i int) []byte { return b[head+i*full : head+(i+1)*full] }
	other := Format{Object: "rec-2", Encoding: ALaw, Rate: 20, Channels: 2}
	for name, c := range map[string]struct {
		change func(b []byte) []byte
		want   string
	}{
		"swapped": {func(b []byte) []byte {
			f := bytes.Clone(frame(b, 0))
			copy(frame(b, 0), frame(b, 1))
			copy(frame(b, 1), f)
			return b
		}, "chunk 0"},
		"of another object": {func(b []byte) []byte {
			copy(frame(b, 1), frame(record(t, other, key, 3, 40), 1))
			return b
		}, "chunk 1"},
		"under another key": {func(b []byte) []byte {
			copy(frame(b, 1), frame(record(t, format, bytes.Repeat([]byte{8}, KeySize), 3, 40), 1))
			return b
		}, "chunk 1"},
		"an inner one as the last": {func(b []byte) []byte {
			b = b[:head+2*full]
			b[head+full] |= 0x80
			return b
		}, "chunk 1"},
		"repeated after the last": {func(b []byte) []byte { return append(b, frame(b, 1)...) }, "chunk 3"},
		"bytes after the last":    {func(b []byte) []byte { return append(b, 1) }, "chunk 3"},
	} {
		r, err := open(c.change(bytes.Clone(file)))
		if err == nil {
			err = r.Verify()
		}
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want damage at %s", name, err, c.want)
		}
	}
	short := record(t, format, key, 3, 5)
	for _, more := range []int{1, 7, 40, 200} {
		r, err := open(append(bytes.Clone(short), make([]byte, more)...))
		if err == nil {
			err = r.Verify()
		}
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "chunk") {
			t.Errorf("%d bytes after a short last chunk: %v", more, err)
		}
	}
}

func TestWriterRefusesWhatWouldBreakTheFormat(t *testing.T) {
	var file bytes.Buffer
	for _, f := range []Format{
		{}, {Object: strings.Repeat("x", 65), Encoding: ALaw, Rate: 8000, Channels: 1}, {Object: "x", Encoding: 9, Rate: 8000, Channels: 1},
		{Object: "x", Encoding: ALaw, Rate: 0, Channels: 1}, {Object: "x", Encoding: Linear16, Rate: 192000, Channels: 200},
	} {
		if _, err := NewWriter(&file, f, key); err == nil || f.ChunkSize() != 0 {
			t.Errorf("%+v was accepted", f)
		}
	}
	if _, err := NewWriter(&file, format, key[:16]); err == nil {
		t.Error("a key of 16 bytes was accepted")
	}
	w, err := NewWriter(&file, format, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 39, 41} {
		if err := w.WriteChunk(make([]byte, n), false); err == nil {
			t.Errorf("a second of %d bytes was written", n)
		}
	}
	if err := w.WriteChunk(make([]byte, 41), true); err == nil {
		t.Error("a last chunk of more than a second was written")
	}
	if err := w.WriteChunk(make([]byte, 5), true); err != nil {
		t.Error(err)
	}
	if err := w.WriteChunk(make([]byte, 40), false); err == nil {
		t.Error("a chunk was written after the last")
	}
}

// tearing writes so many bytes and then fails, as a full disk does.
type tearing struct {
	bytes.Buffer
	left, writes int
}

func (t *tearing) Write(b []byte) (int, error) {
	t.writes++
	n := min(len(b), t.left)
	t.left -= n
	t.Buffer.Write(b[:n])
	if n < len(b) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func TestWriterStopsAtTheFirstFailedWrite(t *testing.T) {
	full := &tearing{left: len(format.header()) + 2*(40+Overhead) + 30}
	w, err := NewWriter(full, format, key)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if err := w.WriteChunk(sound(i, 40), false); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := full.writes, 3; got != want {
		t.Errorf("%d writes for a header and two chunks, want %d", got, want)
	}
	if err := w.WriteChunk(sound(2, 40), false); !errors.Is(err, io.ErrShortWrite) || !strings.Contains(err.Error(), "chunk 2") {
		t.Errorf("a torn write: %v", err)
	}
	full.left = 1 << 20 // room again: the index of the torn frame must not be used for other sound
	if err := w.WriteChunk(sound(3, 40), false); err == nil {
		t.Error("a chunk was sealed under an index that was used")
	}
	r, err := open(full.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if r.Chunks() != 2 || !r.Interrupted() || check(r, 0) != nil {
		t.Errorf("read %d chunks, interrupted %v, %v", r.Chunks(), r.Interrupted(), check(r, 0))
	}
}

// TestFormatIsFrozen pins the bytes: a recording of this version must be readable for years.
func TestFormatIsFrozen(t *testing.T) {
	file := record(t, format, key, 2, 17)
	if got, want := hex.EncodeToString(file[:21]), "7269766167726563"+"01010205"+"00000014"+"7265632d31"; got != want {
		t.Errorf("header %s, want %s", got, want)
	}
	if got, want := hex.EncodeToString(file[21+2*60:][:4]), "80000011"; got != want {
		t.Errorf("length of the last frame %s, want %s", got, want)
	}
	sum := sha256.Sum256(file)
	const want = "15407016d671b0c0f5200ff6aef6a13e66fb3d4e5150ec29f42b80cc204151ac"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("hash of the file %s, want %s", got, want)
	}
}

func TestChunksAllocateNothing(t *testing.T) {
	f := Format{Object: "rec", Encoding: ALaw, Rate: 8000, Channels: 2}
	w, err := NewWriter(io.Discard, f, key)
	if err != nil {
		t.Fatal(err)
	}
	second := make([]byte, f.ChunkSize())
	if n := testing.AllocsPerRun(100, func() { err = w.WriteChunk(second, false) }); n != 0 || err != nil {
		t.Errorf("%v allocations per chunk written, %v", n, err)
	}
	file := record(t, f, key, 3, 0)
	r, err := open(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, err = r.Chunk(1) }); n != 0 || err != nil {
		t.Errorf("%v allocations per chunk read, %v", n, err)
	}
}

func FuzzReader(f *testing.F) {
	for _, last := range []int{-1, 0, 17, 40} {
		f.Add(record(f, format, key, 2, last))
	}
	f.Add(format.header())
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := open(data)
		if err != nil {
			return
		}
		for i := range min(r.Chunks(), 64) {
			plain, err := r.Chunk(i)
			if err == nil && len(plain) > r.Format().ChunkSize() {
				t.Errorf("chunk %d has %d bytes", i, len(plain))
			}
		}
	})
}

func BenchmarkWriteChunk(b *testing.B) {
	f := Format{Object: "rec", Encoding: ALaw, Rate: 8000, Channels: 2}
	w, err := NewWriter(io.Discard, f, key)
	if err != nil {
		b.Fatal(err)
	}
	second := make([]byte, f.ChunkSize())
	b.SetBytes(int64(len(second)))
	for b.Loop() {
		if err := w.WriteChunk(second, false); err != nil {
			b.Fatal(err)
		}
	}
}
