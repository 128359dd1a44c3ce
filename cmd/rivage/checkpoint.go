// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/verify"
)

func checkpointCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "checkpoint --dir DIR",
		Short: "Écrire le point de contrôle signé du journal, à remettre hors des mains de l'opérateur",
		Long:  "Prints the signed checkpoint of the journal. Publishes first, unless a running process does: then the last published one is printed. Send it every day to people the operator does not command; `rivage verify --since` compares with it.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInstance(cmd, dir, func(i *instance) error {
				text, err := i.checkpoint(cmd.Context())
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			})
		},
	}
	dirFlag(c, &dir)
	return c
}

// checkpoint is the last signed checkpoint, after a publication when no running process makes them.
func (i *instance) checkpoint(ctx context.Context) (text []byte, err error) {
	unlock, err := i.lock()
	if rivage.CodeOf(err) == rivage.Busy {
		return i.lastCheckpoint(ctx)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	lease, err := i.takeFloor(ctx)
	if rivage.CodeOf(err) == rivage.Busy { // on another machine
		return i.lastCheckpoint(ctx)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, i.store.Release(context.WithoutCancel(ctx), lease)) }()
	p, err := i.publisher()
	if err != nil {
		return nil, err
	}
	return p.Publish(ctx)
}

func (i *instance) lastCheckpoint(ctx context.Context) ([]byte, error) {
	last, err := i.store.Published(ctx)
	if err == nil && last.Checkpoint == nil {
		err = &rivage.Error{Code: rivage.Unavailable, Message: "the running process has published nothing yet: try again in a few seconds"}
	}
	return last.Checkpoint, err
}

// writeVerifierKey puts the log's verifier key beside its tiles.
func (i *instance) writeVerifierKey() error {
	key, err := i.verifierKey()
	if err != nil {
		return err
	}
	path := i.machine.data(tilesFolder, verify.KeyFile)
	text := []byte(key + "\n")
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.WriteFile(path+".new", text, 0o640); err != nil {
		return fmt.Errorf("write the verifier key: %w", err)
	}
	return os.Rename(path+".new", path)
}
