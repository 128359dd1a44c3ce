// SPDX-License-Identifier: EUPL-1.2

package verify

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/wire/tlog"
)

// Manifest says what an export holds. It is the extension of a checkpoint over the export's own tree, signed by the
// log's key: tools of others read the checkpoint and leave the lines.
type Manifest struct {
	Principal rivage.ID `json:"principal"`
	At        time.Time `json:"at"` // seconds, UTC
	Bodies    bool      `json:"bodies"`
	Files     []Listed  `json:"-"`
}

// Listed is one file beside the tiles: its path, length and hash.
type Listed struct {
	Path string
	Size int64
	Hash rivage.Hash
}

const (
	manifestTitle = "rivage export 1"
	maxFiles      = 2000 // of facts and bodies, so that a manifest stays within a checkpoint's limit
)

// Lines is the manifest as the extension of a checkpoint.
func (m *Manifest) Lines() (string, error) {
	if !rivage.ValidSlug(string(m.Principal)) || len(m.Files) > maxFiles {
		return "", fmt.Errorf("write manifest: %q is not an id, or %d files are more than %d", m.Principal, len(m.Files), maxFiles)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nprincipal %s\nat %s\n", manifestTitle, m.Principal, m.At.UTC().Format(time.RFC3339))
	if m.Bodies {
		b.WriteString("bodies\n")
	}
	for _, f := range m.Files {
		fmt.Fprintf(&b, "file %s %d %s\n", f.Path, f.Size, f.Hash)
	}
	return b.String(), nil
}

// parseManifest reads what Lines wrote, and nothing else.
func parseManifest(text string) (*Manifest, error) {
	m := &Manifest{}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if n == 0 {
			continue // the title, compared below
		}
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "principal":
			m.Principal = rivage.ID(rest)
		case "at":
			m.At, err = time.Parse(time.RFC3339, rest)
		case "bodies":
			m.Bodies = true
		case "file":
			err = m.file(rest)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+4, err)
		}
	}
	if again, err := m.Lines(); err != nil || again != text {
		return nil, fmt.Errorf("this is not a manifest of the form %q", manifestTitle)
	}
	return m, nil
}

func (m *Manifest) file(rest string) error {
	words := strings.Split(rest, " ")
	if len(words) != 3 || len(m.Files) == maxFiles {
		return errors.New("want path, length and hash of a file")
	}
	size, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return errors.New("want a length in bytes")
	}
	hash, err := rivage.ParseHash(words[2])
	if err != nil {
		return err
	}
	if folder := path.Dir(words[0]); folder != FactsFolder && folder != BodiesFolder || path.Clean(words[0]) != words[0] {
		return fmt.Errorf("%.80q is not a file of facts or bodies", words[0])
	}
	m.Files = append(m.Files, Listed{words[0], size, hash})
	return nil
}

// readManifest reads an export's manifest, nil when there is none. It must be signed by the log, over the same tree.
func readManifest(files fs.FS, key tlog.Verifier, tree tlog.Tree) (*Manifest, error) {
	text, err := readSmall(files, ManifestFile, tlog.MaxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := tlog.OpenCheckpoint(text, key)
	if err != nil {
		return nil, fault(ManifestFile, "%w", err)
	}
	if c.Tree != tree {
		return nil, fault(ManifestFile, "it is of a log of %d entries, the checkpoint of %d, or of another root", c.Tree.Size, tree.Size)
	}
	m, err := parseManifest(c.Extension)
	if err != nil {
		return nil, fault(ManifestFile, "%w", err)
	}
	return m, nil
}

// noStrayExport refuses an export whose manifest was taken away, which would pass as a published folder.
func noStrayExport(files fs.FS) error {
	for _, folder := range []string{FactsFolder, BodiesFolder} {
		if _, err := fs.Stat(files, folder); err == nil {
			return fault(ManifestFile, "it is missing, and there is a folder %s", folder)
		}
	}
	return nil
}

// noStrayFile refuses a file of an export that nothing signed speaks of.
func noStrayFile(files fs.FS, m *Manifest, tree tlog.Tree) error {
	known := map[string]bool{CheckpointFile: true, KeyFile: true, ManifestFile: true}
	for _, f := range m.Files {
		known[f.Path] = true
	}
	edge := map[string]bool{}
	for _, t := range tlog.Edge(tree.Size) {
		edge[t.Path()] = true
	}
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || known[name] {
			return err
		}
		t, err := tlog.ParsePath(name)
		full := err == nil && t.Width == tlog.TileWidth && t.FullAt() <= tree.Size
		if !full && !edge[name] {
			return fault(name, "nothing that is signed speaks of this file")
		}
		return nil
	})
}
