// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/config"
	"rivage.example/rivage/engine/person"
	"rivage.example/rivage/record/store"
	"rivage.example/rivage/record/store/sqlite"
	"rivage.example/rivage/record/vault"
	"rivage.example/rivage/wire/sealed"
	"rivage.example/rivage/wire/tlog"
)

// evidenceCommands are what the scripts about proofs and backups need beside rivage.
var evidenceCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"instance": func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(makeSample(ts.MkAbs(args[0]))) },
	"calls": func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.Atoi(args[1])
		days := 0 // ago
		if len(args) > 2 {
			days, err = strconv.Atoi(args[2])
		}
		ts.Check(errors.Join(err, withSample(ts.MkAbs(args[0]), func(i *instance) error {
			return i.sampleCalls(n, i.clock.Now().AddDate(0, 0, -days))
		})))
	},
	// A recording that ended before anything was captured, as the call did: it has no file.
	"unbegun": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			rows, err := i.store.Interactions(context.Background(), store.InteractionFilter{Principals: []rivage.ID{"messagerie"}})
			if err != nil || len(rows) == 0 {
				return errors.Join(err, errors.New("no call to record"))
			}
			c := call{principal: "messagerie", at: i.clock.Now(), id: rows[0].ID}
			_, err = newJournal(i.vault, i.store).Append(context.Background(), rivage.Append{Entries: []rivage.Entry{
				c.entry(&rivage.RecordingStarted{Interaction: c.id, Object: "unbegun", Purpose: "quality", RetentionDays: 30}),
				c.entry(&rivage.RecordingEnded{Interaction: c.id, Object: "unbegun", Outcome: "interrupted", Reason: "gone"}),
			}})
			return err
		}))
	},
	// What a process killed between the entry and the file leaves.
	"expire": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			_, err := i.retention(newJournal(i.vault, i.store)).Sweep(context.Background())
			return err
		}))
	},
	// The leaves of a kind, one a line, and their number.
	"entries": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			all, err := i.store.Entries(context.Background(), 0, 1000)
			n := 0
			for _, e := range all {
				if string(e.Kind) == args[1] {
					n++
					fmt.Fprintln(ts.Stdout(), string(e.LeafText))
				}
			}
			fmt.Fprintln(ts.Stdout(), n, args[1])
			return err
		}))
	},
	// What a restoration killed before it wrote Restored leaves.
	"pull": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			_, err := (&restoration{instance: i, tiles: i.machine.data(tilesFolder)}).pull(context.Background())
			return err
		}))
	},
	// What a process that was killed leaves.
	"killed": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			_, err := newJournal(i.vault, i.store).Append(context.Background(), rivage.Append{Entries: []rivage.Entry{{
				Stream: "system", Principal: rivage.Organisation, At: i.clock.Now(), Facts: &rivage.Started{Software: "rivage"},
			}}})
			return err
		}))
	},
	// Serves until everything listens, then stops in order. What it logs is stdout.
	"starts": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			return serve(ctx, i, serving{log: slog.New(slog.NewTextHandler(ts.Stdout(), nil)), ready: func(*house) { stop() }})
		}))
	},
	"signins": func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.Atoi(args[1])
		days, err2 := strconv.Atoi(args[2])
		ts.Check(errors.Join(err, err2, withSample(ts.MkAbs(args[0]), func(i *instance) error {
			a := rivage.Append{}
			for range n { // a stream each: time does not go back within one
				account := rivage.NewID()
				a.Entries = append(a.Entries, rivage.Entry{
					Stream: rivage.StreamOf("access", account), Principal: rivage.Organisation, At: i.clock.Now().AddDate(0, 0, -days),
					Facts: &rivage.SignedIn{Account: account}, Leaf: rivage.Leaf{Role: "agent", Site: rivage.ID(args[3])},
				})
			}
			_, err := newJournal(i.vault, i.store).Append(context.Background(), a)
			return err
		})))
	},
	// An offer from a site as the rules in force answered it, and one that no rule ever allowed.
	"offers": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			head, err := i.store.Head(context.Background())
			if err != nil {
				return err
			}
			s, gate, err := settingsAt(context.Background(), i.store, head.Size)
			if err != nil {
				return err
			}
			rows, err := i.store.Interactions(context.Background(), store.InteractionFilter{Principals: []rivage.ID{"messagerie"}})
			if err != nil || len(rows) == 0 {
				return errors.Join(err, errors.New("no call to offer"))
			}
			for _, hash := range []string{gate.Table("messagerie").Hash(), strings.Repeat("0", 64)} {
				c := call{principal: "messagerie", at: i.clock.Now(), id: rows[0].ID}
				e := c.entry(&rivage.InteractionOffered{Interaction: c.id, Offer: rivage.NewID(), Queue: "colis", Place: placeOf(s, rivage.ID(args[1]), rivage.Attested)})
				e.Leaf.Rules = hash
				if _, err := newJournal(i.vault, i.store).Append(context.Background(), rivage.Append{Entries: []rivage.Entry{e}}); err != nil {
					return err
				}
			}
			return nil
		}))
	},
	// A person who is signed in decides the opening of a site.
	"decide": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			s, err := openSettings(context.Background(), i)
			if err != nil {
				return err
			}
			var by config.By
			for id, a := range s.Settings().Accounts {
				if slices.ContainsFunc(a.Roles, func(r rivage.Role) bool { return r.Name == "dpo" }) {
					by = config.By{Account: id, Subject: a.Subject, Role: "dpo"}
				}
			}
			o := *s.Settings().Openings[rivage.ID(args[1])]
			o.Decision = &rivage.OpeningDecision{Verdict: rivage.OpeningVerdict(args[2]), Reason: "Décidé au vu du dossier."}
			doc, err := json.Marshal(o)
			if err != nil {
				return err
			}
			_, err = s.apply(context.Background(), by, false, false, func(current *config.Documents) (*config.Documents, error) {
				wanted := current.Clone()
				return wanted, wanted.Put(config.Key{Type: rivage.TypeOpening, ID: rivage.ID(args[1])}, doc)
			})
			return err
		}))
	},
	// A folder of settings in which the client organisation accepts the opening of Casablanca.
	"accepted": func(ts *testscript.TestScript, _ bool, args []string) {
		path := filepath.Join(ts.MkAbs(args[0]), "openings", "casablanca.toml")
		text, err := os.ReadFile(path)
		ts.Check(err)
		answer := "$0\nanswer = 'accepted'\nanswered_on = '2026-01-20'\nreference = 'Courrier 4'"
		ts.Check(os.WriteFile(path, regexp.MustCompile(`objection_until = .*`).ReplaceAll(text, []byte(answer)), 0o600))
	},
	// A folder of settings whose assessment for Lomé ended yesterday.
	"lome": func(ts *testscript.TestScript, _ bool, args []string) {
		path := filepath.Join(ts.MkAbs(args[0]), "safeguards", "aitd-lome.toml")
		text, err := os.ReadFile(path)
		ts.Check(err)
		yesterday := time.Now().AddDate(0, 0, -1).UTC().Format(time.DateOnly)
		ts.Check(os.WriteFile(path, regexp.MustCompile(`until = .*`).ReplaceAll(text, []byte("until = '"+yesterday+"'")), 0o600))
	},
	// A report bears the signature of the journal's key, and one that was touched does not.
	"signed": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error {
			key, err := i.verifierKey()
			if err != nil {
				return err
			}
			by, err := tlog.NewVerifier(key)
			if err != nil {
				return err
			}
			text := []byte(ts.ReadFile(args[1]))
			if _, err := tlog.OpenText(text, by); err != nil {
				return err
			}
			if _, err := tlog.OpenText(bytes.Replace(text, []byte("journal "), []byte("jornal  "), 1), by); err == nil {
				return errors.New("a report that was touched still bears the signature")
			}
			return nil
		}))
	},
	// The day a year ago, as DAY.
	"longago": func(ts *testscript.TestScript, _ bool, _ []string) {
		ts.Setenv("DAY", time.Now().AddDate(-1, 0, 0).Format(time.DateOnly))
	},
	"empties": empties,
	// Ports that the kernel chooses: scripts serve beside one another.
	"quiet": func(ts *testscript.TestScript, _ bool, args []string) {
		dir := ts.MkAbs(args[0])
		m, err := readMachine(dir)
		ts.Check(err)
		m.HTTPS = httpsMachine{Listen: "127.0.0.1:0", Plain: true}
		m.SIP, m.Media.Browser = sipMachine{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"}, "127.0.0.1:0"
		text, err := m.text()
		ts.Check(errors.Join(err, os.WriteFile(filepath.Join(dir, machineFile), text, 0o600)))
	},
	"erase": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), func(i *instance) error { return i.eraseCaller(rivage.ID(args[1])) }))
	},
	"consume": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(withSample(ts.MkAbs(args[0]), (*instance).consume))
	},
	"sql": func(ts *testscript.TestScript, _ bool, args []string) {
		db, err := sqlite.Connect(filepath.Join(ts.MkAbs(args[0]), "data", journalFile))
		ts.Check(err)
		ts.Check(errors.Join(db.Script(context.Background(), args[1]), db.Close()))
	},
	"flip":   func(ts *testscript.TestScript, _ bool, args []string) { ts.Check(flip(ts.MkAbs(args[0]), args[1:])) },
	"canary": canary,
	"serving": func(ts *testscript.TestScript, _ bool, args []string) {
		i, err := openInstance(context.Background(), ts.MkAbs(args[0]))
		ts.Check(err)
		unlock, err := i.lock()
		ts.Check(err)
		ts.Defer(func() { ts.Check(errors.Join(unlock(), i.Close())) })
	},
}

