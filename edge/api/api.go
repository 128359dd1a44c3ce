// SPDX-License-Identifier: EUPL-1.2

// Package api serves the HTTPS interface: the JSON operations, the live channel, the apps and the public checkpoint.
//
// It decides nothing: engine/view says what a user may see, engine/floor what a command does, the access service who is
// who. It maps their errors once, and guards the door: cookies, origins, sizes, rates.
package api

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api/glass"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
	"rivage.example/rivage/engine/view"
)

// Floor takes commands about interactions and agents. A repeated id gets the first answer; "" is never repeated.
type Floor interface {
	Do(ctx context.Context, id string, c floor.Command) (rivage.Seq, error)
	Post(c floor.Command)
}

// Voice joins browsers to calls.
type Voice interface {
	// BrowserLeg answers an agent's SDP offer for a leg that rings or is parked.
	BrowserLeg(ctx context.Context, leg rivage.ID, sdp string) (answer string, err error)
	// BrowserCaller makes a caller of the demo's page: it calls a public number.
	BrowserCaller(ctx context.Context, number, sdp string) (leg rivage.ID, answer string, err error)
	HangUpBrowser(leg rivage.ID)
}

// Feed is the log as consumers follow it.
type Feed interface {
	// Size is how many entries are durable: the sequence of the next one.
	Size() rivage.Seq
	// Subscribe gives a channel that receives after each commit; several may be told as one.
	Subscribe() (hints <-chan struct{}, stop func())
	// Reach waits until an entry is durable; Unavailable after a second.
	Reach(ctx context.Context, seq rivage.Seq) error
	// Entries are those from a sequence on, at most limit.
	Entries(ctx context.Context, from rivage.Seq, limit int) ([]rivage.Stored, error)
}

// Access says who is who; access.Control does.
type Access interface {
	SignIn(ctx context.Context, login, password, code string, from access.Origin) (access.Session, string, error)
	Check(ctx context.Context, token string, from access.Origin) (access.Session, error)
	Still(ctx context.Context, token string, from access.Origin, seen rivage.Seq) (rivage.Seq, error)
	SignOut(ctx context.Context, token string) error
	OpenInvitation(ctx context.Context, token string) (access.Enrolment, error)
	AcceptInvitation(ctx context.Context, token, password, code string, from access.Origin) (access.Session, string, error)
	Invite(ctx context.Context, by rivage.ID, accounts ...rivage.ID) ([]access.Invitation, error)
	Challenge(session rivage.ID) string
	ProveWorkstation(ctx context.Context, token string, from access.Origin) error
	OfferWorkstation(ctx context.Context, by rivage.ID, w rivage.Workstation) (code string, expires time.Time, err error)
	EnrolWorkstation(ctx context.Context, code string, key []byte) (rivage.Workstation, error)
	RevokeAll(ctx context.Context, by, account rivage.ID) error
}

// Item is a configured thing as administrators see it.
type Item struct {
	ID      rivage.ID       `json:"id"`
	Of      rivage.ID       `json:"of" doc:"Principal it belongs to, or organisation"`
	Version int64           `json:"version"`
	Doc     json.RawMessage `json:"doc"`
	Name    string          `json:"name,omitempty" doc:"of a person: accounts only"`
	Login   string          `json:"login,omitempty" doc:"accounts only"`
	Ready   *bool           `json:"ready,omitempty"`
	Missing []string        `json:"missing,omitempty" nullable:"false" doc:"what keeps it from being ready"`
}

// Settings is what people configure.
type Settings interface {
	Items(ctx context.Context, kind string) ([]Item, error)
	// Put writes a document at a version: 0 for what is new. Conflict when it moved meanwhile.
	Put(ctx context.Context, by access.Session, kind string, id rivage.ID, version int64, doc json.RawMessage) (Item, error)
	Remove(ctx context.Context, by access.Session, kind string, id rivage.ID, version int64) error
	// Try says what a document would do, without writing it: to answers, and to what was let happen over some days.
	Try(ctx context.Context, kind string, id rivage.ID, doc json.RawMessage, days int) (Trial, error)
	PromptAudio(ctx context.Context, id rivage.ID) (wav []byte, err error)
	SetPromptAudio(ctx context.Context, by access.Session, id rivage.ID, wav []byte) (Item, error)
	Synthesise(ctx context.Context, by access.Session, id rivage.ID) (Item, error)
	// OpenSupport lets an account of support in on some terms, once another person confirms them; Denied when the law does not.
	OpenSupport(ctx context.Context, by access.Session, account rivage.ID, terms rivage.Support) error
	ConfirmSupport(ctx context.Context, by access.Session, account rivage.ID, seen rivage.Support) error
	CloseSupport(ctx context.Context, by access.Session, account rivage.ID) error
}

// Trial is what a document would do if it were written.
type Trial struct {
	Days      int            `json:"days"`
	Changes   []TrialChange  `json:"changes" nullable:"false" doc:"answers that would be others, at most 500"`
	Changed   int            `json:"changed" doc:"how many there are"`
	Decisions int            `json:"decisions" doc:"decisions of these days that let something happen"`
	Refused   []TrialRefused `json:"refused" nullable:"false" doc:"of them, those that it would not let happen as they did"`
}

// TrialChange is one answer that would be another.
type TrialChange struct {
	Principal rivage.ID        `json:"principal"`
	Site      rivage.ID        `json:"site,omitempty"`
	Evidence  rivage.Evidence  `json:"evidence" enum:"attested,declared,unknown"`
	Class     rivage.DataClass `json:"class"`
	Action    rivage.Action    `json:"action"`
	Purpose   rivage.Purpose   `json:"purpose"`
	Field     string           `json:"field,omitempty"`
	From      rivage.Decision  `json:"from"`
	To        rivage.Decision  `json:"to"`
}

// TrialRefused counts decisions of one action under one rule.
type TrialRefused struct {
	Principal rivage.ID     `json:"principal"`
	Action    rivage.Action `json:"action"`
	Rule      string        `json:"rule,omitempty"`
	N         int           `json:"n"`
}

// JournalState is the head of the log and what of it is published.
type JournalState struct {
	Size       uint64       `json:"size"`
	Root       string       `json:"root"`
	Published  uint64       `json:"published" doc:"size of the last published checkpoint"`
	Lost       uint64       `json:"lost,omitempty" doc:"entries of which a restoration brought back only the published leaf"`
	Checkpoint string       `json:"checkpoint"`
	At         view.Instant `json:"at,omitempty"`
}

// Ledger is the log made checkable. Public gives what is published under a path: "checkpoint", "tile/…".
type Ledger interface {
	State(ctx context.Context) (JournalState, error)
	Public(path string) ([]byte, error)
}

// Number is a public number that the demo's page can call.
type Number struct {
	Number        string `json:"number"`
	Name          string `json:"name"`
	PrincipalName string `json:"principal_name"`
}

// Config is what a Server stands on.
type Config struct {
	Clock        rivage.Clock
	Log          *slog.Logger
	Floor        Floor
	Voice        Voice
	Feed         Feed
	Access       Access
	Settings     Settings
	Ledger       Ledger
	View         *view.View
	Apps         fs.FS // dist folders: desk, control, appeler
	Organisation string
	Demo         []Number // numbers of /appeler; nil when this is no demo
}

// Server is the HTTPS edge.
type Server struct {
	c    Config
	mux  *http.ServeMux
	spec []byte // the OpenAPI document
	door *door
	live *hub

	refused chan string // reasons of refusals at the door, bounded
	glass   *glass.Drawer
}
