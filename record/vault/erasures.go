// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"rivage.example/rivage"
)

// Erasures is the list of erasures, kept apart from the backups: a restored backup brings erased keys back, and this
// list says which to destroy again. One line per erasure: the entry's sequence number, the subjects, and a CRC-32 of
// the line before it. The ids in it are random and name nobody.
type Erasures struct {
	mu     sync.Mutex // guards what follows
	file   *os.File
	size   int64 // of the whole lines
	dirty  bool  // something behind size was not acknowledged
	next   rivage.Seq
	listed map[rivage.ID]bool
}

// Erasure is one line: what the entry Seq erased.
type Erasure struct {
	Seq      rivage.Seq
	Subjects []rivage.ID
}

// maxErasures bounds the file that is read: about a million erasures.
const maxErasures = 64 << 20

// OpenErasures opens the list for appending and makes it when it is missing. A line cut by a crash, which was never
// acknowledged, is taken off.
func OpenErasures(path string) (*Erasures, error) {
	_, err := os.Stat(path)
	made := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open erasures: %w", err)
	}
	e := &Erasures{file: f, listed: map[rivage.ID]bool{}}
	if err := e.mend(); err != nil {
		return nil, errors.Join(fmt.Errorf("open erasures: %w", err), f.Close())
	}
	if made {
		err = syncFolder(filepath.Dir(path))
	}
	return e, err
}

// mend checks every line, finds the last one, and cuts what follows it.
func (e *Erasures) mend() error {
	list, whole, err := readErasures(e.file)
	if err != nil {
		return err
	}
	for _, x := range list {
		e.keep(x)
	}
	e.size = whole
	if err := e.file.Truncate(whole); err != nil {
		return err
	}
	return e.file.Sync()
}

// Add appends an erasure and returns once it is on the disk. One whose subjects are all listed is there already: a
// consumer that starts again may repeat itself. A number that is not after the last one is of another time, when the
// database was put back by other means than restore: it is listed under the next one, for an erasure left out would
// come undone.
func (e *Erasures) Add(x Erasure) error {
	for _, s := range x.Subjects {
		if !rivage.ValidSlug(string(s)) {
			return fmt.Errorf("add erasure: %w", invalid("a subject has no valid id"))
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.Seq < e.next {
		x.Subjects = slices.DeleteFunc(slices.Clone(x.Subjects), func(s rivage.ID) bool { return e.listed[s] })
		if x.Seq = e.next; len(x.Subjects) == 0 {
			return nil
		}
	}
	if err := e.write(appendErasure(nil, x)); err != nil {
		return fmt.Errorf("add erasure: %w", err)
	}
	e.keep(x)
	return nil
}

// keep remembers a line that is on the disk.
func (e *Erasures) keep(x Erasure) {
	e.next = x.Seq + 1
	for _, s := range x.Subjects {
		e.listed[s] = true
	}
}

// write puts a line behind the whole ones. After a failed write or sync nothing is known of what the disk holds there,
// so the next write first cuts it off and begins again. The caller holds mu.
func (e *Erasures) write(line []byte) error {
	if e.dirty {
		if err := e.file.Truncate(e.size); err != nil {
			return err
		}
	}
	e.dirty = true
	if _, err := e.file.Write(line); err != nil {
		return err
	}
	if err := e.file.Sync(); err != nil {
		return err
	}
	e.dirty = false
	e.size += int64(len(line))
	return nil
}

// Close closes the file.
func (e *Erasures) Close() error { return e.file.Close() }

// ReadErasures reads a list, oldest first, to be applied after a restore. A damaged line is an error that names it.
func ReadErasures(path string) ([]Erasure, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read erasures: %w", err)
	}
	defer f.Close()
	list, _, err := readErasures(f)
	if err != nil {
		return nil, fmt.Errorf("read erasures: %w", err)
	}
	return list, nil
}

// readErasures gives the erasures and the length of the whole lines.
func readErasures(f *os.File) ([]Erasure, int64, error) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, maxErasures+1))
	if err != nil {
		return nil, 0, err
	}
	if len(text) > maxErasures {
		return nil, 0, fmt.Errorf("the list is over %d bytes", maxErasures)
	}
	return parseErasures(text)
}

func parseErasures(text []byte) (list []Erasure, whole int64, err error) {
	for n := 1; ; n++ {
		line, rest, ended := bytes.Cut(text, []byte{'\n'})
		if !ended {
			return list, whole, nil
		}
		x, err := parseErasure(string(line))
		if err == nil && len(list) > 0 && x.Seq <= list[len(list)-1].Seq {
			err = errors.New("it is not after the line before")
		}
		if err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, x)
		whole += int64(len(line)) + 1
		text = rest
	}
}

func appendErasure(b []byte, x Erasure) []byte {
	start := len(b)
	b = strconv.AppendUint(b, x.Seq, 10)
	for _, s := range x.Subjects {
		b = append(append(b, ' '), s...)
	}
	return fmt.Appendf(b, " %08x\n", crc32.ChecksumIEEE(b[start:]))
}

func parseErasure(line string) (Erasure, error) {
	at := strings.LastIndexByte(line, ' ')
	if at < 0 || fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(line[:at]))) != line[at+1:] {
		return Erasure{}, errors.New("it was damaged")
	}
	words := strings.Split(line[:at], " ")
	seq, err := strconv.ParseUint(words[0], 10, 64)
	if err != nil {
		return Erasure{}, errors.New("it does not begin with a sequence number")
	}
	x := Erasure{Seq: seq}
	for _, w := range words[1:] {
		if !rivage.ValidSlug(w) {
			return Erasure{}, errors.New("a subject has no valid id")
		}
		x.Subjects = append(x.Subjects, rivage.ID(w))
	}
	return x, nil
}
