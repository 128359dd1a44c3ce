// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/sealed"
)

const object = "abcdefghijklmnopqrstuvwxyz"

func format(object string) sealed.Format {
	return sealed.Format{Object: object, Encoding: sealed.ALaw, Rate: 8000, Channels: 2}
}

func second(b byte) []byte { return bytes.Repeat([]byte{b}, 16000) }

// newRecordings opens a folder and a vault that knows subjects s1 and s2.
func newRecordings(t *testing.T) (*Recordings, *table, string) {
	t.Helper()
	v, keys, _ := newVault(t)
	sealNew(t, v, keys, "s1")
	sealNew(t, v, keys, "s2")
	dir := filepath.Join(t.TempDir(), "recordings")
	r, err := OpenRecordings(v, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return r, keys, dir
}

// capture records one chunk per byte of sound and ends.
func capture(t *testing.T, r *Recordings, object, sound string, whole bool) Captured {
	t.Helper()
	rec, err := r.Recorder(t.Context(), "s1", format(object))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(sound) {
		if err := rec.Write(second(sound[i]), whole && i == len(sound)-1); err != nil {
			t.Fatal(err)
		}
	}
	c, err := rec.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fileOf(dir, object string) string { return filepath.Join(dir, object[:2], object) }

func TestRecordingIsReadBackChunkByChunk(t *testing.T) {
	r, _, dir := newRecordings(t)
	got := capture(t, r, object, "abc", true)
	text, err := os.ReadFile(fileOf(dir, object))
	if err != nil {
		t.Fatal(err)
	}
	want := Captured{Object: object, Bytes: int64(len(text)), Seconds: 3, Cipher: sha256.Sum256(text), Complete: true}
	if got != want {
		t.Errorf("End = %+v, want %+v", got, want)
	}
	if seen, err := r.Inspect(object); err != nil || seen != want {
		t.Errorf("Inspect = %+v, %v, want %+v", seen, err, want)
	}
	if bytes.Contains(text, second('b')[:16]) {
		t.Error("the file holds clear sound")
	}
	p, err := r.Open(t.Context(), "s1", object)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i, b := range []byte("abc") {
		if sound, err := p.Chunk(uint64(i)); err != nil || !bytes.Equal(sound, second(b)) {
			t.Errorf("chunk %d: %d bytes, %v", i, len(sound), err)
		}
	}
	if p.Interrupted() || p.Chunks() != 3 {
		t.Errorf("interrupted %v, %d chunks, want a whole one of 3", p.Interrupted(), p.Chunks())
	}
}

func TestRecordingOpensUnderItsSubjectAndObjectOnly(t *testing.T) {
	r, keys, dir := newRecordings(t)
	capture(t, r, object, "a", true)
	if _, err := r.Open(t.Context(), "s2", object); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("under another subject: %v, want code %q", err, rivage.Denied)
	}
	text, err := os.ReadFile(fileOf(dir, object))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ab", "abother"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(t.Context(), "s1", "abother"); rivage.CodeOf(err) != rivage.Denied {
		t.Errorf("as another object: %v, want code %q", err, rivage.Denied)
	}
	keys.commit(rivage.SealedAppend{Erase: []rivage.ID{"s1"}})
	r.vault.Forget("s1")
	if _, err := r.Open(t.Context(), "s1", object); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("after the erasure: %v, want code %q", err, rivage.NotFound)
	}
	if _, err := r.Recorder(t.Context(), "s1", format("abthird")); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("a new recording after the erasure: %v, want code %q", err, rivage.NotFound)
	}
}

func TestRecordingIsNeverContinued(t *testing.T) {
	r, _, _ := newRecordings(t)
	capture(t, r, object, "a", false)
	if _, err := r.Recorder(t.Context(), "s1", format(object)); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("the same object again: %v, want code %q", err, rivage.Conflict)
	}
}

func TestObjectIDCannotLeaveTheFolder(t *testing.T) {
	r, _, _ := newRecordings(t)
	for _, id := range []string{"", "a", "../../etc", "ab/../../x", "..", "AB..CD", "abc\x00"} {
		_, openErr := r.Open(t.Context(), "s1", rivage.ID(id))
		_, recErr := r.Recorder(t.Context(), "s1", format(id))
		for _, err := range []error{openErr, recErr, r.Destroy(rivage.ID(id))} {
			if rivage.CodeOf(err) != rivage.Invalid {
				t.Errorf("object %q: %v, want code %q", id, err, rivage.Invalid)
			}
		}
	}
}

