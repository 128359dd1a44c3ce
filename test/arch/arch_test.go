// SPDX-License-Identifier: EUPL-1.2

package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rivage.example/rivage"
)

// root is the tree from here.
const root = "../.."

func TestTreeKeepsItsShape(t *testing.T) {
	for _, b := range check(readTree(t)) {
		t.Error(b)
	}
}

// Each planted fault is found, and its harmless twin is not.
func TestPlantedFaultsAreFound(t *testing.T) {
	for _, c := range []struct {
		name, path, source string
		want               string // part of a breach; "" for none
	}{
		{"edge opens the store", "edge/api/x.go", `import _ "rivage.example/rivage/record/store"`, "does not import record/store"},
		{"edge opens an edge", "edge/api/x.go", `import _ "rivage.example/rivage/edge/voice"`, "sibling"},
		{"edge takes a decision", "edge/api/x.go", `import _ "rivage.example/rivage/engine/policy"`, ""},
		{"own subfolder", "edge/voice/x.go", `import _ "rivage.example/rivage/edge/voice/sip"`, ""},
		{"subfolders of one package", "edge/voice/sip/x.go", `import _ "rivage.example/rivage/edge/voice/media"`, ""},
		{"engine opens a file", "engine/acd/x.go", `import _ "os"`, "does without os"},
		{"engine listens", "engine/acd/x.go", `import _ "net/http"`, "does without net/http"},
		{"engine reads an address", "engine/acd/x.go", `import _ "net/netip"`, ""},
		{"engine reads the clock", "engine/acd/x.go", "import \"time\"\nvar _ = time.Now()", "rivage.Clock"},
		{"engine reads the clock under another name", "engine/acd/x.go", "import zeit \"time\"\nvar _ = zeit.Now()", "rivage.Clock"},
		{"engine waits", "engine/acd/x.go", "import \"time\"\nfunc f() { time.Sleep(1) }", "rivage.Clock"},
		{"engine counts in durations", "engine/acd/x.go", "import \"time\"\nvar _ = time.Second", ""},
		{"floor asks the acd", "engine/floor/x.go", `import _ "rivage.example/rivage/engine/acd"`, ""},
		{"acd asks the floor", "engine/acd/x.go", `import _ "rivage.example/rivage/engine/floor"`, "sibling"},
		{"record asks the engine", "record/store/x.go", `import _ "rivage.example/rivage/engine/acd"`, "does not import engine/acd"},
		{"store opens the vault", "record/store/x.go", `import _ "rivage.example/rivage/record/vault"`, "sibling"},
		{"wire knows a word", "wire/rtp/x.go", `import _ "rivage.example/rivage"`, "does not import ."},
		{"verify reaches the store", "verify/x.go", `import _ "rivage.example/rivage/record/store"`, "does not import record/store"},
		{"root logs", "x.go", `import _ "log"`, "does without log"},
		{"sipgo elsewhere", "edge/api/x.go", `import _ "github.com/emiago/sipgo"`, "another door"},
		{"pgx at home", "record/store/postgres/x.go", `import _ "github.com/jackc/pgx/v5"`, ""},
		{"pgx in the store", "record/store/x.go", `import _ "github.com/jackc/pgx/v5"`, "another door"},
		{"an undeclared library", "edge/api/x.go", `import _ "example.org/handy"`, "no door"},
		{"a raw dialer", "edge/api/x.go", "import \"net\"\nvar _, _ = net.Dial(\"tcp\", \"\")", "only edge/egress dials"},
		{"the default client", "edge/api/x.go", "import \"net/http\"\nvar _ = http.DefaultClient", "only edge/egress dials"},
		{"egress dials", "edge/egress/x.go", "import \"net\"\nvar _, _ = net.Dial(\"tcp\", \"\")", ""},
		{"record listens", "record/store/x.go", "import \"net\"\nvar _, _ = net.Listen(\"tcp\", \"\")", "only an edge listens"},
		{"rules without a frame", "cmd/rivage/x.go", "import \"rivage.example/rivage/engine/policy\"\nvar _ = policy.Unbounded()", "stand within a frame"},
		{"a folder called util", "edge/util/x.go", ``, "says nothing"},
		{"a folder on no shelf", "lib/x.go", ``, "no shelf"},
	} {
		f := readSource(t, c.path, "// SPDX-License-Identifier: EUPL-1.2\n\n// Package x is here.\npackage x\n"+c.source)
		got := check([]file{f})
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(b string) bool { return strings.Contains(b, c.want) }) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	for want, source := range map[string]string{
		"no SPDX line":  "// Package x is here.\npackage x",
		"does not say ": "// SPDX-License-Identifier: EUPL-1.2\n\npackage x",
	} {
		if got := check([]file{readSource(t, "edge/x/x.go", source)}); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A kind of entry is appended by its owners alone: no other engine package makes its facts.
func TestKindsAreMadeByTheirOwners(t *testing.T) {
	owners := map[string][]string{}
	for k := range rivage.Kinds() {
		owners[string(k)] = k.Owners()
	}
	for _, f := range readTree(t) {
		of, found := strings.CutPrefix(f.folder(), "engine/")
		if !found || f.test() || of == "report" {
			continue
		}
		for _, u := range f.names {
			who, isKind := owners[u.name]
			if u.path == module+"{}" && isKind && !slices.Contains(who, of) {
				t.Errorf("%s makes a %s, which belongs to %v", f.path, u.name, who)
			}
		}
	}
}

func readTree(t *testing.T) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "node_modules" || name != ".." && strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		source, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		files = append(files, readSource(t, filepath.ToSlash(rel), string(source)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readSource(t *testing.T, path, source string) file {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	f := file{
		path: path, pkg: parsed.Name.Name, doc: parsed.Doc != nil && strings.TrimSpace(parsed.Doc.Text()) != "",
		spdx: strings.Contains(source[:min(len(source), 400)], "SPDX-License-Identifier: EUPL-1.2"),
	}
	names := map[string]string{} // local name → import path
	for _, i := range parsed.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		f.imports = append(f.imports, p)
		local := p[strings.LastIndex(p, "/")+1:]
		if i.Name != nil {
			local = i.Name.Name
		}
		names[local] = p
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && names[x.Name] != "" {
				f.names = append(f.names, use{names[x.Name], n.Sel.Name})
			}
		case *ast.CompositeLit: // a value is made: rivage.X{…}, marked apart from a mere mention
			if sel, ok := n.Type.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] == module {
					f.names = append(f.names, use{module + "{}", sel.Sel.Name})
				}
			}
		}
		return true
	})
	return f
}
