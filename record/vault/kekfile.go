// SPDX-License-Identifier: EUPL-1.2

package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CreateKEK makes a new key and writes it to path, which must not exist, with mode 0600; the folder must.
func CreateKEK(path string) (*KEK, error) {
	k := NewKEK()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create key: %s exists already; a key is never overwritten", path)
	}
	if err != nil {
		return nil, fmt.Errorf("create key: %w", err)
	}
	if err := writeSynced(f, k.Text()); err != nil {
		return nil, errors.Join(fmt.Errorf("create key: %w", err), os.Remove(path))
	}
	return k, syncFolder(filepath.Dir(path))
}

// SaveKEK replaces the key file at once: after a crash the old one stands there, or the new one.
func SaveKEK(path string, k *KEK) error { return replaceFile(path, k.Text(), 0o600) }

// SaveCheck writes what tells a wrong key beside the data.
func SaveCheck(path string, k *KEK) error { return replaceFile(path, k.Check(), 0o644) }

// LoadKEK reads the key file. Anything but a regular file that its owner alone can read is refused, as is one inside
// data: a backup of the data would carry the key along.
func LoadKEK(path, data string) (*KEK, error) {
	if inside(path, data) {
		return nil, fmt.Errorf("load key: %s is inside the data folder; move it elsewhere, or each backup carries it", path)
	}
	return loadKEK(path, 0o077)
}

// LoadCredential reads the key from systemd's credentials folder, whose files systemd may leave readable by a group of
// the service alone (systemd.exec, LoadCredential=).
func LoadCredential(folder, name string) (*KEK, error) {
	return loadKEK(filepath.Join(folder, name), 0o037)
}

// Unlock loads the key and holds it against the check beside the data: what serve does first.
func Unlock(path, data, check string) (*KEK, error) {
	k, err := LoadKEK(path, data)
	if err != nil {
		return nil, err
	}
	return k, k.MatchFile(check)
}

// MatchFile is Match with the check read from a file.
func (k *KEK) MatchFile(check string) error {
	text, err := os.ReadFile(check)
	if err != nil {
		return fmt.Errorf("match key: %w", err)
	}
	return k.Match(string(text))
}

func loadKEK(path string, refused fs.FileMode) (*KEK, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("load key: there is no key at %s; restore the copy that was made when the instance was", path)
	}
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("load key: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("load key: %s is not a regular file", path)
	case info.Mode().Perm()&refused != 0:
		return nil, fmt.Errorf("load key: %s can be read by others (mode %04o); run chmod 600 on it, and make a new key "+
			"if others could have read it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKEKText+1))
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	k, err := ParseKEK(text)
	if err != nil {
		return nil, fmt.Errorf("load key: %s: %w", path, err)
	}
	return k, nil
}

// inside says whether path lies in folder, links followed.
func inside(path, folder string) bool {
	if folder == "" {
		return false
	}
	rel, err := filepath.Rel(resolved(folder), filepath.Join(resolved(filepath.Dir(path)), filepath.Base(path)))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func resolved(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return path
}

// replaceFile writes beside path, syncs, and renames.
func replaceFile(path, text string, mode fs.FileMode) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return fmt.Errorf("save key: %w", err)
	}
	if err := writeSynced(f, text); err != nil {
		return errors.Join(fmt.Errorf("save key: %w", err), os.Remove(path+".new"))
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("save key: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// writeSynced writes, syncs and closes f.
func writeSynced(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncFolder makes a new or renamed name survive a power loss.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
