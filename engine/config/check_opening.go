// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rivage.example/rivage"
)

// Limits of a dossier.
const (
	maxOpinions   = 30
	maxClients    = 500
	maxNoticeText = 4000
)

// opening refuses a dossier that contradicts itself, and a decision for which something is missing. One that is not
// complete is no fault: it is on its way, and its site is closed.
func (c *checker) opening(t *rivage.Opening) {
	c.exists("id", rivage.TypeSite, t.ID)
	if t.Scope != nil {
		c.trial(t.ID, t.Scope)
	}
	if n := t.Notice; n != nil {
		c.text("notice.text", n.Text, maxNoticeText)
		c.text("notice.source", n.Source, maxReference)
		c.day("notice.date", n.Date)
	}
	if len(t.Clients) > maxClients {
		c.fail("clients", "%d client organisations, at most %d", len(t.Clients), maxClients)
	}
	for i := range t.Clients {
		c.told("clients."+strconv.Itoa(i), t.Clients, i)
	}
	if len(t.Opinions) > maxOpinions {
		c.fail("opinions", "%d opinions, at most %d", len(t.Opinions), maxOpinions)
	}
	for i := range t.Opinions {
		c.opinion("opinions."+strconv.Itoa(i), t.Opinions, i)
	}
	if t.Decision != nil {
		c.verdict(t)
	}
}

// day refuses what is no day of the calendar.
func (c *checker) day(path string, d rivage.Date) (time.Time, bool) {
	day, ok := d.Day()
	if !ok {
		c.fail(path, `want a day between quotes, like "2026-01-31"`)
	}
	return day, ok
}

func (c *checker) trial(site rivage.ID, s *rivage.TrialScope) {
	c.within("scope.queues", len(s.Queues), 1, maxValues)
	for i, q := range s.Queues {
		c.exists("scope.queues", rivage.TypeQueue, q)
		repeated(c, "scope.queues", s.Queues[:i], q)
	}
	c.within("scope.classes", len(s.Classes), 1, len(rivage.DataClasses))
	for i, class := range s.Classes {
		oneOf(c, "scope.classes", class, rivage.DataClasses...)
		repeated(c, "scope.classes", s.Classes[:i], class)
	}
	c.within("scope.modes", len(s.Modes), 1, len(rivage.Modes))
	for i, mode := range s.Modes {
		oneOf(c, "scope.modes", mode, rivage.Modes...)
		repeated(c, "scope.modes", s.Modes[:i], mode)
	}
	c.within("scope.agents", s.Agents, 1, 10_000)
	if n := c.agentsAt(site); s.Agents > 0 && n > s.Agents {
		c.fail("scope.agents", "%d agents have their account at %s, at most %d are tried", n, site, s.Agents)
	}
	from, okFrom := c.day("scope.from", s.From)
	until, okUntil := c.day("scope.until", s.Until)
	if okFrom && okUntil && until.Before(from) {
		c.fail("scope.until", "the last day is before the first")
	}
}

// agentsAt is how many people answer from a site.
func (c *checker) agentsAt(site rivage.ID) (n int) {
	for _, doc := range c.d.things {
		if a, ok := doc.(*rivage.Account); ok && a.Agent != nil && (a.Agent.Site == site || slices.Contains(a.Telework, site)) {
			n++
		}
	}
	return n
}

// told refuses a client organisation that was told after its deadline, or that answered before it was told.
func (c *checker) told(path string, all []rivage.ClientTold, i int) {
	t := all[i]
	c.exists(path+".principal", rivage.TypePrincipal, t.Principal)
	if slices.ContainsFunc(all[:i], func(x rivage.ClientTold) bool { return x.Principal == t.Principal }) {
		c.fail(path+".principal", "%q stands twice", t.Principal)
	}
	if t.ToldOn == "" {
		if t.ObjectionUntil != "" || t.Answer != "" || t.AnsweredOn != "" || t.Reference != "" {
			c.fail(path+".told_on", "missing: a deadline and an answer come after a notice")
		}
		return
	}
	told, okTold := c.day(path+".told_on", t.ToldOn)
	until, okUntil := c.day(path+".objection_until", t.ObjectionUntil)
	if okTold && okUntil && !until.After(told) {
		c.fail(path+".objection_until", "%s is not after the notice of %s: nobody could object", t.ObjectionUntil, t.ToldOn)
	}
	if t.Answer == "" {
		if t.AnsweredOn != "" || t.Reference != "" {
			c.fail(path+".answer", "missing: a date and a reference are of an answer")
		}
		return
	}
	oneOf(c, path+".answer", t.Answer, rivage.ClientAnswers...)
	c.text(path+".reference", t.Reference, maxReference)
	if on, ok := c.day(path+".answered_on", t.AnsweredOn); ok && okTold && on.Before(told) {
		c.fail(path+".answered_on", "%s is before the notice of %s", t.AnsweredOn, t.ToldOn)
	}
}

func (c *checker) opinion(path string, all []rivage.Opinion, i int) {
	t := all[i]
	c.name(path+".of", t.Of)
	if slices.ContainsFunc(all[:i], func(x rivage.Opinion) bool { return x.Of == t.Of }) {
		c.fail(path+".of", "%q stands twice", t.Of)
	}
	if t.Opinion == "" {
		if t.On != "" || t.Reference != "" {
			c.fail(path+".opinion", "missing: a date and a reference are of an opinion that was given")
		}
		return
	}
	oneOf(c, path+".opinion", t.Opinion, rivage.OpinionKinds...)
	c.day(path+".on", t.On)
	c.text(path+".reference", t.Reference, maxReference)
}

// lacking says what a go lacks, by step.
var lacking = map[string]string{
	rivage.StepScope: "go without a trial scope", rivage.StepNotice: "go without a country notice",
	rivage.StepClients: "go without a client organisation that was told", rivage.StepOpinions: "go without an opinion: who was heard?",
}

// verdict refuses a go for which a step is missing. Deadlines that run and objections are none: they keep their client
// organisation's data away, whatever was decided.
func (c *checker) verdict(t *rivage.Opening) {
	oneOf(c, "decision.verdict", t.Decision.Verdict, rivage.OpeningVerdicts...)
	c.text("decision.reason", t.Decision.Reason, maxReference)
	if t.Decision.On != "" {
		c.day("decision.on", t.Decision.On)
	}
	if t.Decision.Verdict != rivage.Go {
		return // no is possible at any time
	}
	const path = "decision.verdict"
	for _, step := range t.Missing() {
		why := lacking[step]
		if awaited := t.AwaitedOpinions(); step == rivage.StepOpinions && len(awaited) > 0 {
			why = "go while opinions are awaited: " + strings.Join(awaited, ", ")
		}
		c.fail(path, "%s", why)
	}
	if t.Scope != nil {
		c.concerned(t)
	}
}

// concerned refuses a go for a queue whose Principal the dossier does not name: nothing of it would ever be open.
func (c *checker) concerned(t *rivage.Opening) {
	for _, id := range t.Scope.Queues {
		if q := find[rivage.Queue](c.d, rivage.TypeQueue, id); q != nil && t.Client(q.Principal) == nil {
			c.fail("scope.queues", "queue %q belongs to %q, which is not among the client organisations", id, q.Principal)
		}
	}
}
