// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"context"
	"errors"
	"sync"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// place adds to a place the names people gave.
func place(s *rivage.Settings, p rivage.Place) Place {
	out := Place{Site: p.Site, Company: p.Company, Country: p.Vouched(), Zone: p.Zone, Evidence: p.Evidence}
	if p.Evidence == "" {
		out.Evidence = rivage.Unknown // promise 6: what is not known is said to be so
	}
	if site := s.Sites[p.Site]; site != nil {
		out.SiteName = site.Name
	}
	if c := s.Companies[p.Company]; c != nil {
		out.CompanyName = c.Name
	}
	return out
}

// name is an account's name, "" once it is erased.
func (v *View) name(ctx context.Context, account rivage.ID) (string, error) {
	if account == "" {
		return "", nil
	}
	settings := v.c.Settings()
	if name, known := v.names.of(settings, account); known {
		return name, nil
	}
	row, err := v.c.Rows.Setting(ctx, rivage.TypeAccount, account)
	if err == nil && row.Name != nil {
		var clear []byte
		if clear, err = v.c.Opener.OpenCell(ctx, row.Subject, "name", row.Name); err == nil {
			v.names.keep(settings, account, string(clear))
			return string(clear), nil
		}
	}
	if rivage.CodeOf(err) == rivage.NotFound {
		err = nil
	}
	return "", err
}

// names are those of accounts under one version of the settings: with another one, each is read again.
type names struct {
	mu       sync.Mutex
	settings *rivage.Settings     // owned by mu
	known    map[rivage.ID]string // owned by mu
}

func (n *names) of(s *rivage.Settings, account rivage.ID) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.settings != s {
		n.settings, n.known = s, map[rivage.ID]string{}
	}
	name, known := n.known[account]
	return name, known
}

// keep keeps a name that was read while s was in force, unless it no longer is.
func (n *names) keep(s *rivage.Settings, account rivage.ID, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.settings == s {
		n.known[account] = name
	}
}

// agent is a presence as u may see it: the interaction stays out when it is of a Principal u does not see.
func (v *View) agent(ctx context.Context, u User, row *rivage.AgentRow) (Agent, error) {
	s := v.c.Settings()
	name, err := v.name(ctx, row.Agent)
	if err != nil {
		return Agent{}, err
	}
	a := Agent{
		ID: row.Agent, Name: name, State: row.State, Reason: row.Reason, Since: instant(row.Since),
		Place: place(s, row.Place), Device: row.Device, Deadline: instant(row.Deadline),
	}
	if a.State == "" {
		a.State = rivage.AgentOffline
	}
	if a.State != rivage.AgentOffline {
		p := s.Sentence(row.Place)
		a.Unannounced = p == nil || p.Audio == "" || v.c.Unread(p.Audio)
	}
	if set := s.Agents[row.Agent]; set != nil {
		if a.Device == "" {
			a.Device = set.Device.Kind
		}
		if a.Place.Site == "" {
			a.Place = place(s, declared(s, set))
		}
	}
	if row.Interaction == "" {
		return a, nil
	}
	i, err := v.c.Rows.Interaction(ctx, u.reach(s), row.Interaction)
	switch {
	case rivage.CodeOf(err) == rivage.NotFound:
	case err != nil:
		return Agent{}, err
	case row.Agent == u.Account || u.sees(&i):
		a.Interaction = row.Interaction
	}
	return a, nil
}

// declared is where the employer says that an agent without a session works; nothing attests it, and its zone is the
// gate's to say.
func declared(s *rivage.Settings, a *rivage.Agent) rivage.Place {
	p := rivage.Place{Site: a.Site, Evidence: rivage.Unknown}
	if site := s.Sites[a.Site]; site != nil {
		p.Company = site.Company
	}
	return p
}

