// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"strings"

	"rivage.example/rivage"
)

// streamRow is where a stream stands.
type streamRow struct {
	Name      rivage.Stream
	Principal rivage.ID
	Version   int64
	At        rivage.Micros
}

// personRow is a PersonRow without its subjects and merged persons, which are rows of their own.
type personRow struct {
	ID           rivage.ID
	Principal    rivage.ID
	CreatedAt    rivage.Micros
	ErasedAt     rivage.Micros
	MergedInto   rivage.ID // "" while it stands for itself
	MergedAt     rivage.Micros
	Organisation rivage.ID
}

// subjectRow says whose a subject is. Person is "" for a subject that is an account's own.
type subjectRow struct {
	ID        rivage.ID
	Principal rivage.ID
	Person    rivage.ID
	Seq       rivage.Seq // of the entry that made it
	Home      rivage.ID  // person it was made for, while it stands with another; "" otherwise
	Card      bool       // values of a card are sealed under it, and nothing else
}

// home is the person that a subject was made for.
func (r *subjectRow) home() rivage.ID {
	if r.Home != "" {
		return r.Home
	}
	return r.Person
}

// valueRow is a ValueRow under its own id.
type valueRow struct {
	ID        rivage.ID
	Principal rivage.ID
	rivage.ValueRow
}

func valueID(subject rivage.ID, field string) rivage.ID { return subject + rivage.ID("|"+field) }

// settingRow is a SettingRow under the name of its stream.
type settingRow struct {
	Stream rivage.Stream
	rivage.SettingRow
}

// What fields of named types are scanned and compared as.
type (
	text    = *string
	integer = *int64
)

var streamTable = table[rivage.Stream, streamRow]{
	name:    "stream",
	columns: strings.Fields("name principal version at"),
	fields: func(r *streamRow) []any {
		return []any{
			text(&r.Name), text(&r.Principal), &r.Version, integer(&r.At),
		}
	},
	key:   func(r *streamRow) rivage.Stream { return r.Name },
	whole: true,
}

var personTable = table[rivage.ID, personRow]{
	name:    "person",
	columns: strings.Fields("id principal created_at erased_at merged_into merged_at organisation"),
	fields: func(r *personRow) []any {
		return []any{
			text(&r.ID), text(&r.Principal), integer(&r.CreatedAt), integer(&r.ErasedAt),
			text(&r.MergedInto), integer(&r.MergedAt), text(&r.Organisation),
		}
	},
	key: func(r *personRow) rivage.ID { return r.ID },
}

var subjectTable = table[rivage.ID, subjectRow]{
	name:    "subject",
	columns: strings.Fields("id principal person seq home card"),
	fields: func(r *subjectRow) []any {
		return []any{
			text(&r.ID), text(&r.Principal), text(&r.Person), &r.Seq, text(&r.Home), flag{&r.Card},
		}
	},
	key: func(r *subjectRow) rivage.ID { return r.ID },
}

var valueTable = table[rivage.ID, valueRow]{
	name:    "person_value",
	columns: strings.Fields("id principal subject field seq above cleared sealed"),
	fields: func(r *valueRow) []any {
		return []any{
			text(&r.ID), text(&r.Principal), text(&r.Subject), &r.Field, &r.Seq, flag{&r.Over}, flag{&r.Cleared}, &r.Sealed,
		}
	},
	key: func(r *valueRow) rivage.ID { return r.ID },
}

var organisationTable = table[rivage.ID, rivage.OrganisationRow]{
	name:    "organisation",
	columns: strings.Fields("id principal subject created_at name siren"),
	fields: func(r *rivage.OrganisationRow) []any {
		return []any{text(&r.ID), text(&r.Principal), text(&r.Subject), integer(&r.CreatedAt), &r.Name, &r.SIREN}
	},
	key: func(r *rivage.OrganisationRow) rivage.ID { return r.ID },
}

var keyTable = table[rivage.ID, rivage.SubjectKey]{
	name:    "subject_key",
	columns: strings.Fields("subject kek_epoch wrapped"),
	fields:  func(r *rivage.SubjectKey) []any { return []any{text(&r.Subject), &r.Epoch, &r.Wrapped} },
	key:     func(r *rivage.SubjectKey) rivage.ID { return r.Subject },
}

var settingTable = table[rivage.Stream, settingRow]{
	name:    "setting",
	columns: strings.Fields("stream type id principal version doc subject name login seq"),
	fields: func(r *settingRow) []any {
		return []any{
			text(&r.Stream), &r.Type, text(&r.ID), text(&r.Of), &r.Version, &r.Doc, text(&r.Subject), &r.Name,
			&r.Login, &r.Seq,
		}
	},
	key: func(r *settingRow) rivage.Stream { return r.Stream },
}

var agentTable = table[rivage.ID, rivage.AgentRow]{
	name: "agent",
	columns: strings.Fields(`id state reason since interaction offer deadline session device
		place_site place_company place_country place_zone place_evidence idle_since`),
	fields: func(r *rivage.AgentRow) []any {
		return []any{
			text(&r.Agent), text(&r.State), &r.Reason, integer(&r.Since), text(&r.Interaction), text(&r.Offer),
			integer(&r.Deadline), text(&r.Session), &r.Device, text(&r.Place.Site), text(&r.Place.Company),
			text(&r.Place.Country), text(&r.Place.Zone), text(&r.Place.Evidence), integer(&r.IdleSince),
		}
	},
	key:   func(r *rivage.AgentRow) rivage.ID { return r.Agent },
	whole: true,
}

