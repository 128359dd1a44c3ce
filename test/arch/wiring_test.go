// SPDX-License-Identifier: EUPL-1.2

package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// handed are the types through which an edge may touch what is kept, each with the reason. Nothing else of record
// reaches an edge: an import rule alone would not see a store handed over at run time.
var handed = map[string]string{
	"feed":     "the live channel reads entries, and shows them through view only",
	"prompts":  "what every caller hears, public by nature",
	"recorder": "a sink that takes sound and gives none back",
	"public":   "the published log: leaves and checkpoints, no facts, no bodies",
	"settings": "what people set, changed by appends and read by role",
	"journal":  "appends only",
}

// An edge is given no value of record, nor a type of ours that carries one, but those listed.
func TestServeHandsNoRecordToAnEdge(t *testing.T) {
	w := checkWiring(t, nil)
	for _, b := range w.breaches {
		t.Error(b)
	}
	for name := range handed {
		if !slices.Contains(w.seen, name) {
			t.Errorf("%s is listed and handed to no edge: take it off the list", name)
		}
	}
}

func TestPlantedWiringIsFound(t *testing.T) {
	for name, replace := range map[string][2]string{
		"the store itself":       {"feed{h.store}", "h.store"},
		"the vault as a sink":    {"recorder{h.recordings}", "struct{ *vault.Recordings }{h.recordings}"},
		"a type nobody listed":   {"prompts{h.store}", "rows{h.store}"},
		"the store behind a par": {"Feed: feed{h.store}", "Feed: (h.store)"},
	} {
		w := checkWiring(t, func(source []byte) []byte { return bytes.ReplaceAll(source, []byte(replace[0]), []byte(replace[1])) })
		if len(w.breaches) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

type wiring struct {
	breaches []string
	seen     []string // listed types that an edge was given
}

// checkWiring type-checks cmd/rivage and looks at every value that goes into an edge: fields of its configurations and
// arguments of its constructors.
func checkWiring(t *testing.T, change func([]byte) []byte) wiring {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join(root, "cmd/rivage/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		source, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil && filepath.Base(p) == "serve.go" {
			source = change(source)
		}
		f, err := parser.ParseFile(fset, p, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", exports(t)), Error: func(error) {}} // a planted fault need not compile
	_, err = conf.Check(module+"/cmd/rivage", fset, files, info)
	if err != nil && change == nil {
		t.Fatal(err)
	}
	w := wiring{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			for _, v := range given(info, n) {
				w.look(fset, info, v)
			}
			return true
		})
	}
	return w
}

// given are the values that a node hands to an edge.
func given(info *types.Info, n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CompositeLit:
		if inEdge(info.Types[n].Type) {
			var values []ast.Expr
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					values = append(values, kv.Value)
				}
			}
			return values
		}
	case *ast.CallExpr:
		if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
			if sig, ok := info.Types[sel].Type.(*types.Signature); ok && sig.Results().Len() > 0 && inEdge(sig.Results().At(0).Type()) {
				return n.Args
			}
		}
	}
	return nil
}

func (w *wiring) look(fset *token.FileSet, info *types.Info, v ast.Expr) {
	typ := info.Types[v].Type
	name := typeName(typ)
	at := fset.Position(v.Pos())
	switch {
	case inRecord(typ):
		w.breaches = append(w.breaches, at.String()+": an edge is given "+typ.String())
	case !carriesRecord(typ, 0):
	case embedsRecord(typ):
		w.breaches = append(w.breaches, at.String()+": an edge is given "+name+", which is a record with all its methods")
	case handed[name] == "":
		w.breaches = append(w.breaches, at.String()+": an edge is given "+name+", which carries a record and is not listed")
	default:
		w.seen = append(w.seen, name)
	}
}

func packageOf(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil {
		return n.Obj().Pkg().Path()
	}
	return ""
}

func typeName(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return "a value of no name"
}

func inEdge(t types.Type) bool   { return strings.HasPrefix(packageOf(t), module+"/edge/") }
func inRecord(t types.Type) bool { return strings.HasPrefix(packageOf(t), module+"/record/") }

// structOf is the struct of a type declared in the command itself.
func structOf(t types.Type) *types.Struct {
	if t == nil || packageOf(t) != module+"/cmd/rivage" && packageOf(t) != "" {
		return nil
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// carriesRecord says whether a value of a type of the command holds a record, at any depth.
func carriesRecord(t types.Type, depth int) bool {
	s := structOf(t)
	if s == nil || depth > 6 {
		return false
	}
	for i := range s.NumFields() {
		if f := s.Field(i).Type(); inRecord(f) || carriesRecord(f, depth+1) {
			return true
		}
	}
	return false
}

// embedsRecord says whether the methods of a record are those of the type too.
func embedsRecord(t types.Type) bool {
	s := structOf(t)
	for i := range s.NumFields() {
		if s.Field(i).Embedded() && inRecord(s.Field(i).Type()) {
			return true
		}
	}
	return false
}

// exports finds the compiled form of everything the command imports.
func exports(t *testing.T) importer.Lookup {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", "./cmd/rivage")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list what the command imports: %v", err)
	}
	files := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		files[p.ImportPath] = p.Export
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}
