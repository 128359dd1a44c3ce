// SPDX-License-Identifier: EUPL-1.2

// Package web holds the built apps, embedded in the binary: desk, control and appeler.
package web

import (
	"embed"
	"errors"
	"io/fs"
)

//go:embed all:dist all:placeholder
var files embed.FS

// Apps are the folders of FS, one per app; each has an index.html and an assets folder whose names carry a hash.
var Apps = []string{"desk", "control", "appeler"}

// FS gives the apps as "desk/index.html", "desk/assets/…". Before `npm run build` an app is one page that says so, so
// that Go builds without Node and a build leaves the source tree clean.
var FS fs.FS = built{}

type built struct{}

// Open implements fs.FS: what was built, else the placeholder.
func (built) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := files.Open(join("dist", name))
	if errors.Is(err, fs.ErrNotExist) {
		return files.Open(join("placeholder", name))
	}
	return f, err
}

func join(root, name string) string {
	if name == "." {
		return root
	}
	return root + "/" + name
}
