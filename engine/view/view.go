// SPDX-License-Identifier: EUPL-1.2

// Package view owns every read for a screen: what one user may see, field by field, from the wallboard to a playback.
//
// Rights say which rows a user may know of; the gate says which values may reach the place where he sits. Both are asked
// on every read, and what was shown is durable before it is shown.
package view

import (
	"context"
	"io"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
)

// Rows are the reads that screens need. What belongs to Principals is read for a list of them, "*" alone being all:
// others' rows are not found, as if there were none. A row that does not exist is an error with code NotFound.
type Rows interface {
	Interaction(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.InteractionRow, error)
	// Interactions lists those opened before the page's Before, newest first.
	Interactions(ctx context.Context, who []rivage.ID, q Query) ([]rivage.InteractionRow, error)
	// Callbacks are those whose person is owed a call, in rank.
	Callbacks(ctx context.Context, who []rivage.ID) ([]rivage.InteractionRow, error)
	Agents(ctx context.Context) ([]rivage.AgentRow, error)
	Agent(ctx context.Context, id rivage.ID) (rivage.AgentRow, error)
	Objects(ctx context.Context, who []rivage.ID, interaction rivage.ID) ([]rivage.ObjectRow, error)
	Object(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.ObjectRow, error)
	// Person is one that stands for itself: one that was merged into another is that other.
	Person(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.PersonRow, error)
	// Contradictions are those that nobody took note of, newest first.
	Contradictions(ctx context.Context) ([]rivage.ContradictionRow, error)
	Contradiction(ctx context.Context, account rivage.ID) (rivage.ContradictionRow, error)
	// Unusuals are those that nobody took note of, newest first.
	Unusuals(ctx context.Context) ([]rivage.UnusualRow, error)
	Unusual(ctx context.Context, account rivage.ID, what rivage.Unusual) (rivage.UnusualRow, error)
	// Values are those of all cards of a person, the last written first.
	Values(ctx context.Context, who []rivage.ID, person rivage.ID) ([]rivage.ValueRow, error)
	// Merged are the subjects that undoing a merge takes back. Conflict when there is no such merge.
	Merged(ctx context.Context, from, into rivage.ID) ([]rivage.ID, error)
	Organisation(ctx context.Context, who []rivage.ID, id rivage.ID) (rivage.OrganisationRow, error)
	// Membership is what ends when a person belongs to no customer organisation any more.
	Membership(ctx context.Context, person rivage.ID) (rivage.Membership, error)
	Setting(ctx context.Context, kind string, id rivage.ID) (rivage.SettingRow, error)
	// QueueFigures are over interactions that arrived in their queue since an instant.
	QueueFigures(ctx context.Context, who []rivage.ID, since rivage.Micros) ([]rivage.QueueFigures, error)
}

// Log reads entries.
type Log interface {
	Entry(ctx context.Context, seq rivage.Seq) (rivage.Stored, error)
	// StreamEntries reads a stream after a version, oldest first.
	StreamEntries(ctx context.Context, who []rivage.ID, s rivage.Stream, after int64, limit int) ([]rivage.Stored, error)
	// StreamVersion is where a stream stands, 0 when there is none.
	StreamVersion(ctx context.Context, s rivage.Stream) (int64, error)
}

// Opener opens sealed cells. A cell whose key was destroyed is an error with code NotFound.
type Opener interface {
	OpenCell(ctx context.Context, subject rivage.ID, name string, sealed []byte) ([]byte, error)
}

// Finder finds persons and customer organisations of one Principal under an index: "tel", "mail", "name"; "siren". Of persons
// it finds some, those with a card first, and says whether there are more.
type Finder interface {
	// Find finds who stands under each of some values.
	Find(ctx context.Context, principal rivage.ID, kind string, values ...string) (found []rivage.PersonRow, more bool, err error)
	// FindEver finds the persons who have a number, or had it before it was taken off their card: what an erasure is of.
	FindEver(ctx context.Context, principal rivage.ID, tel rivage.Phone) (found []rivage.PersonRow, more bool, err error)
	FindOrganisation(ctx context.Context, principal rivage.ID, siren string) (rivage.OrganisationRow, error)
}

// Journal takes the entries of this package: what was shown, played, exported, erased.
type Journal interface {
	Append(ctx context.Context, a rivage.Append) (rivage.Receipt, error)
}

// Recordings gives a recording as WAV, two channels. Size is in bytes, -1 when it is not known before the end.
type Recordings interface {
	Open(ctx context.Context, object rivage.ObjectRow, g policy.Grant) (wav io.ReadCloser, size int64, err error)
}

// Replay runs the decision of an offer's entry again.
type Replay func(ctx context.Context, seq rivage.Seq) (Replayed, error)

// Replayed is what came of it.
type Replayed struct {
	Agent   rivage.ID // whom the replay chooses, "" for nobody
	Differs []string  // fields of the entry that the replay does not find again
	All     []Stood
}

// Stood is how one agent stood towards an offer.
type Stood struct {
	Agent    rivage.ID
	Place    rivage.Place
	Idle     int64 // µs
	Eligible bool
	Reason   string // why not: "policy", "busy", "paused"…
	Rule     string
}

// Config is what a View stands on. Every field is needed.
type Config struct {
	Clock      rivage.Clock
	NewID      func() rivage.ID
	Zone       *time.Location // whose midnight starts the day of the figures
	Settings   func() *rivage.Settings
	Rows       Rows
	Log        Log
	Opener     Opener
	Finder     Finder
	Journal    Journal
	Gate       func() *policy.Gate // in force at the moment of the call
	Recordings Recordings
	Replay     Replay
	Decide     Decide
	Look       Look
	Outside    Outside
	Down       func() bool                   // the log takes no entries at the moment
	Missing    func(site rivage.ID) []string // what keeps a site from being ready, as codes
	Unread     func(audio string) bool       // a sound could not be had when it was to be played
	// Certificate is when the certificate of the pages ends, once that is near and a person has to act; zero before.
	Certificate func() time.Time
}

// View reads for screens. It keeps nothing but the names of accounts, the fields that wait to be drawn, and
// how often records were looked up.
type View struct {
	c      Config
	names  names
	panes  panes
	badges badges
	looks  looks

	reaches reaches
}

// New makes a View.
func New(c Config) *View { return &View{c: c} }

// User is who asks, and from where.
type User struct {
	Account rivage.ID
	Subject rivage.ID // whose key masks the actor of entries
	Session rivage.ID
	Rights  access.Rights
	Place   rivage.Place // of the session
}

// Query chooses interactions; "" does not restrict.
type Query struct {
	Principal rivage.ID // already in the list of Principals when Rows are asked
	Queue     rivage.ID
	State     rivage.InteractionState
	Person    rivage.ID
	Agent     rivage.ID
	Page      rivage.Page
}

// today is midnight in the organisation's zone.
func (v *View) today() rivage.Micros {
	now := v.c.Clock.Now().In(v.c.Zone)
	y, m, d := now.Date()
	return rivage.At(time.Date(y, m, d, 0, 0, 0, 0, v.c.Zone))
}
