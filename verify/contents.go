// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"sync/atomic"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// maxLine is the longest line of facts or bodies that is read, in bytes: a body has at most 1 MiB.
const maxLine = 4 << 20

// AppendFacts appends a line of a facts file: {"seq":N,"facts":…} with the canonical bytes that the leaf hashes.
func AppendFacts(b []byte, seq rivage.Seq, facts []byte) []byte {
	b = strconv.AppendUint(append(b, `{"seq":`...), seq, 10)
	b = append(append(b, `,"facts":`...), facts...)
	return append(b, '}', '\n')
}

// AppendBody appends a line of a bodies file: {"seq":N,"salt":"…","body":…}, or "body64" for what is not JSON on one
// line. SHA-256(salt ‖ body) is what the leaf commits to.
func AppendBody(b []byte, seq rivage.Seq, salt [32]byte, body []byte) []byte {
	b = strconv.AppendUint(append(b, `{"seq":`...), seq, 10)
	b = hex.AppendEncode(append(b, `,"salt":"`...), salt[:])
	if json.Valid(body) && !bytes.ContainsAny(body, "\r\n") {
		b = append(append(b, `","body":`...), body...)
		return append(b, '}', '\n')
	}
	b = base64.StdEncoding.AppendEncode(append(b, `","body64":"`...), body)
	return append(b, '"', '}', '\n')
}

