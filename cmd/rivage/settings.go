// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/wire/rtp"
)

// settings is what people set, in force and as documents: read from the journal, changed by appends.
type settings struct {
	*instance
	journal *journal
	synth   synthesiser             // nil when no voice is installed
	unread  func(audio string) bool // sounds that the floor could not have played

	trying sync.Mutex // one trial at a time
	change sync.Mutex // one change at a time: each is judged against all the others
	force  atomic.Pointer[inForce]
}

// inForce is one version of everything.
type inForce struct {
	settings *rivage.Settings
	gate     *policy.Gate
}

// synthesiser makes A-law sound of a text, as a labelled fallback for a person's voice.
type synthesiser interface {
	Synth(ctx context.Context, lang, text string) (alaw []byte, err error)
}

func newSettings(i *instance, j *journal, synth synthesiser, unread func(audio string) bool) *settings {
	return &settings{instance: i, journal: j, synth: synth, unread: unread}
}

// Settings are those in force.
func (s *settings) Settings() *rivage.Settings { return s.force.Load().settings }

// Gate is the one made from the rules in force.
func (s *settings) Gate() *policy.Gate { return s.force.Load().gate }

// reload puts what the journal holds in force. What cannot be read is missing from it and named in the error: the rest
// works, and a Principal without rules is refused everything.
func (s *settings) reload(ctx context.Context) error {
	var head store.Head
	var rows []rivage.SettingRow
	err := s.store.Snapshot(ctx, func(r store.Reader) error {
		var err error
		if head, err = r.Head(ctx); err == nil {
			rows, err = r.SettingRows(ctx)
		}
		return err
	})
	if err != nil {
		return err
	}
	live, gate, err := config.Settings(rows)
	live.Seq = max(head.Size, 1) - 1 // what was removed counts too: an offer names the settings it was decided under
	s.force.Store(&inForce{live, gate})
	return err
}

// documents is what is kept, with the names and logins unsealed.
func (s *settings) documents(ctx context.Context) (*config.Documents, error) {
	rows, err := s.store.SettingRows(ctx)
	if err != nil {
		return nil, err
	}
	d, err := config.FromRows(rows, func(r *rivage.SettingRow) (string, string, error) { return s.names(ctx, r) })
	if err != nil {
		return nil, err
	}
	versions, err := s.store.StreamVersions(ctx, "config")
	if err != nil {
		return nil, err
	}
	for stream, version := range versions { // also those of removed things: made again, they go on from there
		if _, name, ok := strings.Cut(string(stream), "/"); ok {
			kind, id, _ := strings.Cut(name, "/")
			d.SetVersion(config.Key{Type: kind, ID: rivage.ID(id)}, version)
		}
	}
	return d, nil
}

// names unseals the name and the login of an account's row.
func (s *settings) names(ctx context.Context, r *rivage.SettingRow) (name, login string, err error) {
	n, err := s.vault.OpenCell(ctx, r.Subject, "name", r.Name)
	if err != nil {
		return "", "", err
	}
	l, err := s.vault.OpenCell(ctx, r.Subject, "login", r.Login)
	return string(n), string(l), err
}

// errProblems carries every problem of a change; the change is not made.
type errProblems []*config.Problem

// Error gives one problem a line.
func (e errProblems) Error() string {
	var b bytes.Buffer
	for i, p := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Error())
	}
	return b.String()
}

// apply makes what is wanted of what is kept, all or nothing, and puts it in force.
func (s *settings) apply(ctx context.Context, by config.By, remove, dry bool, want func(current *config.Documents) (*config.Documents, error)) (*config.Plan, error) {
	s.change.Lock()
	defer s.change.Unlock()
	current, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := want(current)
	if err != nil {
		return nil, err
	}
	plan, problems := config.Diff(current, wanted, config.Options{Remove: remove})
	if len(problems) > 0 {
		return nil, &rivage.Error{Code: rivage.Invalid, Err: errProblems(problems)}
	}
	if plan.Empty() {
		return plan, nil
	}
	if dry {
		return plan, plan.Rests(s.clock.Now())
	}
	a, err := plan.Entries(by, s.clock.Now())
	if err != nil {
		return nil, err
	}
	if _, err := s.journal.Append(ctx, a); err != nil {
		return nil, err
	}
	return plan, errors.Join(s.forget(ctx, plan), s.reload(ctx))
}

