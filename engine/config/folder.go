// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"rivage.example/rivage"
)

// Limits of a folder.
const (
	maxFile     = 512 << 10
	maxAccounts = 32 << 20 // bytes of accounts.toml
	maxWAV      = 64 << 20
)

// accountsName is the one file that lists accounts: a thousand agents are one list, not a thousand files.
const accountsName = "accounts.toml"

// folders says which folder holds which type, one file for each thing, named by its id.
var folders = map[string]string{
	"principals": rivage.TypePrincipal, "companies": rivage.TypeCompany, "prompts": rivage.TypePrompt, "sites": rivage.TypeSite,
	"queues": rivage.TypeQueue, "flows": rivage.TypeFlow, "numbers": rivage.TypeNumber, "trunks": rivage.TypeTrunk,
	"rules": rivage.TypeRules, "frame": rivage.TypeFrame, "matrices": rivage.TypeMatrix, "safeguards": rivage.TypeSafeguard,
	"cards": rivage.TypeCard, "packs": rivage.TypePack, "rest": rivage.TypeRest, "fields": rivage.TypeField,
	"workstations": rivage.TypeWorkstation, "exceptions": rivage.TypeException, "openings": rivage.TypeOpening,
}

type accountsFile struct {
	Accounts []accountText `toml:"account"`
}

// accountText is an account as the file states it: its subject is never there, its agent bears its id.
type accountText struct {
	ID    rivage.ID     `toml:"id,omitempty"`
	Name  string        `toml:"name"`
	Login string        `toml:"login"`
	Lang  string        `toml:"lang,omitempty"`
	Site  rivage.ID     `toml:"site,omitempty"` // of who answers nothing
	Roles []rivage.Role `toml:"roles,inline"`

	Telework []rivage.ID     `toml:"telework,omitempty"`
	Agent    *agentText      `toml:"agent,omitempty"`
	Support  *rivage.Support `toml:"support,omitempty"`
}

type agentText struct {
	Site   rivage.ID         `toml:"site"`
	Queues []rivage.ID       `toml:"queues"`
	Skills map[rivage.ID]int `toml:"skills,inline,omitempty"`
	Device *rivage.Device    `toml:"device,inline,omitempty"`
	ByEar  bool              `toml:"by_ear,omitempty"`
}

// Parse reads a folder. decodeWAV makes 8 kHz mono A-law of a WAV file. What a folder does not hold is not judged here:
// Check and Diff look at references. README.md and hidden files are passed over.
func Parse(folder fs.FS, decodeWAV func(file []byte) ([]byte, error)) (*Documents, []*Problem) {
	r := reader{folder: folder, decodeWAV: decodeWAV, d: New()}
	for _, e := range r.list(".") {
		kind, known := folders[e.Name()]
		switch {
		case strings.HasPrefix(e.Name(), ".") || e.Name() == "README.md":
		case e.Name() == accountsName:
			r.accounts()
		case known && e.IsDir():
			r.things(e.Name(), kind)
		default:
			r.fail(e.Name(), 0, "unknown, want %s or one of the folders %s", accountsName, strings.Join(folderNames(), ", "))
		}
	}
	return r.d, r.problems
}

