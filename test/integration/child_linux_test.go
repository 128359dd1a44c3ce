// SPDX-License-Identifier: EUPL-1.2

package integration

import "syscall"

// child goes down with the test, also when that is killed.
func child() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
