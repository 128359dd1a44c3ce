// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"embed"
	"io/fs"
)

// demoFiles are the settings and the voices of the demo: a fictitious outsourcer's floor.
//
//go:embed demo/settings demo/speech
var demoFiles embed.FS

// demoSettings is the folder that the demo applies, as `rivage config apply` would.
func demoSettings() fs.FS { return sub("demo/settings") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(demoFiles, dir)
	if err != nil { // the path is a constant
		return demoFiles
	}
	return f
}