func folderNames() []string {
	var names []string
	for name := range folders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

type reader struct {
	folder    fs.FS
	decodeWAV func([]byte) ([]byte, error)
	d         *Documents
	problems  []*Problem
	heard     map[string]bool // sound files that a prompt names
}

func (r *reader) fail(file string, line int, format string, a ...any) {
	r.problems = append(r.problems, &Problem{File: file, Line: line, Message: fmt.Sprintf(format, a...)})
}

func (r *reader) list(dir string) []fs.DirEntry {
	entries, err := fs.ReadDir(r.folder, dir)
	if err != nil {
		r.fail(dir, 0, "cannot be read: %v", err)
	}
	if len(entries) > MaxDocuments {
		r.fail(dir, 0, "%d files, at most %d", len(entries), MaxDocuments)
		return nil
	}
	return entries
}

// read gives a file's content; false when it cannot, which is then said.
func (r *reader) read(name string, limit int64) ([]byte, bool) {
	f, err := r.folder.Open(name)
	if err != nil {
		r.fail(name, 0, "cannot be read: %v", reason(err))
		return nil, false
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	err = errors.Join(err, f.Close())
	switch {
	case err != nil:
		r.fail(name, 0, "cannot be read: %v", reason(err))
	case int64(len(text)) > limit:
		r.fail(name, 0, "more than %d bytes", limit)
	default:
		return text, true
	}
	return nil, false
}

// reason drops the path from an error that is printed after it.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func (r *reader) things(dir, kind string) {
	r.heard = map[string]bool{}
	var sounds []string
	for _, e := range r.list(dir) {
		file := path.Join(dir, e.Name())
		stem, isTOML := strings.CutSuffix(e.Name(), ".toml")
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case kind == rivage.TypePrompt && strings.HasSuffix(e.Name(), ".wav"):
			sounds = append(sounds, e.Name())
		case !isTOML || e.IsDir():
			r.fail(file, 0, "unknown, want files named like %s/<id>.toml", dir)
		default:
			if text, ok := r.read(file, maxFile); ok {
				r.thing(file, kind, rivage.ID(stem), text)
			}
		}
	}
	for _, s := range sounds {
		if !r.heard[s] {
			r.fail(path.Join(dir, s), 0, "no prompt names this file")
		}
	}
}

func (r *reader) thing(file, kind string, id rivage.ID, text []byte) {
	o := origin{file: file, lines: linesOf(text)}
	doc := blank(kind)
	switch t := doc.(type) { // rules, matrices and packs are kept as written, comments too; Check reads them
	case *rivage.RuleSet:
		t.ID, t.Principal, t.Text = id, id, string(text)
	case *rivage.AccessMatrix:
		t.ID, t.Principal, t.Text = id, id, string(text)
	case *rivage.RulePack:
		t.ID, t.Text = id, string(text)
	default:
		if problems := decode(file, text, doc); problems != nil {
			r.problems = append(r.problems, problems...)
			return
		}
	}
	switch own := idOf(doc); *own {
	case "":
		*own = id
	case id:
	default:
		r.fail(file, o.line("id"), "id: %q, want %q like the file, or nothing", *own, id)
		return
	}
	if p, ok := doc.(*rivage.Prompt); ok && p.File != "" {
		r.sound(p, o)
	}
	r.d.put(Key{kind, id}, doc, o)
}

