// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed choice.html choice.css
var choice embed.FS

// apps are the folders of Config.Apps. Each has an index.html, which stands for every path that is no file.
var apps = []string{"desk", "control", "appeler"}

const (
	maxAsset = 16 << 20 // bytes of one file
	minZip   = 1 << 10  // bytes from which compressing is worth it
)

// How long browsers keep a file: one whose name carries a hash for ever, any other never without asking.
const (
	keepForever = "public, max-age=31536000, immutable"
	keepNothing = "no-cache"
)

// types by extension: the host's own table is not trusted. Others are not served.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".txt": "text/plain; charset=utf-8", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".wav": "audio/wav",
}

// asset is a file as it is served.
type asset struct {
	kind, cache string
	plain       []byte
	zipped      func() []byte // made at the first request; nil when it does not pay
}

// loadAssets reads every file of an app that has a type.
func loadAssets(files fs.FS) (map[string]asset, error) {
	all := map[string]asset{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		kind := types[path.Ext(name)]
		if err != nil || d.IsDir() || kind == "" {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if len(data) > maxAsset {
			return fmt.Errorf("%s: %d bytes, at most %d", name, len(data), maxAsset)
		}
		a := asset{kind: kind, cache: keepNothing, plain: data}
		if strings.HasPrefix(name, "assets/") {
			a.cache = keepForever
		}
		if len(data) >= minZip && !strings.HasPrefix(kind, "font/") && kind != "image/png" {
			a.zipped = sync.OnceValue(func() []byte { return zip(data) })
		}
		all[name] = a
		return nil
	})
	return all, err
}

// zip compresses, nil when it does not pay.
func zip(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	if b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", a.cache)
	body := a.plain
	if a.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if zipped := a.zipped(); zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
	}
	_, _ = w.Write(body) // the client is gone: nothing to do
}

// appRoutes serves the apps and the page that leads to them.
func (s *Server) appRoutes() error {
	for _, app := range apps {
		files, err := fs.Sub(s.c.Apps, app)
		if err != nil {
			return fmt.Errorf("open app %s: %w", app, err)
		}
		assets, err := loadAssets(files)
		if err != nil {
			return fmt.Errorf("open app %s: %w", app, err)
		}
		if _, ok := assets["index.html"]; !ok {
			return fmt.Errorf("open app %s: it has no index.html", app)
		}
		if app == "appeler" && s.c.Demo == nil {
			continue
		}
		s.mux.Handle("GET /"+app+"/", http.StripPrefix("/"+app+"/", serveApp(assets)))
		s.mux.Handle("GET /"+app, http.RedirectHandler("/"+app+"/", http.StatusMovedPermanently))
	}
	own, err := loadAssets(choice)
	if err != nil {
		return fmt.Errorf("open choice of apps: %w", err)
	}
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if s.c.Demo == nil {
			http.Redirect(w, r, "/desk/", http.StatusFound)
			return
		}
		own["choice.html"].serve(w, r)
	})
	s.mux.HandleFunc("GET /choice.css", own["choice.css"].serve)
	s.mux.HandleFunc("/", s.noRoute)
	return nil
}

func serveApp(assets map[string]asset) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		a, ok := assets[name]
		switch {
		case ok:
			a.serve(w, r)
		case path.Ext(name) != "" || strings.HasPrefix(name, "assets/"):
			problem(http.StatusNotFound, "not_found").write(w)
		default:
			assets["index.html"].serve(w, r)
		}
	}
}