// makeSample makes an instance with the demo's settings and two clients.
func makeSample(dir string) error {
	m := defaultMachine()
	m.dir = dir
	if err := makeInstance(&m); err != nil {
		return err
	}
	list, err := vault.OpenErasures(m.key(erasureFile))
	if err := errors.Join(err, list.Close()); err != nil {
		return err
	}
	return withSample(dir, func(i *instance) error {
		s, err := openSettings(context.Background(), i)
		if err != nil {
			return err
		}
		if _, err = s.applyFolder(context.Background(), config.By{Role: "installer"}, demoSettings(), false, false); err != nil {
			return err
		}
		return i.vault.Secrets(i.store).PutSecret(context.Background(), "trunk/boucle", []byte("CANARI-secret"))
	})
}

func withSample(dir string, do func(*instance) error) error {
	i, err := openInstance(context.Background(), dir)
	if err != nil {
		return err
	}
	return errors.Join(do(i), i.Close())
}

// sampleCalls adds calls, one of each client in turn; the third of each client is recorded.
func (i *instance) sampleCalls(n int, at time.Time) error {
	files, err := vault.OpenRecordings(i.vault, i.machine.data(soundFolder))
	if err != nil {
		return err
	}
	for k := range n {
		principal := []rivage.ID{"messagerie", "mutuelle"}[k%2]
		if err := i.sampleCall(files, principal, k, at); err != nil {
			return err
		}
	}
	return files.Close(context.Background())
}