// interaction gives a row its screen shape. It holds no value about the person: fields come from Fields and from Desk.
func (v *View) interaction(ctx context.Context, u User, row *rivage.InteractionRow) (Interaction, error) {
	s := v.c.Settings()
	i := Interaction{
		ID: row.ID, Principal: row.Principal, Queue: row.Queue, Class: v.class(row), Channel: row.Channel,
		State: row.State, Number: row.Number, OpenedAt: instant(row.OpenedAt), QueuedAt: instant(row.QueuedAt),
		OfferedAt: instant(row.OfferedAt), AnsweredAt: instant(row.AnsweredAt), HeldAt: instant(row.HeldAt),
		EndedAt: instant(row.EndedAt), ClosedAt: instant(row.ClosedAt), Deadline: instant(row.Deadline),
		Extended: row.Extended, WaitMs: row.Wait / 1000, TalkMs: row.Talk / 1000, HoldMs: row.Hold / 1000,
		Disposition: row.Disposition, By: row.By, Reason: row.Reason, Dispositions: []Disposition{},
		Caller: Field{Field: FieldCaller, Class: v.class(row)},
	}
	if p := s.Principals[row.Principal]; p != nil {
		i.PrincipalName = p.Name
	}
	if u.Covers(row.Principal, access.RoleDPO) {
		i.Person = row.Person
	}
	if q := s.Queues[row.Queue]; q != nil {
		i.QueueName, i.WrapMoreS = q.Name, q.WrapUpMore
		for _, d := range q.Dispositions {
			i.Dispositions = append(i.Dispositions, Disposition(d))
		}
	}
	if row.Note != nil {
		i.Note = &Field{Field: FieldNote, Class: v.class(row)}
	}
	if err := v.handled(ctx, s, row, &i); err != nil {
		return Interaction{}, err
	}
	rec, err := v.recording(ctx, s, row)
	i.Recording = rec
	return i, err
}

// handled fills in who handles the interaction, where, and what the caller is told about it.
func (v *View) handled(ctx context.Context, s *rivage.Settings, row *rivage.InteractionRow, i *Interaction) error {
	if !handling(row) {
		return nil
	}
	name, err := v.name(ctx, row.Agent)
	if err != nil {
		return err
	}
	p := place(s, row.Place)
	i.Agent, i.AgentName, i.Place = row.Agent, name, &p
	told := row.ToldAt != 0
	if row.State == rivage.Offered {
		i.Offer = &Offer{ID: row.Offer, Accepted: row.AcceptedAt != 0, Told: told}
		if a := s.Agents[row.Agent]; a != nil {
			i.Offer.Device = a.Device.Kind
		}
	}
	if prompt := s.Prompts[row.Sentence]; prompt != nil {
		i.Told = &Told{Text: prompt.Text, Evidence: p.Evidence, Country: p.Country, Complete: told}
	}
	return nil
}

// handling says whether the row's agent and place stand for somebody who handles it; after an offer that nobody took
// they are only a trace.
func handling(row *rivage.InteractionRow) bool {
	return row.Agent != "" && row.State != rivage.Queued && (row.State == rivage.Offered || row.AnsweredAt != 0)
}

// class is the data class a decision about the interaction is made for: its queue's, or the one it came with.
func (v *View) class(row *rivage.InteractionRow) rivage.DataClass {
	if q := v.c.Settings().Queues[row.Queue]; q != nil {
		return q.Class
	}
	return row.Class
}

// recording says whether the conversation is being kept. "notice" is the time between the bridge and the capture, when
// the caller hears that he will be recorded.
func (v *View) recording(ctx context.Context, s *rivage.Settings, row *rivage.InteractionRow) (*RecordingState, error) {
	q := s.Queues[row.Queue]
	if q == nil || q.Recording == nil && row.AnsweredAt == 0 {
		return nil, nil
	}
	objects, err := v.c.Rows.Objects(ctx, []rivage.ID{row.Principal}, row.ID)
	if err != nil {
		return nil, err
	}
	if len(objects) == 0 {
		r := &RecordingState{State: "none"}
		talking := row.State == rivage.Connected || row.State == rivage.Held || row.State == rivage.Parked
		if q.Recording != nil && talking {
			r.State, r.Purpose = "notice", q.Recording.Purpose
		}
		return r, nil
	}
	o := objects[len(objects)-1]
	r := &RecordingState{Object: o.ID, State: recordingStates[o.State], Purpose: o.Purpose}
	if site := s.Sites[o.Site]; site != nil {
		r.SiteName = site.Name
	}
	return r, nil
}

// recordingStates gives the state of an object as an interaction shows it.
var recordingStates = map[string]string{
	"open": "on", "complete": "ended", "interrupted": "interrupted", "destroyed": "destroyed", "expired": "destroyed",
	"erased": "destroyed",
}

func notFound(what string) error {
	return &rivage.Error{Code: rivage.NotFound, Message: what, Err: errAbsent}
}

var errAbsent = errors.New("not found")

// Place adds to a session's place the names people gave.
func (v *View) Place(p rivage.Place) Place { return place(v.c.Settings(), p) }
