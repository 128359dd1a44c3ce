// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// LiveFirst is the first frame of a live channel.
type LiveFirst[S any] struct {
	Seq      rivage.Seq `json:"seq"`
	Snapshot S          `json:"snapshot"`
}

// LiveFrame covers the entries from From to Seq: From is always the last frame's Seq plus one. What the user may not
// see of them only advances Seq.
type LiveFrame struct {
	Seq  rivage.Seq `json:"seq"`
	From rivage.Seq `json:"from"`
	view.Event
}

// LiveBoard comes once a second and covers no entry. AgeMs is how old its figures are: under a second, or as old as the
// last that could be read.
type LiveBoard struct {
	Board   []view.Queue       `json:"board" nullable:"false"`
	At      view.Instant       `json:"at"`
	Unready []view.UnreadySite `json:"unready,omitempty" nullable:"false"`
	AgeMs   int64              `json:"age_ms"`
	Journal string             `json:"journal" enum:"ok,down"`
	// CertificateEnds is there once the certificate of these pages ends soon; see view.ControlSnapshot.
	CertificateEnds view.Instant `json:"certificate_ends,omitempty"`
}

// LiveCommand is what a desk asks. ID is the desk's own: a repeated one gets the first answer.
type LiveCommand struct {
	ID          string    `json:"id"`
	Do          string    `json:"do" enum:"heartbeat,ready,pause,offline,accept,decline,hold,resume,hangup,oppose,dispose,extend"`
	Microphone  bool      `json:"microphone,omitempty"`
	Device      string    `json:"device,omitempty" enum:"browser,sip"`
	Reason      string    `json:"reason,omitempty"`
	Offer       rivage.ID `json:"offer,omitempty"`
	Interaction rivage.ID `json:"interaction,omitempty"`
	Disposition string    `json:"disposition,omitempty"`
	Note        string    `json:"note,omitempty"`
}

// LiveAnswer answers a command.
type LiveAnswer struct {
	Re    string      `json:"re"`
	Seq   *rivage.Seq `json:"seq,omitempty"`
	Error *LiveError  `json:"error,omitempty"`
}

// LiveError is why a command was not done; Detail is French.
type LiveError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Rule   string `json:"rule,omitempty"`
	Reason string `json:"reason,omitempty"`
}