// canaryOf begins every id, number and text of one client's calls.
func canaryOf(principal rivage.ID) rivage.ID { return "canari-" + principal }

func (i *instance) sampleCall(files *vault.Recordings, principal rivage.ID, k int, at time.Time) error {
	ctx, j := context.Background(), newJournal(i.vault, i.store)
	c := call{principal: principal, at: at, id: rivage.ID(fmt.Sprintf("%s-%d-%s", canaryOf(principal), k, rivage.NewID()[:6]))}
	c.subject = rivage.ID(string(rivage.NewID()))
	opened := c.entry(&rivage.InteractionOpened{
		Interaction: c.id, Person: "p-" + c.subject, Subject: c.subject, New: true, Channel: rivage.ChannelVoice,
		Number: "+33298000000", Flow: "accueil", Class: "suivi", CallerLeg: "leg-" + c.id,
	})
	number := fmt.Sprintf("+3361%07d", k)
	opened.Subject, opened.Body = c.subject, fmt.Appendf(nil, `{"caller":%q,"name":"CANARI-nom-%s"}`, number, principal)
	opened.Cells = []rivage.Cell{{Name: "caller", Value: []byte(number)}}
	opened.Indexes = []rivage.Index{{Kind: person.IndexPhone, Value: number}}
	held := c.entry(&rivage.InteractionHeld{Interaction: c.id, Agent: "agent"})
	if _, err := j.Append(ctx, rivage.Append{Entries: []rivage.Entry{opened, held}, NewSubjects: []rivage.ID{c.subject}}); err != nil {
		return err
	}
	if k/2 != 2 {
		return nil
	}
	started := c.entry(&rivage.RecordingStarted{Interaction: c.id, Object: "obj-" + c.subject, Purpose: "quality", RetentionDays: 30})
	if _, err := j.Append(ctx, rivage.Append{Entries: []rivage.Entry{started}}); err != nil {
		return err
	}
	f := sealed.Format{Object: string("obj-" + c.subject), Encoding: sealed.ALaw, Rate: 8000, Channels: 2}
	rec, err := files.Recorder(ctx, c.subject, f)
	if err != nil {
		return err
	}
	if err := rec.Write(make([]byte, f.ChunkSize()), false); err != nil {
		return err
	}
	if err := rec.Write(make([]byte, 100), true); err != nil {
		return err
	}
	got, err := rec.End(ctx)
	if err != nil {
		return err
	}
	ended := c.entry(&rivage.RecordingEnded{
		Interaction: c.id, Object: got.Object, Outcome: "complete", Bytes: got.Bytes, Seconds: got.Seconds, Cipher: got.Cipher.String(),
	})
	_, err = j.Append(ctx, rivage.Append{Entries: []rivage.Entry{ended}})
	return err
}