// forget takes the credentials of accounts that a plan removed.
func (s *settings) forget(ctx context.Context, plan *config.Plan) error {
	var errs []error
	for _, c := range plan.Changes {
		if c.Type == rivage.TypeAccount && c.Op == config.Delete {
			errs = append(errs, access.Forget(ctx, s.vault.Secrets(s.store), c.ID))
		}
	}
	return errors.Join(errs...)
}

// applyFolder applies a folder of TOML files.
func (s *settings) applyFolder(ctx context.Context, by config.By, folder fs.FS, remove, dry bool) (*config.Plan, error) {
	return s.apply(ctx, by, remove, dry, func(*config.Documents) (*config.Documents, error) {
		wanted, problems := config.Parse(folder, decodeWAV)
		if len(problems) > 0 {
			return nil, &rivage.Error{Code: rivage.Invalid, Err: errProblems(problems)}
		}
		return wanted, nil
	})
}

func decodeWAV(file []byte) ([]byte, error) { return rtp.ReadWAV(bytes.NewReader(file)) }

// sound is the audio of a prompt, A-law, by its hash.
func (s *settings) sound(ctx context.Context, hash string) ([]byte, error) {
	h, err := rivage.ParseHash(hash)
	if err != nil {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "this prompt has no audio yet"}
	}
	return s.store.Blob(ctx, h)
}

// wav is the audio of a prompt as a WAV file.
func (s *settings) wav(ctx context.Context, hash string) ([]byte, error) {
	alaw, err := s.sound(ctx, hash)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = rtp.WritePCMWAV(&b, 1, alaw)
	return b.Bytes(), err
}

// Items implements api.Settings.
func (s *settings) Items(ctx context.Context, kind string) ([]api.Item, error) {
	rows, err := s.store.SettingRows(ctx)
	if err != nil {
		return nil, err
	}
	items := []api.Item{}
	for i := range rows {
		if rows[i].Type == kind {
			item, err := s.item(ctx, &rows[i])
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
	}
	return items, nil
}

// item is one row as administrators see it.
func (s *settings) item(ctx context.Context, r *rivage.SettingRow) (api.Item, error) {
	it := api.Item{ID: r.ID, Of: r.Of, Version: r.Version, Doc: json.RawMessage(r.Doc)}
	live := s.Settings()
	switch r.Type {
	case rivage.TypeAccount:
		var err error
		if it.Name, it.Login, err = s.names(ctx, r); err != nil && rivage.CodeOf(err) != rivage.NotFound {
			return api.Item{}, err
		}
	case rivage.TypeSite:
		if live.Sites[r.ID] != nil {
			it.Missing = s.Missing(r.ID)
			ready := len(it.Missing) == 0
			it.Ready = &ready
		}
	case rivage.TypePrompt:
		if p := live.Prompts[r.ID]; p != nil {
			ready := p.Audio != ""
			it.Ready = &ready
		}
	}
	return it, nil
}

// Missing is what keeps a site from being ready.
func (s *settings) Missing(site rivage.ID) []string {
	return config.Missing(s.Settings(), site, s.unread)
}

// by is who changes a setting, as somebody who may be a second person as far as the log tells.
func (s *settings) by(ctx context.Context, w access.Session, kind string) config.By {
	role := access.RoleAdministrator
	if !w.Rights().Is(role) || kind == rivage.TypeException && w.Rights().Is(access.RoleDPO) {
		role = access.RoleDPO // the only others who may set anything
	}
	ties := s.ties()
	return config.By{
		Account: w.Account, Subject: w.Subject, Role: role,
		Apart: func(other rivage.ID) error { return ties.Apart(ctx, w.Account, other) },
		Own:   func() error { return ties.Own(ctx, w.Account, role) },
	}
}

// ties tells which accounts were lately in one hand.
func (s *settings) ties() access.Ties {
	return access.Ties{Log: s.store, Clock: s.clock, Settings: s.Settings}
}

// Put implements api.Settings.
func (s *settings) Put(ctx context.Context, who access.Session, kind string, id rivage.ID, version int64, doc json.RawMessage) (api.Item, error) {
	k := config.Key{Type: kind, ID: id}
	_, err := s.apply(ctx, s.by(ctx, who, kind), false, false, func(current *config.Documents) (*config.Documents, error) {
		if err := s.still(ctx, k, version); err != nil {
			return nil, err
		}
		wanted := current.Clone()
		return wanted, wanted.Put(k, doc)
	})
	if err != nil {
		return api.Item{}, err
	}
	return s.one(ctx, k)
}

// still says whether a document stands at a version, 0 when it does not exist.
func (s *settings) still(ctx context.Context, k config.Key, version int64) error {
	row, err := s.store.Setting(ctx, k.Type, k.ID)
	switch {
	case rivage.CodeOf(err) == rivage.NotFound:
		row.Version = 0
	case err != nil:
		return err
	}
	if row.Version != version {
		return &rivage.Error{Code: rivage.Conflict, Message: fmt.Sprintf("%s %s stands at version %d, not %d: read it again", k.Type, k.ID, row.Version, version)}
	}
	return nil
}

func (s *settings) one(ctx context.Context, k config.Key) (api.Item, error) {
	row, err := s.store.Setting(ctx, k.Type, k.ID)
	if err != nil {
		return api.Item{}, err
	}
	return s.item(ctx, &row)
}

// Remove implements api.Settings.
func (s *settings) Remove(ctx context.Context, who access.Session, kind string, id rivage.ID, version int64) error {
	k := config.Key{Type: kind, ID: id}
	_, err := s.apply(ctx, s.by(ctx, who, kind), true, false, func(current *config.Documents) (*config.Documents, error) {
		if err := s.still(ctx, k, version); err != nil {
			return nil, err
		}
		wanted := current.Clone()
		wanted.Remove(k)
		return wanted, nil
	})
	return err
}

// Register implements access.Registrar.
func (s *settings) Register(ctx context.Context, account rivage.ID, w rivage.Workstation) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return err
	}
	as := config.By{Account: account, Role: access.RoleAdministrator}
	if a := s.Settings().Accounts[account]; a != nil {
		as.Subject = a.Subject
	}
	k := config.Key{Type: rivage.TypeWorkstation, ID: w.ID}
	_, err = s.apply(ctx, as, false, false, func(current *config.Documents) (*config.Documents, error) {
		if current.Doc(k) != nil {
			return nil, &rivage.Error{Code: rivage.Conflict, Message: "a workstation has this id already"}
		}
		wanted := current.Clone()
		return wanted, wanted.Put(k, doc)
	})
	return err
}

