// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"bufio"
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// KEK is the secret everything else hangs on: one secret of the instance, from which the index key and the
// organisation key are derived, and one secret per epoch, under which the keys of subjects are wrapped. A KEK is
// never changed once made: a new epoch is a new KEK. It prints itself as a mark only.
type KEK struct {
	instance secret256
	epochs   []epoch // ascending, never empty; the last is the one that wraps
}

type secret256 [32]byte

type epoch struct {
	n      int64
	master secret256
}

// maxEpochs bounds a key file: one epoch a month for eight years, while at most a few are alive.
const maxEpochs = 100

// maxKEKText bounds what ParseKEK reads.
const maxKEKText = 32 << 10

// NewKEK makes the key of a new instance, at epoch 1.
func NewKEK() *KEK {
	return &KEK{instance: newSecret(), epochs: []epoch{{1, newSecret()}}}
}

func newSecret() (s secret256) {
	_, _ = rand.Read(s[:]) // never fails, crypto/rand documentation
	return s
}

// Epoch is the epoch under which new keys are wrapped.
func (k *KEK) Epoch() int64 { return k.epochs[len(k.epochs)-1].n }

// Epochs lists the epochs whose keys can still be opened, ascending.
func (k *KEK) Epochs() []int64 {
	ns := make([]int64, len(k.epochs))
	for i, e := range k.epochs {
		ns[i] = e.n
	}
	return ns
}

// WithNewEpoch is k and one epoch more, which wraps from now on.
func (k *KEK) WithNewEpoch() (*KEK, error) {
	if len(k.epochs) >= maxEpochs {
		return nil, fmt.Errorf("add epoch: the key file holds %d already; destroy the oldest first", maxEpochs)
	}
	return &KEK{k.instance, append(slices.Clone(k.epochs), epoch{k.Epoch() + 1, newSecret()})}, nil
}

// WithoutEpoch is k without an epoch that no longer wraps: every backup taken under it becomes unreadable, so it is
// for when the last of them has expired.
func (k *KEK) WithoutEpoch(n int64) (*KEK, error) {
	i := slices.IndexFunc(k.epochs, func(e epoch) bool { return e.n == n })
	switch {
	case i < 0:
		return nil, fmt.Errorf("destroy epoch %d: the key file does not hold it", n)
	case n == k.Epoch():
		return nil, fmt.Errorf("destroy epoch %d: it is the one in use; add an epoch and wrap all keys again first", n)
	}
	return &KEK{k.instance, slices.Delete(slices.Clone(k.epochs), i, i+1)}, nil
}

// Fingerprint names the key and the epochs it holds without telling anything of it, for a label on the copy.
func (k *KEK) Fingerprint() string {
	h := sha256.New()
	_, _ = io.WriteString(h, checkValue(k.instance))
	for _, e := range k.epochs {
		_, _ = fmt.Fprintf(h, "/%d/%s", e.n, checkValue(e.master))
	}
	return group(b32.EncodeToString(h.Sum(nil)[:10]))
}

// Format hides the key under every verb.
func (k *KEK) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// LogValue hides the key.
func (k *KEK) LogValue() slog.Value { return slog.StringValue("[key]") }

var b32 = base32.StdEncoding.WithPadding(base32.NoPadding)

const (
	kekTitle    = "rivage key 1"
	checkTitle  = "rivage key check 1"
	kekReminder = "# Whoever holds this text can read everything; without it nothing can be read again.\n" +
		"# Keep a copy on paper in a safe, away from the backups. The last four letters of a line check it.\n"
)

// Text is the key as a file holds it and as a person copies it on paper: groups of four letters, four check letters at
// the end of each secret, and the fingerprint of the whole.
func (k *KEK) Text() string {
	var b strings.Builder
	b.WriteString(kekTitle + "\n" + kekReminder)
	fmt.Fprintf(&b, "instance %s\n", lineOf("instance", k.instance))
	for _, e := range k.epochs {
		label := fmt.Sprintf("epoch %d", e.n)
		fmt.Fprintf(&b, "%s %s\n", label, lineOf(label, e.master))
	}
	fmt.Fprintf(&b, "fingerprint %s\n", k.Fingerprint())
	return b.String()
}

