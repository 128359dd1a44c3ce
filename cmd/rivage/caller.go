// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage/edge/api/client"
	"rivage.example/rivage/edge/voice/caller"
)

// postWrapUp is how long an automatic post takes to wrap up.
const postWrapUp = 4 * time.Second

func callerCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "caller --demo FILE",
		Short: "Appelants et postes automatiques d'une démonstration, par SIP et HTTP, depuis un processus à part",
		Args:  exactly(0),
		RunE:  func(cmd *cobra.Command, _ []string) error { return callers(cmd, file) },
	}
	c.Flags().StringVar(&file, "demo", "", "fichier demo.json de la démonstration")
	return c
}

// callers plays everybody but the visitor: the public, and the posts that answer by themselves.
func callers(cmd *cobra.Command, file string) error {
	if file == "" {
		return usageError{fmt.Errorf("--demo is missing")}
	}
	d, err := readDemo(filepath.Dir(file))
	if err != nil {
		return fmt.Errorf("read the demo: %w", err)
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	go func() { // the demo holds the other end: a demo that is killed takes its callers along
		_, _ = io.Copy(io.Discard, cmd.InOrStdin())
		stop()
	}()
	voices, err := speech()
	if err != nil {
		return err
	}
	posts, err := caller.NewPosts(caller.PostsConfig{Listen: d.Posts, Users: d.posts(), Speech: voices})
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	running.Go(func() { report("posts", posts.Run(ctx)) })
	running.Go(func() { report("callers", caller.Run(ctx, d.callers(voices))) })
	for _, a := range d.Accounts {
		if a.Post != "" {
			running.Go(func() { staff(ctx, d, a) })
		}
	}
	running.Wait()
	return nil
}

// callers is how this demo's public rings: a few more than the posts can serve, so that somebody always waits.
func (d *demoInfo) callers(voices [][]byte) caller.Config {
	c := caller.Config{
		Target: d.SIP, Speech: voices, Concurrent: d.Callers, Seed: uint64(time.Now().UnixNano()),
		Pause: caller.Range{Min: time.Second, Max: 6 * time.Second}, Talk: caller.Range{Min: 45 * time.Second, Max: 100 * time.Second},
	}
	for _, n := range d.Numbers {
		c.Numbers = append(c.Numbers, n.Number)
	}
	return c
}

// posts are the SIP users of the automatic posts.
func (d *demoInfo) posts() []string {
	var users []string
	for _, a := range d.Accounts {
		if a.Post != "" {
			users = append(users, a.Post)
		}
	}
	return users
}

// speech is what callers and posts say: A-law.
func speech() ([][]byte, error) {
	files, err := fs.Glob(demoFiles, "demo/speech/*.wav")
	if err != nil {
		return nil, err
	}
	var voices [][]byte
	for _, name := range files {
		wav, err := demoFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		alaw, err := decodeWAV(wav)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		voices = append(voices, alaw)
	}
	return voices, nil
}

// report says on the process's own log why a part of it ended.
func report(part string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", part, err)
	}
}

// staff keeps one automatic post's desk open. An address that this machine does not have (a 127.0.0.x elsewhere than on
// Linux) is left out: its place is then declared, no longer attested.
func staff(ctx context.Context, d demoInfo, a demoAccount) {
	c := client.Config{Base: d.URL, Login: a.Login, Password: a.Password}
	if from, err := netip.ParseAddr(a.From); err == nil && hasAddress(from) {
		c.LocalAddr = from
	}
	for ctx.Err() == nil {
		report("post "+a.Login, client.Post(ctx, c, postWrapUp))
		wait(ctx, time.Second)
	}
}