// PromptAudio implements api.Settings.
func (s *settings) PromptAudio(ctx context.Context, id rivage.ID) ([]byte, error) {
	p := s.Settings().Prompts[id]
	if p == nil {
		return nil, &rivage.Error{Code: rivage.NotFound, Message: "no such prompt"}
	}
	return s.wav(ctx, p.Audio)
}

// SetPromptAudio implements api.Settings: a person's voice.
func (s *settings) SetPromptAudio(ctx context.Context, who access.Session, id rivage.ID, wav []byte) (api.Item, error) {
	alaw, err := decodeWAV(wav)
	if err != nil {
		return api.Item{}, &rivage.Error{Code: rivage.Invalid, Message: "this is not a WAV file that can be used", Err: err}
	}
	return s.setAudio(ctx, who, id, "recorded", alaw)
}

// Synthesise implements api.Settings: a program's voice, labelled so.
func (s *settings) Synthesise(ctx context.Context, who access.Session, id rivage.ID) (api.Item, error) {
	p := s.Settings().Prompts[id]
	switch {
	case p == nil:
		return api.Item{}, &rivage.Error{Code: rivage.NotFound, Message: "no such prompt"}
	case s.synth == nil:
		return api.Item{}, &rivage.Error{Code: rivage.Unavailable, Message: "no voice synthesis is installed (Debian: espeak-ng)"}
	}
	alaw, err := s.synth.Synth(ctx, p.Lang, p.Text)
	if err != nil {
		return api.Item{}, err
	}
	return s.setAudio(ctx, who, id, "synthesis", alaw)
}

func (s *settings) setAudio(ctx context.Context, who access.Session, id rivage.ID, source string, alaw []byte) (api.Item, error) {
	_, err := s.apply(ctx, s.by(ctx, who, rivage.TypePrompt), false, false, func(current *config.Documents) (*config.Documents, error) {
		wanted := current.Clone()
		return wanted, wanted.PutAudio(id, source, alaw)
	})
	if err != nil {
		return api.Item{}, err
	}
	return s.one(ctx, config.Key{Type: rivage.TypePrompt, ID: id})
}
