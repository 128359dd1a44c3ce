// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
)

// dropOptions are the flags of drop.
type dropOptions struct {
	before, rule string
	dry          bool
}

func dropCommand() *cobra.Command {
	var dir string
	var o dropOptions
	c := &cobra.Command{
		Use:   "drop security|control --before DATE --rule RÈGLE --dir DIR",
		Short: "Retirer du journal le texte des feuilles dont la durée est passée ; les empreintes restent",
		Long:  "Drops the text of the leaves of a class that were written before a day, from the journal and from the published log, and writes LeavesDropped with the class and the rule first. security: sign-ins, refusals at doors (6 to 12 months). control: who was shown, heard or exported what, changes of accounts (up to 36 months). Hashes and facts stay: the log verifies, no figure changes. It is for an instance that nobody serves. Backups, exports and copies of the published log that were made before keep the texts until they expire.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInstance(cmd, dir, func(i *instance) error {
				done, err := o.run(cmd.Context(), i, rivage.Kept(args[0]))
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), done)
				}
				return err
			})
		},
	}
	dirFlag(c, &dir)
	f := c.Flags()
	f.StringVar(&o.before, "before", "", "jour avant lequel elles furent écrites, tel que 2025-11-01")
	f.StringVar(&o.rule, "rule", "", "règle qui limite leur durée, telle que deliberation-2021-122")
	f.BoolVar(&o.dry, "dry-run", false, "dire combien, sans rien retirer")
	return c
}

// youngest is how old a text is at least before it may go: what a mistyped day took does not come back.
const youngest = 180 * 24 * time.Hour

func (o *dropOptions) run(ctx context.Context, i *instance, class rivage.Kept) (string, error) {
	before, err := o.check(class, i.clock.Now())
	if err != nil {
		return "", err
	}
	head, err := i.store.Head(ctx)
	if err != nil {
		return "", err
	}
	d, err := i.store.Droppable(ctx, class, rivage.At(before), head.Size)
	if err != nil {
		return "", err
	}
	d.Rule = o.rule
	done := fmt.Sprintf("%s feuilles de la classe %s, écrites avant le %s", number(d.Count), class, o.before)
	if o.dry {
		return done + " : rien n'est retiré", nil
	}
	// The process that serves holds texts of the published log in memory.
	return done + " : leurs textes sont retirés, leurs empreintes restent", i.alone(ctx, func(ctx context.Context) error {
		return i.drop(ctx, d)
	})
}

func (o *dropOptions) check(class rivage.Kept, now time.Time) (time.Time, error) {
	if class != rivage.KeptSecurity && class != rivage.KeptControl {
		return time.Time{}, usageError{fmt.Errorf("%q is no class whose leaves may be dropped: want security or control", class)}
	}
	before, err := time.Parse(time.DateOnly, o.before)
	if err != nil {
		return time.Time{}, usageError{fmt.Errorf("--before: %q is not a day such as 2025-11-01", o.before)}
	}
	if now.Sub(before) < youngest {
		return time.Time{}, usageError{fmt.Errorf("--before %s: texts of less than %d days are not dropped", o.before, youngest/(24*time.Hour))}
	}
	if strings.TrimSpace(o.rule) == "" || len(o.rule) > 200 {
		return time.Time{}, usageError{errors.New("--rule is missing: the rule that limits how long these texts are kept")}
	}
	return before, nil
}

// drop writes down what goes, then takes it from the journal and from the published log. What an earlier run that was
// killed left in the published log goes as well.
func (i *instance) drop(ctx context.Context, d rivage.LeavesDropped) error {
	from, err := i.firstDropped(ctx)
	if err != nil {
		return err
	}
	if d.Count > 0 {
		from = min(from, d.First)
		_, err = newJournal(i.vault, i.store).Append(ctx, rivage.Append{Entries: []rivage.Entry{{
			Stream: "dropped", Principal: rivage.Organisation, At: i.clock.Now(), Facts: &d,
			Leaf: rivage.Leaf{Role: "operator", Field: string(d.Class), Mode: rivage.ModeAdmin, Purpose: rivage.PurposeAdmin, Rule: d.Rule, Outcome: "dropped"},
		}}})
		if err != nil {
			return err
		}
		if err := i.store.DropLeaves(ctx, d); err != nil {
			return err
		}
	}
	p, err := i.publisher()
	if err != nil {
		return err
	}
	if _, err := p.Publish(ctx); err != nil {
		return err
	}
	return p.Redact(ctx, from, i.store.Size())
}

// firstDropped is where the earliest of all LeavesDropped begins, the end of the journal when there is none: several runs
// may have been killed before they were through.
func (i *instance) firstDropped(ctx context.Context) (rivage.Seq, error) {
	first := i.store.Size()
	for after, more := int64(0), true; more; {
		list, err := i.store.StreamEntries(ctx, everyone, "dropped", after, storyPage)
		if err != nil {
			return 0, err
		}
		for k := range list {
			if d, ok := list[k].Facts.(*rivage.LeavesDropped); ok {
				first = min(first, d.First)
			}
			after = list[k].Version
		}
		more = len(list) == storyPage
	}
	return first, nil
}
