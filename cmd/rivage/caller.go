// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage/edge/api/client"
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
	ctx := cmd.Context()
	var running sync.WaitGroup
	for _, a := range d.Accounts {
		if a.Post != "" {
			running.Go(func() { staff(ctx, d, a) })
		}
	}
	running.Wait()
	return nil
}

// staff keeps one automatic post's desk open. An address that this machine does not have (a 127.0.0.x elsewhere than on
// Linux) is left out: its place is then declared, no longer attested.
func staff(ctx context.Context, d demoInfo, a demoAccount) {
	c := client.Config{Base: d.URL, Login: a.Login, Password: a.Password}
	if from, err := netip.ParseAddr(a.From); err == nil && hasAddress(from) {
		c.LocalAddr = from
	}
	for ctx.Err() == nil {
		if err := client.Post(ctx, c, postWrapUp); err != nil {
			fmt.Fprintf(os.Stderr, "post %s: %v\n", a.Login, err)
		}
		wait(ctx, time.Second)
	}
}