// cutSeq cuts {"seq":N off a line.
func cutSeq(line []byte) (seq rivage.Seq, rest []byte, err error) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"seq":`))
	digits, rest, found := bytes.Cut(rest, []byte{','})
	seq, err = strconv.ParseUint(string(digits), 10, 64)
	if !ok || !found || err != nil || !bytes.HasSuffix(rest, []byte{'}'}) {
		return 0, nil, errors.New(`want a line {"seq":N,…}`)
	}
	return seq, rest[:len(rest)-1], nil
}

// contents checks the facts and bodies of an export against the leaves.
func contents(files fs.FS, tree tlog.Tree, r *Report) error {
	if err := noStrayFile(files, r.Export, tree); err != nil {
		return err
	}
	var facts, bodies atomic.Int64
	err := parallel(2, uint64(len(r.Export.Files)), func(int) (func(uint64) error, error) {
		log, err := tlog.Open(files, tree)
		return func(n uint64) error {
			f := r.Export.Files[n]
			if path.Dir(f.Path) == BodiesFolder {
				return lines(files, log, f, &bodies, checkBody)
			}
			return lines(files, log, f, &facts, func(b brief, rest []byte) error {
				return checkFacts(b, rest, r.Export.Principal)
			})
		}, err
	})
	r.Facts, r.Bodies = facts.Load(), bodies.Load()
	return err
}

// lines reads a file beside the log: each line is compared with the leaf of its entry, then the whole with its hash.
func lines(files fs.FS, log *tlog.Log, l Listed, count *atomic.Int64, check func(b brief, rest []byte) error) error {
	f, err := files.Open(l.Path)
	if err != nil {
		return &Fault{File: l.Path, Err: cause(err)}
	}
	defer f.Close()
	in := &lineReader{hash: sha256.New()}
	in.scan = bufio.NewScanner(io.TeeReader(io.LimitReader(f, l.Size+1), countingHash{in}))
	in.scan.Buffer(make([]byte, 0, 64<<10), maxLine)
	in.scan.Split(wholeLines)
	if err := in.beside(log, l.Path, check); err != nil {
		return err
	}
	if in.size != l.Size || rivage.Hash(in.hash.Sum(nil)) != l.Hash {
		return fault(l.Path, "%d bytes, and not the %d that the manifest signs", in.size, l.Size)
	}
	count.Add(in.lines)
	return nil
}

// lineReader reads lines and hashes what it reads.
type lineReader struct {
	scan  *bufio.Scanner
	hash  hash.Hash
	size  int64
	lines int64
	seq   rivage.Seq // of the line in hand
	rest  []byte
}

type countingHash struct{ r *lineReader }

func (c countingHash) Write(b []byte) (int, error) {
	c.r.size += int64(len(b))
	return c.r.hash.Write(b)
}

// wholeLines is bufio.ScanLines for lines that end in exactly one line feed, the last one too.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errors.New("the last line does not end")
	}
	return 0, nil, nil
}

// next reads a line; false at the end of the file.
func (r *lineReader) next(file string) (bool, error) {
	if !r.scan.Scan() {
		if err := r.scan.Err(); err != nil {
			return false, fault(file, "line %d: %w", r.lines+1, err)
		}
		return false, nil
	}
	before := r.seq
	var err error
	if r.seq, r.rest, err = cutSeq(r.scan.Bytes()); err == nil && r.lines > 0 && r.seq <= before {
		err = fmt.Errorf("entry %d does not come after entry %d", r.seq, before)
	}
	if r.lines++; err != nil {
		return false, fault(file, "line %d: %w", r.lines, err)
	}
	return true, nil
}

// beside walks lines and entries together: both are in order.
func (r *lineReader) beside(log *tlog.Log, file string, check func(b brief, rest []byte) error) error {
	more, err := r.next(file)
	for err == nil && more {
		if r.seq >= log.Tree().Size {
			return entryFault(file, r.seq, "the log has %d entries", log.Tree().Size)
		}
		// A run of entries close to each other is read through; over a wide gap the reading begins anew.
		end := r.seq/share*share + share
		for e, bad := range log.Entries(r.seq, min(end, log.Tree().Size)) {
			if bad != nil {
				return named(bad, log.Tree().Size)
			}
			if e.Index != r.seq {
				continue
			}
			if err := one(e, r.rest, check); err != nil {
				return &Fault{File: file, First: e.Index, Last: e.Index, Entry: true, Err: err}
			}
			if more, err = r.next(file); err != nil || !more || r.seq >= end {
				break
			}
		}
	}
	return err
}

func one(e tlog.Entry, rest []byte, check func(b brief, rest []byte) error) error {
	if e.Text == nil {
		return errors.New("the text of its leaf is not in the log: nothing binds this line to it")
	}
	b, err := scan(e.Text)
	if err != nil {
		return err
	}
	return check(b, rest)
}

// checkFacts reads the rest of a line of facts.
func checkFacts(b brief, rest []byte, principal rivage.ID) error {
	text, ok := bytes.CutPrefix(rest, []byte(`"facts":`))
	if !ok {
		return errors.New(`want "facts"`)
	}
	s, err := sameFacts(b, text)
	if err == nil && s.Principal != principal {
		err = fmt.Errorf("it belongs to %s, the export to %s", s.Principal, principal)
	}
	return err
}

// sameFacts compares facts with what their leaf says of them.
func sameFacts(b brief, text []byte) (rivage.Stored, error) {
	var s rivage.Stored
	if sha256.Sum256(text) != b.facts {
		return s, errors.New("these facts are not those that the leaf hashes")
	}
	if err := rivage.DecodeFacts(text, &s); err != nil {
		return s, err
	}
	if string(s.Kind) != string(b.kind) || s.At.Time().Unix() != b.at {
		return s, errors.New("leaf and facts differ in kind or time")
	}
	return s, nil
}

// checkBody reads the rest of a line of bodies.
func checkBody(b brief, rest []byte) error {
	rest, ok := bytes.CutPrefix(rest, []byte(`"salt":"`))
	if !ok || len(rest) < 65 || rest[64] != '"' {
		return errors.New(`want "salt", 64 hexadecimal characters`)
	}
	salt, err := rivage.ParseHash(string(rest[:64]))
	if err != nil {
		return err
	}
	rest = rest[65:]
	body, raw := bytes.CutPrefix(rest, []byte(`,"body":`))
	if !raw {
		text, ok := bytes.CutPrefix(rest, []byte(`,"body64":"`))
		text, ended := bytes.CutSuffix(text, []byte{'"'})
		if body, err = base64.StdEncoding.AppendDecode(nil, text); !ok || !ended || err != nil {
			return errors.New(`want "body" or "body64"`)
		}
	}
	return sameBody(b, salt[:], body)
}

// sameBody compares a body with what its leaf commits to.
func sameBody(b brief, salt, body []byte) error {
	if sha256.Sum256(slices.Concat(salt, body)) != b.commit {
		return errors.New("this body is not the one that the leaf commits to")
	}
	return nil
}
