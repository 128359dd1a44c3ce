// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"slices"
	"strconv"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/flow"
	"rivage.example/rivage/engine/policy"
)

func (c *checker) company(t *rivage.Company) {
	c.name("name", t.Name)
	c.country("country", t.Country)
	if t.Parent == "" && t.ParentCountry != "" {
		c.fail("parent", "missing, although its country is given")
	}
	if t.Parent != "" {
		c.name("parent", t.Parent)
		c.country("parent_country", t.ParentCountry)
	}
	for _, country := range t.Operators {
		c.country("operators", country)
	}
	for _, country := range t.Admins {
		c.country("admins", country)
	}
}

func (c *checker) queue(t *rivage.Queue) {
	c.principal(t.Principal, false)
	c.name("name", t.Name)
	oneOf(c, "class", t.Class, rivage.DataClasses...)
	c.skills("skills", t.Skills)
	c.within("priority", t.Priority, -100, 100)
	c.within("priority_step", t.PriorityStep, 0, 86_400)
	c.within("offer_timeout", t.OfferTimeout, 5, 600)
	c.within("wrap_up", t.WrapUp, 5, 3600)
	c.within("wrap_up_more", t.WrapUpMore, 0, 3600)
	c.within("target", t.Target, 1, 86_400)
	c.within("max_waiting", t.MaxWaiting, 1, 100_000)
	if t.PositionEvery != 0 {
		c.within("position_every", t.PositionEvery, 15, 3600) // more often is a nuisance; 0 is never
	}
	if t.Music != "" {
		c.heard("music", t.Music, t.Principal)
	}
	c.dispositions(t.Dispositions)
	if t.Recording != nil {
		c.recording(t.Recording, t.Principal)
	}
	if t.Choice != nil {
		c.choice(t)
	}
	if t.Nobody != "" {
		c.heard("nobody", t.Nobody, t.Principal)
	}
	c.shares(t.Shares)
}

// maxShares is how many shares a queue may have: one for each area.
var maxShares = len(rivage.Areas)

// shares refuses those that say nothing, or contradict one another: what is within France is within the Union too.
func (c *checker) shares(list []rivage.Share) {
	if len(list) > maxShares {
		c.fail("shares", "%d, at most %d", len(list), maxShares)
		return
	}
	for i, s := range list {
		path := "shares." + strconv.Itoa(i)
		oneOf(c, path+".area", s.Area, rivage.Areas...)
		c.within(path+".least", s.Least, 1, 100)
		for _, other := range list[:i] {
			wider := slices.Index(rivage.Areas, s.Area) > slices.Index(rivage.Areas, other.Area)
			switch {
			case other.Area == s.Area:
				c.fail(path+".area", "%s stands twice", s.Area)
			case wider && s.Least < other.Least || !wider && s.Least > other.Least:
				c.fail(path+".least", "%d %% from %s contradicts %d %% from %s: each area holds the one before", s.Least, s.Area, other.Least, other.Area)
			}
		}
	}
}

// choice refuses one that callers could not hear of, or whose key already means something.
func (c *checker) choice(t *rivage.Queue) {
	oneOf(c, "choice.area", t.Choice.Area, rivage.Areas...)
	if len(t.Choice.Key) != 1 || !strings.Contains("0123456789*#", t.Choice.Key) {
		c.fail("choice.key", "%q, want one of 0 to 9, * and #", t.Choice.Key)
	}
	if t.Recording != nil && t.Recording.OppositionKey == t.Choice.Key {
		c.fail("choice.key", "%q refuses the recording already", t.Choice.Key)
	}
	c.heard("choice.prompt", t.Choice.Prompt, t.Principal)
	c.heard("choice.accepted", t.Choice.Accepted, t.Principal)
	c.heard("choice.later", t.Choice.Later, t.Principal)
}

func (c *checker) skills(path string, skills map[rivage.ID]int) {
	if len(skills) > maxValues {
		c.fail(path, "%d skills, at most %d", len(skills), maxValues)
	}
	for id, level := range skills {
		if !rivage.ValidSlug(string(id)) {
			c.fail(path, "%q, want 1 to 40 of a-z, 0-9 and hyphens", id)
		}
		c.within(path+"."+string(id), level, 1, 5)
	}
}

func (c *checker) dispositions(list []rivage.Disposition) {
	if len(list) == 0 {
		c.fail("dispositions", "missing: an agent closes each interaction with one")
	}
	if len(list) > maxValues {
		c.fail("dispositions", "%d, at most %d", len(list), maxValues)
	}
	seen := map[string]bool{}
	for i, d := range list {
		path := "dispositions." + strconv.Itoa(i)
		if !rivage.ValidSlug(d.Code) || seen[d.Code] {
			c.fail(path+".code", "%q, want 1 to 40 of a-z, 0-9 and hyphens, each code once", d.Code)
		}
		seen[d.Code] = true
		c.name(path+".label", d.Label)
	}
}

