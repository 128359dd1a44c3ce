// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"rivage.example/rivage"
)

// maxManifest bounds the manifest of a backup: about half a million recordings.
const maxManifest = 64 << 20

// recordingName is the only other name a backup may hold.
var recordingName = regexp.MustCompile(`^recordings/[a-z0-9-]{2}/[a-z0-9-]{4,40}$`)

// unpack writes a backup's files into an empty folder and checks them against its manifest. It gives the machine as the
// folder has it: a data or keys folder outside it is another instance's, and becomes one of this folder.
func unpack(file, dir string) (*machine, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.Invalid, Message: "read backup", Err: err}
	}
	defer f.Close()
	u := unpacker{dir: dir, sums: map[string]string{}}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("read backup: it has no manifest: it was cut short")
		}
		if err != nil {
			return nil, fmt.Errorf("read backup: %w", err)
		}
		if h.Name == backupManifest {
			if err := u.compare(io.LimitReader(r, maxManifest)); err != nil {
				return nil, fmt.Errorf("read backup: %w", err)
			}
			return u.machine, nil
		}
		if err := u.file(h, r); err != nil {
			return nil, fmt.Errorf("read backup: %s: %w", h.Name, err)
		}
	}
}

// readManifest reads what a backup says of itself, which is checked against its files only when it is unpacked.
func readManifest(file string) (*backupFiles, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("read backup: %w", err)
		}
		if h.Name != backupManifest {
			continue
		}
		var m backupFiles
		if err := json.NewDecoder(io.LimitReader(r, maxManifest)).Decode(&m); err != nil {
			return nil, fmt.Errorf("read backup: %w", err)
		}
		return &m, nil
	}
}

// unpacker is the work on one backup. rivage.toml comes first or later: the other files wait for no other.
type unpacker struct {
	dir     string
	machine *machine
	sums    map[string]string
}

func (u *unpacker) file(h *tar.Header, r io.Reader) error {
	known := h.Name == machineFile || h.Name == checkFile || h.Name == backupJournal || recordingName.MatchString(h.Name)
	if h.Typeflag != tar.TypeReg || !known {
		return errors.New("this does not belong into a backup")
	}
	if _, twice := u.sums[h.Name]; twice {
		return errors.New("it is there twice")
	}
	name := filepath.Join(u.dir, "data", filepath.FromSlash(h.Name))
	if h.Name == machineFile {
		name = filepath.Join(u.dir, machineFile)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, sum), r)
	u.sums[h.Name] = fmt.Sprintf("%x", sum.Sum(nil))
	return errors.Join(err, f.Sync(), f.Close())
}

// compare compares what was written with the manifest, both ways.
func (u *unpacker) compare(manifest io.Reader) error {
	var m backupFiles
	if err := json.NewDecoder(manifest).Decode(&m); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if m.Version != 1 {
		return fmt.Errorf("manifest: version %d, this program reads 1", m.Version)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if u.sums[name] != m.Files[name] {
			return fmt.Errorf("%s is damaged or missing", path.Clean(name))
		}
	}
	for _, name := range []string{machineFile, checkFile, backupJournal} {
		if m.Files[name] == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if len(u.sums) != len(m.Files) {
		return errors.New("it holds files that its manifest does not name")
	}
	return u.settle()
}

// settle makes rivage.toml name the folders of this instance.
func (u *unpacker) settle() error {
	m, err := readMachine(u.dir)
	if err != nil {
		return err
	}
	u.machine = &m
	inside := filepath.IsLocal(m.Keys) && filepath.Clean(m.Keys) != "." && !strings.HasPrefix(filepath.Clean(m.Keys)+"/", "data/")
	if m.Data == "data" && inside {
		return nil
	}
	m.Data = "data"
	if !inside {
		m.Keys = "keys"
	}
	text, err := m.text()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(u.dir, machineFile), text, 0o600)
}
