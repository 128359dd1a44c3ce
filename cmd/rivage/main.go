// SPDX-License-Identifier: EUPL-1.2

// Command rivage is the whole product: the contact centre, its demo, and the tools that check what it did.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
)

// version is set from the tag when the binary is built.
var version = "devel"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The exit statuses: 1 is a refusal or a failure, 2 a wrong command line or configuration.
const (
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a wrong command line.
type usageError struct{ error }

// run is main with its surroundings given, so that tests type commands as people do.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(errs, "rivage:", err)
	var u usageError
	if errors.As(err, &u) || rivage.CodeOf(err) == rivage.Invalid {
		return exitUsage
	}
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "rivage",
		Short:         "Rivage, centre de contact souverain",
		Long:          "Rivage: a contact centre on your own ground, where place, company and law are part of every decision, and which proves it.",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		demoCommand(), serveCommand(), initCommand(), callerCommand(), parcelsCommand(),
		checkCommand(), verifyCommand(), checkpointCommand(), exportCommand(), whyCommand(), policyCommand(), egressCommand(), evidenceCommand(), openingCommand(),
		simulateCommand(), whereCommand(), personsCommand(),
		configCommand(), inviteCommand(), secretCommand(), backupCommand(), restoreCommand(), dropCommand(),
	)
	return root
}

// atLeast is cobra.MinimumNArgs with an error that is a usage error.
func atLeast(n int) cobra.PositionalArgs { return usage(cobra.MinimumNArgs(n)) }

// exactly is cobra.ExactArgs with an error that is a usage error.
func exactly(n int) cobra.PositionalArgs { return usage(cobra.ExactArgs(n)) }

func usage(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, list []string) error {
		if err := args(c, list); err != nil {
			return usageError{err}
		}
		return nil
	}
}