func TestOppositionLeavesNothing(t *testing.T) {
	r, _, dir := newRecordings(t)
	rec, err := r.Recorder(t.Context(), "s1", format(object))
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Write(second('a'), false); err != nil {
		t.Fatal(err)
	}
	still, err := os.Open(fileOf(dir, object)) // what a disk keeps after the name is gone
	if err != nil {
		t.Fatal(err)
	}
	defer still.Close()
	if err := r.Destroy(object); err != nil {
		t.Fatal(err)
	}
	var head [Preamble]byte
	if _, err := still.ReadAt(head[:], 0); err != nil || head != [Preamble]byte{} {
		t.Errorf("the wrapped key is still in the blocks of the file: %v", err)
	}
	if _, err := os.Stat(fileOf(dir, object)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if err := rec.Write(second('b'), false); rivage.CodeOf(err) != rivage.Conflict {
		t.Errorf("a write after the opposition: %v, want code %q", err, rivage.Conflict)
	}
	if _, err := r.Open(t.Context(), "s1", object); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("Open: %v, want code %q", err, rivage.NotFound)
	}
	if err := r.Destroy(object); err != nil {
		t.Errorf("destroyed twice: %v", err)
	}
}

func TestInterruptedOnesAreListedWithTheirWholeSeconds(t *testing.T) {
	r, _, dir := newRecordings(t)
	capture(t, r, "aa-whole", "ab", true)
	capture(t, r, "bb-interrupted", "ab", false)
	capture(t, r, "cc-torn", "abc", false)
	torn := fileOf(dir, "cc-torn")
	info, err := os.Stat(torn)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(torn, info.Size()-5); err != nil {
		t.Fatal(err)
	}
	capture(t, r, "dd-empty", "", false)
	if err := os.Truncate(fileOf(dir, "dd-empty"), 3); err != nil {
		t.Fatal(err)
	}
	open, err := r.Recorder(t.Context(), "s1", format("ee-open"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.Interrupted()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[rivage.ID]int64)
	for _, c := range list {
		got[c.Object] = c.Seconds
		text, err := os.ReadFile(fileOf(dir, string(c.Object)))
		if err != nil || c.Cipher != sha256.Sum256(text) {
			t.Errorf("%s: its hash is not the file's (%v)", c.Object, err)
		}
	}
	want := map[rivage.ID]int64{"bb-interrupted": 2, "cc-torn": 2, "dd-empty": 0}
	if len(got) != len(want) || got["bb-interrupted"] != 2 || got["cc-torn"] != 2 {
		t.Errorf("Interrupted = %v, want %v", got, want)
	}
	p, err := r.Open(t.Context(), "s1", "cc-torn")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if sound, err := p.Chunk(1); err != nil || !bytes.Equal(sound, second('b')) {
		t.Errorf("the last whole second of a torn recording: %v", err)
	}
	if _, err := open.End(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFlippedBitIsFound(t *testing.T) {
	r, _, dir := newRecordings(t)
	want := capture(t, r, object, "ab", true)
	path := fileOf(dir, object)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := r.Inspect(object)
	if err != nil || got.Cipher == want.Cipher {
		t.Errorf("the hash is the same after a bit was flipped (%v)", err)
	}
	p, err := r.Open(t.Context(), "s1", object)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Verify(); !errors.Is(err, sealed.ErrDamaged) {
		t.Errorf("Verify = %v, want %v", err, sealed.ErrDamaged)
	}
}

// recordTo starts a recording into a file that is no ordinary one.
func recordTo(t *testing.T, f *os.File) *Recording {
	t.Helper()
	rec := &Recording{object: object, file: &countedFile{f: f, hash: sha256.New()}, forget: func(rivage.ID) {},
		named: true, done: make(chan struct{})}
	started := false // the header is not what is tested
	seal, err := sealed.NewWriter(writerFunc(func(b []byte) (int, error) {
		if !started {
			started = true
			return len(b), nil
		}
		return rec.file.Write(b)
	}), format(object), make([]byte, sealed.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	rec.seal = seal
	return rec
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(b []byte) (int, error) { return w(b) }

func TestSlowDiskStopsTheRecordingAndNotTheCaller(t *testing.T) {
	in, out, err := os.Pipe() // nobody reads it
	if err != nil {
		t.Fatal(err)
	}
	rec := recordTo(t, out)
	for range 20 { // a pipe takes 64 kB; the queue takes four seconds
		if err = rec.Write(second('a'), false); err != nil {
			break
		}
	}
	if rivage.CodeOf(err) != rivage.Busy {
		t.Errorf("twenty seconds on a disk that stands still: %v, want code %q", err, rivage.Busy)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := rec.End(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("End on a disk that stands still: %v, want it to end with its context", err)
	}
	in.Close()
	c, err := rec.End(t.Context())
	if rivage.CodeOf(err) != rivage.Busy || c.Complete {
		t.Errorf("End = %+v, %v, want an incomplete one with code %q", c, err, rivage.Busy)
	}
}

func TestRecordingNeedsNoGoroutineBetweenItsSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, _ := newRecordings(t)
		rec, err := r.Recorder(t.Context(), "s1", format(object))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			if err := rec.Write(second('a'), false); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			rec.mu.Lock()
			if rec.running {
				t.Errorf("after second %d its goroutine is still there", n)
			}
			rec.mu.Unlock()
		}
		if c, err := rec.End(t.Context()); err != nil || c.Seconds != 3 {
			t.Errorf("End = %+v, %v, want three seconds", c, err)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestFullDiskIsSaidInWords(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	rec := recordTo(t, full)
	if err := rec.Write(second('a'), true); err != nil {
		t.Fatal(err)
	}
	c, err := rec.End(t.Context())
	if rivage.CodeOf(err) != rivage.Unavailable || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("End = %v, want that the disk is full, code %q", err, rivage.Unavailable)
	}
	if c.Complete || c.Bytes != 0 || c.Seconds != 0 || c.Cipher != sha256.Sum256(nil) {
		t.Errorf("End = %+v, want nothing written", c)
	}
	if got := rec.Write(second('b'), false); got != err {
		t.Errorf("a later write: %v, want %v", got, err)
	}
}

func TestOpenRecordingsAreSyncedEachSecondAndTheLoopStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, _ := newRecordings(t)
		rec, err := r.Recorder(t.Context(), "s1", format(object))
		if err != nil {
			t.Fatal(err)
		}
		rec.file.f.Close() // the next sync finds it closed, which is not a failure
		<-time.After(syncEvery + time.Millisecond)
		synctest.Wait()
		if rec.failed() {
			t.Error("a file that was closed meanwhile counts as a failed sync")
		}
		in, out, err := os.Pipe() // a pipe cannot be synced: EINVAL
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		broken := recordTo(t, out)
		r.mu.Lock()
		r.open["broken"] = broken
		r.mu.Unlock()
		<-time.After(syncEvery)
		synctest.Wait()
		if err := broken.Write(second('a'), false); rivage.CodeOf(err) != rivage.Unavailable {
			t.Errorf("a write after a failed sync: %v, want code %q", err, rivage.Unavailable)
		}
		broken.abandon()
		r.drop("broken")
		_, _ = rec.End(t.Context())
		if err := r.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}) // a goroutine left behind fails the bubble
}

func TestCloseEndsWhatIsOpenAsInterrupted(t *testing.T) {
	r, _, _ := newRecordings(t)
	rec, err := r.Recorder(t.Context(), "s1", format(object))
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Write(second('a'), false); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := r.Inspect(object); err != nil || c.Seconds != 1 || c.Complete {
		t.Errorf("Inspect = %+v, %v, want one second, interrupted", c, err)
	}
	if _, err := r.Recorder(t.Context(), "s1", format("ab-late")); rivage.CodeOf(err) != rivage.Unavailable {
		t.Errorf("a recording after Close: %v, want code %q", err, rivage.Unavailable)
	}
	if _, err := r.Inspect("ab-late"); rivage.CodeOf(err) != rivage.NotFound {
		t.Errorf("its file: %v, want none", err)
	}
}

func TestManyRecordAtTheSameTime(t *testing.T) {
	r, _, _ := newRecordings(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			rec, err := r.Recorder(t.Context(), "s1", format("ab-many-"+string(rune('a'+i))))
			if err != nil {
				t.Error(err)
				return
			}
			for n := range 3 {
				if err := rec.Write(second(byte(i)), n == 2); err != nil {
					t.Error(err)
				}
			}
			r.syncAll()
			if c, err := rec.End(t.Context()); err != nil || !c.Complete {
				t.Errorf("End = %+v, %v", c, err)
			}
		})
	}
	wg.Wait()
	if n := len(r.open); n != 0 {
		t.Errorf("%d recordings still open, want 0", n)
	}
}
