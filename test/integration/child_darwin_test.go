// SPDX-License-Identifier: EUPL-1.2

package integration

import "syscall"

// child outlives a test that is killed: only Linux can bind the two.
func child(syscall.Signal) *syscall.SysProcAttr { return nil }