type call struct {
	principal, id, subject rivage.ID
	at                     time.Time
}

func (c call) entry(f rivage.Facts) rivage.Entry {
	return rivage.Entry{
		Stream: rivage.StreamOf("interaction", c.id), Principal: c.principal, At: c.at, Facts: f,
		Leaf: rivage.Leaf{Role: "system", Site: "brest", Country: "FR", Evidence: rivage.Attested, Class: "suivi"},
	}
}

// eraseCaller erases who made the recorded call of a client, as the product does: the append, then what its consumer
// does outside the database.
func (i *instance) eraseCaller(principal rivage.ID) error {
	ctx := context.Background()
	rows, err := i.store.Interactions(ctx, store.InteractionFilter{Principals: []rivage.ID{principal}})
	if err != nil {
		return err
	}
	for _, row := range rows {
		objects, err := i.store.Objects(ctx, everyone, row.ID)
		if err != nil || len(objects) == 0 {
			continue
		}
		p, err := i.store.Person(ctx, everyone, row.Person)
		if err != nil {
			return err
		}
		_, err = newJournal(i.vault, i.store).Append(ctx, rivage.Append{Erase: p.Subjects, Entries: []rivage.Entry{{
			Stream: rivage.StreamOf("person", p.ID), Principal: principal, At: i.clock.Now(),
			Facts: &rivage.PersonErased{Person: p.ID, Subjects: p.Subjects},
		}}})
		if err != nil {
			return err
		}
	}
	return i.consume()
}

// consume does outside the database what the erasures in the journal ask, as a running process does.
func (i *instance) consume() error {
	ctx := context.Background()
	files, err := vault.OpenRecordings(i.vault, i.machine.data(soundFolder))
	if err != nil {
		return err
	}
	list, err := vault.OpenErasures(i.machine.key(erasureFile))
	if err != nil {
		return err
	}
	from, err := i.store.Cursor(ctx, eraserCursor)
	if err != nil {
		return err
	}
	entries, err := i.store.Entries(ctx, from, 1000)
	for n := range entries {
		err = errors.Join(err, eraser{i.store, i.vault, files, list}.take(ctx, &entries[n]))
	}
	return errors.Join(err, list.Close(), files.Close(ctx))
}

// flip flips one bit of a file, in the middle or at an offset. A folder means its first file.
func flip(path string, args []string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				path = p
				return fs.SkipAll
			}
			return err
		})
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := len(data) / 2
	if len(args) > 0 {
		if at, err = strconv.Atoi(args[0]); err != nil {
			return err
		}
	}
	data[at] ^= 1
	return os.WriteFile(path, data, 0o600)
}

// empties waits until no file is left in a folder, whatever its folders: a running process is about to remove them.
func empties(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		files := 0
		ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files++
			}
			return err
		}))
		if files == 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s: %d files are still there", args[0], files)
		}
	}
}

// canary looks for words in every file of a folder: none may be there (with !, all must).
func canary(ts *testscript.TestScript, neg bool, args []string) {
	found := map[string]string{}
	err := filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, word := range args[1:] {
			if strings.Contains(string(data), word) || strings.Contains(path, word) {
				found[word] = path
			}
		}
		return err
	})
	ts.Check(err)
	for _, word := range args[1:] {
		if path, ok := found[word]; ok != neg {
			ts.Fatalf("%s: found %v, in %s", word, ok, path)
		}
	}
}