// ParseKEK reads what Text wrote, from a file or typed from paper: case and separators do not matter, and the digits
// 0, 1 and 8 are read as the letters they were. An error names the line and never repeats it.
func ParseKEK(text []byte) (*KEK, error) {
	if len(text) > maxKEKText {
		return nil, fmt.Errorf("read key: %d bytes is too long for a key", len(text))
	}
	k := &KEK{}
	var titled, instance bool
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if !titled {
			if line != kekTitle {
				return nil, fmt.Errorf("read key: line %d: want %q", n, kekTitle)
			}
			titled = true
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "instance" && !instance:
			s, err := secretOf("instance", rest)
			if err != nil {
				return nil, fmt.Errorf("read key: line %d: %w", n, err)
			}
			k.instance, instance = s, true
		case word == "epoch":
			if err := k.parseEpoch(rest); err != nil {
				return nil, fmt.Errorf("read key: line %d: %w", n, err)
			}
		case word == "fingerprint":
			if !instance || len(k.epochs) == 0 || !sameText(rest, k.Fingerprint()) {
				return nil, errors.New("read key: the fingerprint does not match: a line is missing or belongs to another key")
			}
			return k, nil
		default:
			return nil, fmt.Errorf("read key: line %d: want instance, epoch or fingerprint", n)
		}
	}
	return nil, errors.New("read key: it ends before its fingerprint: the text was cut short")
}

func (k *KEK) parseEpoch(rest string) error {
	number, text, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || n < 1 || number != strconv.FormatInt(n, 10):
		return errors.New("want an epoch's number")
	case len(k.epochs) > 0 && n <= k.Epoch():
		return errors.New("epochs are not in order")
	case len(k.epochs) == maxEpochs:
		return errors.New("too many epochs")
	}
	s, err := secretOf("epoch "+number, text)
	if err != nil {
		return err
	}
	k.epochs = append(k.epochs, epoch{n, s})
	return nil
}

// lineOf is a secret in letters with its check letters: 20 bits of a hash that covers the label too, so that two lines
// swapped are found.
func lineOf(label string, s secret256) string {
	return group(b32.EncodeToString(s[:]) + checkLetters(label, s))
}

func checkLetters(label string, s secret256) string {
	h := sha256.Sum256(slices.Concat([]byte("rivage key\x00"+label+"\x00"), s[:]))
	return b32.EncodeToString(h[:])[:4]
}

// secretOf reads what lineOf wrote.
func secretOf(label, text string) (secret256, error) {
	t := bare(text)
	const letters = 52 // 256 bits in base32
	if len(t) != letters+4 {
		return secret256{}, fmt.Errorf("%d letters, want %d", len(t), letters+4)
	}
	raw, err := b32.DecodeString(t[:letters])
	if err != nil || len(raw) != 32 {
		return secret256{}, errors.New("a character is none of A-Z, 2-7")
	}
	s := secret256(raw)
	if subtle.ConstantTimeCompare([]byte(checkLetters(label, s)), []byte(t[letters:])) != 1 {
		return secret256{}, errors.New("the check letters do not match: a letter is wrong")
	}
	return s, nil
}

// bare drops what people put between groups and mends the digits that base32 does not have.
func bare(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "\t", "", "0", "O", "1", "I", "8", "B").Replace(strings.ToUpper(s))
}

func sameText(a, b string) bool { return bare(a) == bare(b) }

// group puts a dash between groups of four letters.
func group(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(s[i:min(i+4, len(s))])
	}
	return b.String()
}

// derive makes a key of its own for one use (RFC 5869).
func derive(s secret256, use string) []byte {
	key, err := hkdf.Key(sha256.New, s[:], nil, "rivage "+use, 32)
	if err != nil { // only for an output of more than 255 hashes
		return nil
	}
	return key
}

// checkValue tells one secret from another and nothing of it.
func checkValue(s secret256) string { return b32.EncodeToString(derive(s, "check")[:10]) }

// Check is what stands beside the data, so that a wrong key is told from a right one before anything is opened with
// it. It holds no secret.
func (k *KEK) Check() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\ninstance %s\n", checkTitle, checkValue(k.instance))
	for _, e := range k.epochs {
		fmt.Fprintf(&b, "epoch %d %s\n", e.n, checkValue(e.master))
	}
	return b.String()
}

// Match says whether k opens the data beside which check stands: the same instance, and every epoch in use there.
func (k *KEK) Match(check string) error {
	title, rest, _ := strings.Cut(strings.TrimSpace(check), "\n")
	if title != checkTitle {
		return fmt.Errorf("match key: the check beside the data does not begin with %q", checkTitle)
	}
	have := strings.Split(strings.TrimSpace(k.Check()), "\n")[1:]
	for i, line := range strings.Split(rest, "\n") {
		switch {
		case slices.Contains(have, line):
		case i == 0:
			return fmt.Errorf("match key: this key (%s) belongs to another instance than the data", k.Fingerprint())
		default:
			return fmt.Errorf("match key: this key (%s) lacks an epoch the data is sealed under: it is an old copy",
				k.Fingerprint())
		}
	}
	return nil
}
