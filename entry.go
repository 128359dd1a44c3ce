// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Stream names what an entry belongs to: "interaction/<id>", "agent/<id>", "person/<id>", "config/<type>/<id>",
// "access/<account>", "door", "system". Within a stream entries have a dense version from 1.
type Stream string

// StreamOf builds a stream's name.
func StreamOf(family string, id ID) Stream { return Stream(family + "/" + string(id)) }

// Organisation is the Principal of what belongs to the organisation that runs the instance itself: agents, settings,
// doors. Every other Principal is one of its clients.
const Organisation ID = "organisation"

// Entry is one thing that happened, before it is sealed and numbered. It has three parts: Leaf for auditors, Facts
// kept inside, Body sealed under the key of one subject.
type Entry struct {
	Stream    Stream
	Principal ID        // of the stream; Organisation for what is its own
	At        time.Time // the caller's clock; the journal never lets it go back within a stream
	Late      time.Time // when it really happened, for what the journal could not take at the time; zero otherwise
	Leaf      Leaf      // At, Kind, Actor, Facts and Commit are filled in by the journal
	Facts     Facts     //
	Actor     ID        // subject of the person who acted, whose key masks the leaf's actor; "" for a program
	Subject   ID        // whose key seals Body and Cells; "" when there are none
	Body      []byte    // clear text, JSON; nil when there is none
	Cells     []Cell    // single values of the body that rows copy without opening
	Indexes   []Index   // values by which the subject can be found again
}

// Cell is one named value of a body, sealed on its own with "subject|name" as additional data.
type Cell struct {
	Name  string
	Value []byte // clear in an Entry, sealed in a SealedEntry
}

// Index is a value by which a subject is found: a telephone number, an address. Only its HMAC is kept.
type Index struct {
	Kind  string // "tel", "mail", "login"
	Value string // clear in an Entry, HMAC bytes in a SealedEntry
}

// StreamVersion is an expectation: the stream stands at that version, 0 for a stream that does not exist.
type StreamVersion struct {
	Stream  Stream
	Version int64
}

// LeaseEpoch is the fence of an append: the lease is still held under that epoch.
type LeaseEpoch struct {
	Name  string
	Epoch int64
}

// Append is what one command writes: all of it in one transaction, or nothing.
type Append struct {
	CommandID   string // a repeated one gets the first answer; "" for what is never repeated
	Expect      []StreamVersion
	Fence       []LeaseEpoch
	Entries     []Entry
	NewSubjects []ID   // subjects made by this append: their keys are created with it
	Erase       []ID   // subjects whose bodies, cells, indexes and keys go with this append
	Blobs       []Blob // public content named by its hash in an entry of this append: prompts
}

// Blob is public content named by its SHA-256: a prompt's audio. It is never personal data.
type Blob struct {
	Hash    Hash
	Content []byte
}

// SubjectKey is a subject's key wrapped under a key-encryption key of an epoch.
type SubjectKey struct {
	Subject ID
	Epoch   int64
	Wrapped []byte
}

// SealedEntry is an Entry as the store takes it: nothing in it needs a key service.
type SealedEntry struct {
	Entry             // Body, Cells and Indexes hold sealed bytes
	ActorKey []byte   // key of the actor's subject for the leaf's HMAC; nil for a program
	Commit   Hash     // SHA-256(salt ‖ clear body), zero without a body
	Salt     [16]byte // of the facts
}

// SealedAppend is an Append ready for the store.
type SealedAppend struct {
	CommandID string
	Expect    []StreamVersion
	Fence     []LeaseEpoch
	Entries   []SealedEntry
	Keys      []SubjectKey
	Erase     []ID
	Blobs     []Blob
}

// Receipt says where an append landed.
type Receipt struct {
	First, Last Seq
	Repeated    bool // the command had been taken before; First and Last are those of the first time
}

// EncodeFacts gives the canonical bytes of an entry's facts at a version of its stream: they are hashed into the leaf,
// stored, and never encoded again.
func EncodeFacts(e *SealedEntry, version int64) ([]byte, error) {
	data, err := json.Marshal(e.Facts)
	if err != nil {
		return nil, fmt.Errorf("encode facts of %s: %w", e.Facts.Kind(), err)
	}
	b := make([]byte, 0, len(data)+200)
	b = append(b, `{"v":1,"kind":`...)
	b = appendString(b, string(e.Facts.Kind()))
	b = append(b, `,"stream":`...)
	b = appendString(b, string(e.Stream))
	b = append(b, `,"version":`...)
	b = strconv.AppendInt(b, version, 10)
	b = append(b, `,"principal":`...)
	b = appendString(b, string(e.Principal))
	b = append(b, `,"at":`...)
	b = strconv.AppendInt(b, int64(At(e.At)), 10)
	if !e.Late.IsZero() {
		b = append(b, `,"late":`...)
		b = strconv.AppendInt(b, int64(At(e.Late)), 10)
	}
	b = append(b, `,"salt":"`...)
	b = hex.AppendEncode(b, e.Salt[:])
	b = append(b, `","data":`...)
	b = append(b, data...)
	return append(b, '}'), nil
}

// Stored is an entry as the log keeps it and the feed gives it: what folds, live views and reports read.
type Stored struct {
	Seq       Seq
	Stream    Stream
	Version   int64
	Principal ID
	At        Micros
	Late      Micros // 0 when it was not late
	Kind      Kind
	LeafText  []byte // nil once its text was dropped under a retention class
	LeafHash  Hash
	FactsText []byte
	Facts     Facts // decoded
}

// DecodeFacts reads what EncodeFacts wrote, and fills Stream, Version, Principal, At, Late, Kind and Facts of s.
func DecodeFacts(text []byte, s *Stored) error {
	var w struct {
		V         int             `json:"v"`
		Kind      Kind            `json:"kind"`
		Stream    Stream          `json:"stream"`
		Version   int64           `json:"version"`
		Principal ID              `json:"principal"`
		At        Micros          `json:"at"`
		Late      Micros          `json:"late"`
		Data      json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(text, &w); err != nil {
		return fmt.Errorf("decode facts: %w", err)
	}
	if w.V != 1 {
		return fmt.Errorf("decode facts: version %d, this program reads 1", w.V)
	}
	facts, ok := newFacts(w.Kind)
	if !ok {
		return fmt.Errorf("decode facts: unknown kind %q", w.Kind)
	}
	if err := json.Unmarshal(w.Data, facts); err != nil {
		return fmt.Errorf("decode facts of %s: %w", w.Kind, err)
	}
	s.Stream, s.Version, s.Principal = w.Stream, w.Version, w.Principal
	s.At, s.Late, s.Kind, s.FactsText, s.Facts = w.At, w.Late, w.Kind, text, facts
	return nil
}
