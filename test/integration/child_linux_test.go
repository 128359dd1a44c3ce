// SPDX-License-Identifier: EUPL-1.2

package integration

import "syscall"

// child gets a signal when the test goes down, also when that is killed.
func child(end syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: end} }