// recording is complete or absent: nothing is captured without a purpose, an end and a notice (GDPR art. 5 and 13).
func (c *checker) recording(r *rivage.Recording, of rivage.ID) {
	oneOf(c, "recording.purpose", r.Purpose, rivage.PurposeQuality, rivage.PurposeEvidence)
	most := 3653
	if r.Purpose == rivage.PurposeQuality {
		most = 180 // CNIL, listening and recording at work: six months
	}
	c.within("recording.retention_days", r.RetentionDays, 1, most)
	if r.Notice == "" {
		c.fail("recording.notice", "missing: the prompt that tells the caller before capture")
	} else {
		c.heard("recording.notice", r.Notice, of)
	}
	if len(r.OppositionKey) != 1 || !strings.Contains("0123456789*#", r.OppositionKey) {
		c.fail("recording.opposition_key", "%q, want one of 0-9, * or #", r.OppositionKey)
	}
}

func (c *checker) number(t *rivage.Number) {
	c.principal(t.Principal, false)
	if len(t.Number) < 4 || t.Number[0] != '+' || string(rivage.ParsePhone(t.Number)) != t.Number {
		c.fail("number", "%q, want E.164, like +33123456789", t.Number)
	}
	if other, twice := c.numbers[t.Number]; twice {
		c.fail("number", "%s is number %q already", t.Number, other)
	}
	c.numbers[t.Number] = t.ID
	f := find[rivage.Flow](c.d, rivage.TypeFlow, t.Flow)
	switch {
	case f == nil:
		c.fail("flow", "there is no flow %q", t.Flow)
	case f.Principal != t.Principal:
		c.fail("flow", "flow %q belongs to %q, not to %q", t.Flow, f.Principal, t.Principal)
	}
}

func (c *checker) flow(t *rivage.Flow) {
	c.principal(t.Principal, false)
	c.name("name", t.Name)
	if err := flow.Validate(t); err != nil {
		c.fail("steps", "%v", err)
	}
	for i, s := range t.Steps {
		path := "steps." + strconv.Itoa(i)
		if s.Prompt != "" {
			c.heard(path+".prompt", s.Prompt, t.Principal)
		}
		if s.Queue == "" {
			continue
		}
		q := find[rivage.Queue](c.d, rivage.TypeQueue, s.Queue)
		switch {
		case q == nil:
			c.fail(path+".queue", "there is no queue %q", s.Queue)
		case q.Principal != t.Principal:
			c.fail(path+".queue", "queue %q belongs to %q, not to %q", s.Queue, q.Principal, t.Principal)
		}
	}
}

func (c *checker) trunk(t *rivage.Trunk) {
	c.name("name", t.Name)
	c.exists("provider", rivage.TypeCompany, t.Provider)
	c.country("country", t.Country)
	c.declaration(t.Declared)
	c.prefixes("networks", t.Networks, t.Username == "") // a trunk by digest may call from anywhere
	c.prefixes("media", t.Media, true)
	oneOf(c, "transport", t.Transport, "udp", "tcp")
	c.within("max_calls", t.MaxCalls, 1, 100_000)
	if (t.Username == "") != (t.Secret == "") {
		c.fail("secret", "username and secret go together: the secret is the name given to `rivage secret set`")
	}
	if t.Username != "" {
		c.name("username", t.Username)
	}
	if t.Secret != "" && !rivage.ValidSlug(t.Secret) {
		c.fail("secret", "want the name of a secret: 1 to 40 of a-z, 0-9 and hyphens") // never quoted: it may be the secret
	}
}

// rules refuses what does not load, and companies that do not exist: a forbid on a misspelt one would not hold.
func (c *checker) rules(t *rivage.RuleSet) {
	if t.ID != t.Principal {
		c.fail("principal", "%q, want %q: a rule set bears the id of its Principal", t.Principal, t.ID)
	}
	c.principal(t.Principal, true)
	o := c.d.origins[c.at]
	table, problems := compileRules(t, o.file)
	for _, p := range problems {
		p.Document = c.at
	}
	c.problems = append(c.problems, problems...)
	if table == nil {
		return
	}
	for i, r := range table.Rules() {
		for _, company := range r.Companies {
			if company != policy.Any {
				c.exists("rule."+strconv.Itoa(i)+".companies", rivage.TypeCompany, company)
			}
		}
	}
}

func (c *checker) prompt(t *rivage.Prompt) {
	c.principal(t.Principal, true)
	if t.ID == rivage.PromptPlaceUnknown && t.Principal != rivage.Organisation {
		c.fail("principal", "want %q: every client organisation's callers hear this sentence", rivage.Organisation)
	}
	oneOf(c, "lang", t.Lang, "fr", "en")
	c.text("text", t.Text, maxPromptLen)
	oneOf(c, "source", t.Source, "recorded", "synthesis")
	if t.Audio != "" {
		if _, err := rivage.ParseHash(t.Audio); err != nil {
			c.fail("audio", "want a SHA-256 in hexadecimal")
		}
	}
}
