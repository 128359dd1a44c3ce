// SPDX-License-Identifier: EUPL-1.2

// Package arch states the shape of the tree, and its tests hold the code to it: who may import whom, which folder is the
// door of which library, who may read a clock, dial or listen, and that every package says what it is for.
package arch

import (
	"path"
	"slices"
	"strings"
)

// module is the import path of the root package.
const module = "rivage.example/rivage"

// shelves says what the packages of a shelf may import of ours; "." is the root package. Packages of one shelf do not
// import one another unless siblings says so; a package and its own subfolders may.
var shelves = map[string][]string{
	".":      {},
	"wire":   {},
	"engine": {"."},
	"record": {".", "wire"},
	"edge":   {".", "engine", "wire", "web"},
	"web":    {},
	"verify": {".", "wire"},
	"cmd":    {".", "engine", "record", "edge", "wire", "web", "verify"},
	"test":   {".", "engine", "record", "edge", "wire", "web", "verify", "cmd"},
}

// siblings are the imports allowed inside a shelf.
var siblings = map[string][]string{
	"engine/floor":  {"engine/policy", "engine/acd", "engine/flow", "engine/access"},
	"engine/view":   {"engine/policy", "engine/access", "engine/person"},
	"engine/config": {"engine/policy", "engine/flow"},

	"engine/register":  {"engine/report"},
	"engine/workforce": {"engine/acd", "engine/report"},
}

// closed are the parts of the standard library a shelf does without: a name covers its subfolders, save harmless ones.
var (
	closed = map[string][]string{
		".":      {"net", "os", "database/sql", "log"},
		"engine": {"net", "os", "database/sql", "log"},
	}
	harmless = []string{"net/netip", "net/url", "net/mail", "log/slog"} // values only
)

// doors names, for each library, the only folders that import it (their subfolders included). Tests of other folders
// go through these folders too, save those named in testDoors.
var doors = map[string][]string{
	"github.com/emiago/sipgo":         {"edge/voice"},
	"github.com/icholy/digest":        {"edge/voice"},
	"github.com/pion":                 {"edge/voice"},
	"golang.org/x/sys":                {"edge/voice", "record"},
	"modernc.org/sqlite":              {"record/store/sqlite"},
	"github.com/jackc/pgx":            {"record/store/postgres"},
	"github.com/danielgtaylor/huma":   {"edge/api"},
	"github.com/coder/websocket":      {"edge/api"},
	"github.com/pelletier/go-toml":    {"engine/config", "cmd/rivage"},
	"golang.org/x/crypto":             {"engine/access"},
	"golang.org/x/image":              {"edge/api/glass"},
	"golang.org/x/time":               {"edge"},
	"golang.org/x/mod":                {"wire", "record/ledger"},
	"github.com/spf13/cobra":          {"cmd/rivage"},
	"github.com/spf13/pflag":          {"cmd/rivage"},
	"github.com/rogpeppe/go-internal": {},
	"filippo.io/torchwood":            {},
}

// testDoors are the folders whose tests may import a library beyond its doors: foreign judges of our formats, and
// real peers.
var testDoors = map[string][]string{
	"filippo.io/torchwood":            {"wire", "verify", "record/ledger", "test"},
	"github.com/rogpeppe/go-internal": {"cmd/rivage", "test"},
	"github.com/coder/websocket":      {"test", "cmd/rivage"},
	"github.com/emiago/sipgo":         {"test"},
	"golang.org/x/sys":                {"test", "cmd/rivage"},
	"github.com/pion":                 {"test"},
}

// clocks are the names of package time that read or wait on the machine's clock; engine takes time from rivage.Clock.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}

// dialers are the ways out of the process that only edge/egress may use; edge/voice opens sockets of its own for media,
// and asks egress for what leaves by SIP.
var dialers = map[string][]string{
	"net":      {"Dial", "DialTimeout", "DialUDP", "DialTCP", "DialIP", "DialUnix", "DefaultResolver", "LookupHost", "LookupIP", "LookupAddr"},
	"net/http": {"Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport"},
}

// mayDial are the folders a dialer is allowed in, with the reason.
var mayDial = map[string]string{
	"edge/egress":       "it is the door",
	"edge/voice/caller": "synthetic callers ring loopback from a process of their own",
}

// badNames are folders that say nothing about what is in them.
var badNames = []string{"util", "utils", "common", "helper", "helpers", "manager", "model", "models", "types", "misc", "base", "shared", "internal", "pkg"}

// file is one source file as the rule sees it.
type file struct {
	path    string // from the root of the tree, with slashes
	imports []string
	names   []use // selectors on imported packages: time.Now
	doc     bool  // it carries the package comment
	spdx    bool
	pkg     string
}