var contradictionTable = table[rivage.ID, rivage.ContradictionRow]{
	name:    "contradiction",
	columns: strings.Fields("account session site lost seen at count seen_at seq"),
	fields: func(r *rivage.ContradictionRow) []any {
		return []any{
			text(&r.Account), text(&r.Session), text(&r.Site), text(&r.Lost), text(&r.Seen), integer(&r.At), &r.Count,
			integer(&r.SeenAt), &r.Seq,
		}
	},
	key: func(r *rivage.ContradictionRow) rivage.ID { return r.Account },
}

// unusualRow is an UnusualRow under its own id, account|what.
type unusualRow struct {
	ID rivage.ID
	rivage.UnusualRow
}

func unusualID(account rivage.ID, what rivage.Unusual) rivage.ID {
	return account + rivage.ID("|"+what)
}

var unusualTable = table[rivage.ID, unusualRow]{
	name:    "unusual",
	columns: strings.Fields("id account what site persons stopped at count seen_at seq"),
	fields: func(r *unusualRow) []any {
		return []any{
			text(&r.ID), text(&r.Account), text(&r.What), text(&r.Site), &r.Persons, flag{&r.Stopped}, integer(&r.At), &r.Count,
			integer(&r.SeenAt), &r.Seq,
		}
	},
	key: func(r *unusualRow) rivage.ID { return r.ID },
}

var objectTable = table[rivage.ID, rivage.ObjectRow]{
	name: "object",
	columns: strings.Fields(`id principal interaction subject purpose site started_at ended_at retention_days state
		bytes seconds dropped cipher`),
	fields: func(r *rivage.ObjectRow) []any {
		return []any{
			text(&r.ID), text(&r.Principal), text(&r.Interaction), text(&r.Subject), text(&r.Purpose), text(&r.Site),
			integer(&r.StartedAt), integer(&r.EndedAt), &r.RetentionDays, &r.State, &r.Bytes, &r.Seconds, &r.Dropped,
			&r.Cipher,
		}
	},
	key: func(r *rivage.ObjectRow) rivage.ID { return r.ID },
}

var interactionTable = table[rivage.ID, rivage.InteractionRow]{
	name: "interaction",
	columns: strings.Fields(`id principal person subject channel number trunk flow flow_version class queue state
		priority rank agent offer caller_leg agent_leg place_site place_company place_country place_zone place_evidence
		opened_at queued_at offered_at accepted_at told_at answered_at held_at ended_at closed_at deadline extended
		wait talk hold wrap extra disposition ended_by reason returned sentence first_seq last_seq caller note`),
	fields: func(r *rivage.InteractionRow) []any {
		return []any{
			text(&r.ID), text(&r.Principal), text(&r.Person), text(&r.Subject), text(&r.Channel), &r.Number,
			text(&r.Trunk), text(&r.Flow), &r.FlowVersion, text(&r.Class), text(&r.Queue), text(&r.State),
			&r.Priority, integer(&r.Rank), text(&r.Agent), text(&r.Offer), text(&r.CallerLeg), text(&r.AgentLeg),
			text(&r.Place.Site), text(&r.Place.Company), text(&r.Place.Country), text(&r.Place.Zone),
			text(&r.Place.Evidence), integer(&r.OpenedAt), integer(&r.QueuedAt), integer(&r.OfferedAt),
			integer(&r.AcceptedAt), integer(&r.ToldAt), integer(&r.AnsweredAt), integer(&r.HeldAt),
			integer(&r.EndedAt), integer(&r.ClosedAt), integer(&r.Deadline), flag{&r.Extended}, &r.Wait, &r.Talk,
			&r.Hold, &r.Wrap, &r.Extra, &r.Disposition, &r.By, &r.Reason, text(&r.Returned), text(&r.Sentence),
			&r.FirstSeq, &r.LastSeq, &r.Caller, &r.Note,
		}
	},
	key: func(r *rivage.InteractionRow) rivage.ID { return r.ID },
}

// folded names the tables a rebuild compares, each with its columns and the length of its key.
var folded = []struct {
	name    string
	columns []string
	key     int
}{
	{streamTable.name, streamTable.columns, 1},
	{personTable.name, personTable.columns, 1},
	{subjectTable.name, subjectTable.columns, 1},
	{valueTable.name, valueTable.columns, 1},
	{organisationTable.name, organisationTable.columns, 1},
	{"subject_index", strings.Fields("principal kind bidx subject"), 4},
	{interactionTable.name, interactionTable.columns, 1},
	{agentTable.name, agentTable.columns, 1},
	{contradictionTable.name, contradictionTable.columns, 1},
	{unusualTable.name, unusualTable.columns, 1},
	{objectTable.name, objectTable.columns, 1},
	{settingTable.name, settingTable.columns, 1},
}