// sound reads the WAV file of a prompt, which lies beside it.
func (r *reader) sound(p *rivage.Prompt, o origin) {
	if p.File != path.Base(p.File) || !strings.HasSuffix(p.File, ".wav") || strings.Contains(p.File, `\`) {
		r.fail(o.file, o.line("file"), "file: %q, want the name of a .wav file in the same folder", p.File)
		return
	}
	r.heard[p.File] = true
	file := path.Join(path.Dir(o.file), p.File)
	wav, ok := r.read(file, maxWAV)
	if !ok {
		return
	}
	alaw, err := r.decodeWAV(wav)
	if err != nil {
		r.fail(file, 0, "%v", err)
		return
	}
	p.File, p.Audio = "", r.d.keep(alaw)
}

// keep holds content until it is stored, and gives its name.
func (d *Documents) keep(alaw []byte) string {
	hash := rivage.Hash(sha256.Sum256(alaw)).String()
	d.audio[hash] = alaw
	return hash
}

func (d *Documents) put(k Key, doc any, o origin) {
	d.things[k] = doc
	d.origins[k] = o
}

func (r *reader) accounts() {
	text, ok := r.read(accountsName, maxAccounts)
	if !ok {
		return
	}
	var f accountsFile
	if problems := decode(accountsName, text, &f); problems != nil {
		r.problems = append(r.problems, problems...)
		return
	}
	lines := linesOf(text)
	for i := range f.Accounts {
		a := f.Accounts[i].account()
		o := origin{file: accountsName, lines: lines, prefix: fmt.Sprintf("account.%d.", i)}
		if a.ID == "" {
			a.ID = provisionalOf(a.Login)
		}
		k := Key{rivage.TypeAccount, a.ID}
		if r.d.things[k] != nil {
			r.fail(accountsName, o.line("login"), "another account has this id or login")
			continue
		}
		r.d.put(k, a, o)
	}
}

func (t *accountText) account() *rivage.Account {
	a := blank(rivage.TypeAccount).(*rivage.Account)
	a.ID, a.Name, a.Login, a.Roles = t.ID, t.Name, t.Login, t.Roles
	a.Site, a.Telework, a.Support = t.Site, t.Telework, t.Support
	if t.Lang != "" {
		a.Lang = t.Lang
	}
	if t.Agent != nil {
		a.Agent = &rivage.Agent{Site: t.Agent.Site, Queues: t.Agent.Queues, Skills: t.Agent.Skills, Device: rivage.Device{Kind: "browser"}, ByEar: t.Agent.ByEar}
		if t.Agent.Device != nil {
			a.Agent.Device = *t.Agent.Device
		}
	}
	return a
}

func textOf(a *rivage.Account) accountText {
	t := accountText{ID: a.ID, Name: a.Name, Login: a.Login, Lang: a.Lang, Site: a.Site, Roles: a.Roles, Telework: a.Telework, Support: a.Support}
	if a.Agent != nil {
		t.Agent = &agentText{Site: a.Agent.Site, Queues: a.Agent.Queues, Skills: a.Agent.Skills, Device: &a.Agent.Device, ByEar: a.Agent.ByEar}
	}
	return t
}

// Export writes a set as a folder: content by path, the same for the same set. wav gives a prompt's audio as a WAV
// file. What Export writes, Parse reads back.
func (d *Documents) Export(wav func(hash string) ([]byte, error)) (map[string][]byte, error) {
	files := map[string][]byte{}
	var accounts accountsFile
	for _, k := range d.Keys() {
		switch t := d.things[k].(type) {
		case *rivage.Account:
			accounts.Accounts = append(accounts.Accounts, textOf(t))
			continue
		case *rivage.RuleSet:
			files["rules/"+string(t.ID)+".toml"] = []byte(t.Text)
			continue
		case *rivage.AccessMatrix:
			files["matrices/"+string(t.ID)+".toml"] = []byte(t.Text)
			continue
		case *rivage.RulePack:
			files["packs/"+string(t.ID)+".toml"] = []byte(t.Text)
			continue
		case *rivage.Prompt:
			if err := exportPrompt(files, t, wav); err != nil {
				return nil, err
			}
			continue
		}
		if err := encode(files, folderOf(k.Type)+"/"+string(k.ID)+".toml", d.things[k]); err != nil {
			return nil, err
		}
	}
	if len(accounts.Accounts) == 0 {
		return files, nil
	}
	slices.SortFunc(accounts.Accounts, func(x, y accountText) int { return strings.Compare(x.Login, y.Login) })
	return files, encode(files, accountsName, &accounts)
}

func exportPrompt(files map[string][]byte, p *rivage.Prompt, wav func(hash string) ([]byte, error)) error {
	t := *p
	t.File = ""
	if t.Audio != "" {
		t.File = string(t.ID) + ".wav"
		sound, err := wav(t.Audio)
		if err != nil {
			return fmt.Errorf("export prompt %s: %w", t.ID, err)
		}
		files["prompts/"+t.File] = sound
	}
	return encode(files, "prompts/"+string(t.ID)+".toml", &t)
}

func folderOf(kind string) string {
	for name, k := range folders {
		if k == kind {
			return name
		}
	}
	return ""
}

func encode(files map[string][]byte, name string, doc any) error {
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(doc); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	files[name] = b.Bytes()
	return nil
}