// use is a name taken from an imported package.
type use struct{ path, name string }

func (f file) folder() string {
	return path.Dir(f.path)
}

func (f file) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// shelf is the first element of a folder.
func shelf(folder string) string {
	first, _, _ := strings.Cut(folder, "/")
	return first
}

// under says whether folder is one of roots or below one.
func under(folder string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool { return folder == r || strings.HasPrefix(folder, r+"/") })
}

// check gives every breach of the shape in a tree, in the order of its files.
func check(files []file) []string {
	var breaches []string
	docs := map[string]bool{}
	for _, f := range files {
		if f.doc && !f.test() {
			docs[f.folder()] = true
		}
	}
	said := map[string]bool{}
	for _, f := range files {
		for _, b := range f.breaches() {
			breaches = append(breaches, f.path+": "+b)
		}
		if d := f.folder(); !f.test() && !docs[d] && !said[d] {
			said[d] = true
			breaches = append(breaches, f.path+": package "+f.pkg+" does not say what it is for")
		}
	}
	return breaches
}

func (f file) breaches() []string {
	var out []string
	folder := f.folder()
	rules, known := shelves[shelf(folder)]
	if !known {
		return []string{"folder " + folder + " stands on no shelf"}
	}
	if !f.spdx {
		out = append(out, "no SPDX line")
	}
	if slices.Contains(badNames, path.Base(folder)) {
		out = append(out, "folder name "+path.Base(folder)+" says nothing")
	}
	for _, i := range f.imports {
		if b := f.importBreach(folder, rules, i); b != "" {
			out = append(out, b)
		}
	}
	for _, u := range f.names {
		if b := f.useBreach(folder, u); b != "" {
			out = append(out, b)
		}
	}
	return out
}

func (f file) importBreach(folder string, rules []string, i string) string {
	if ours, ok := ownFolder(i); ok {
		return f.ownBreach(folder, rules, ours)
	}
	if !strings.Contains(strings.Split(i, "/")[0], ".") { // standard library
		if !f.test() && under(i, closed[shelf(folder)]) && !slices.Contains(harmless, i) {
			return "the " + shelf(folder) + " shelf does without " + i
		}
		return ""
	}
	for lib, in := range doors {
		if i == lib || strings.HasPrefix(i, lib+"/") {
			if under(folder, in) || f.test() && under(folder, testDoors[lib]) {
				return ""
			}
			return i + " has another door"
		}
	}
	return i + " has no door: declare it in test/arch and docs/dependencies.md"
}

func (f file) ownBreach(folder string, rules []string, ours string) string {
	switch {
	case ours == folder || strings.HasPrefix(ours, folder+"/"), // itself, from an outside test, or its own subfolder
		strings.HasPrefix(folder, ours+"/") && ours != ".": // a subfolder and what holds it
		return ""
	case shelf(ours) == shelf(folder) && ours != "." && folder != ".":
		if sameRoom(folder, ours) || slices.Contains(siblings[folder], ours) || shelf(folder) == "test" {
			return ""
		}
		return "a sibling, " + ours + ", is not for " + folder
	case slices.Contains(rules, shelf(ours)):
		return ""
	}
	return "the " + shelf(folder) + " shelf does not import " + ours
}

// sameRoom says whether two folders are subfolders of one package: edge/voice/sip and edge/voice/media.
func sameRoom(a, b string) bool {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	return len(x) > 2 && len(y) > 2 && x[1] == y[1]
}

func ownFolder(i string) (string, bool) {
	if i == module {
		return ".", true
	}
	return strings.CutPrefix(i, module+"/")
}

func (f file) useBreach(folder string, u use) string {
	switch {
	case f.test():
		return ""
	case u.path == "time" && slices.Contains(clocks, u.name) && (shelf(folder) == "engine" || folder == "."):
		return "time." + u.name + ": time comes from rivage.Clock"
	case slices.Contains(dialers[u.path], u.name) && mayDial[folder] == "" && shelf(folder) != "test":
		return u.path + "." + u.name + ": only edge/egress dials"
	case u.path == module+"/engine/policy" && u.name == "Unbounded":
		return "policy.Unbounded: outside tests, rules stand within a frame"
	case u.path == "net/http" && u.name == "ListenAndServe", u.path == "net" && strings.HasPrefix(u.name, "Listen") && shelf(folder) != "edge" && shelf(folder) != "cmd" && shelf(folder) != "test":
		return u.path + "." + u.name + ": only an edge listens"
	}
	return ""
}
