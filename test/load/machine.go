// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine says what the figures were made on, and how busy it was with other things.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d × %s, %s, load %s", runtime.NumCPU(), model, runtime.Version(), load())
}

// load is the machine's load averages.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// tick is the unit of /proc/PID/stat, proc(5): USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// used is the processor time a process has taken, in user space and in the kernel for it.
func used(pid int) (time.Duration, error) {
	user, kernel, err := usage(pid)
	return user + kernel, err
}

// mediaThread is how the media engine names its loops.
const mediaThread = "media"

// usedBy is used, of the threads of that name.
func usedBy(pid int, name string) (sum time.Duration, err error) {
	folders, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		return 0, err
	}
	for _, folder := range folders {
		comm, err := os.ReadFile(filepath.Join(folder, "comm"))
		if err != nil || strings.TrimSpace(string(comm)) != name {
			continue // gone, or another
		}
		user, kernel, err := usageIn(folder)
		if err != nil {
			return 0, err
		}
		sum += user + kernel
	}
	return sum, nil
}

// usage is used, apart.
func usage(pid int) (user, kernel time.Duration, err error) {
	return usageIn(fmt.Sprintf("/proc/%d", pid))
}

// usageIn reads the stat of a process or thread.
func usageIn(folder string) (user, kernel time.Duration, err error) {
	text, err := os.ReadFile(filepath.Join(folder, "stat"))
	if err != nil {
		return 0, 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, 0, fmt.Errorf("%s/stat is short", folder)
	}
	u, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, 0, err
	}
	k, err := strconv.Atoi(fields[12])
	return time.Duration(u) * tick, time.Duration(k) * tick, err
}

// drops is how many datagrams each UDP port of this machine had no room for, proc_net_udp(5).
func drops() (map[int]int64, error) {
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return nil, err
	}
	all := map[int]int64{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 13 || fields[0] == "sl" {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		port, err := strconv.ParseInt(hex, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("/proc/net/udp: %w", err)
		}
		n, err := strconv.ParseInt(fields[len(fields)-1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("/proc/net/udp: %w", err)
		}
		all[int(port)] += n
	}
	return all, nil
}

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// resident is a process's memory in bytes; 0 when it cannot be read.
func resident(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}

// settle waits until a process gives no more memory back: what signing in took is not to be counted with the calls.
func settle(ctx context.Context, pid int) error {
	for range 24 {
		before := resident(pid)
		if _, err := over(ctx, pid, 5*time.Second); err != nil {
			return err
		}
		if resident(pid) > before*49/50 {
			break
		}
	}
	return nil
}

// over is what a process takes while nothing is asked of it, per second.
func over(ctx context.Context, pid int, d time.Duration) (time.Duration, error) {
	before, err := used(pid)
	if err != nil {
		return 0, err
	}
	if err := sleep(ctx, d); err != nil {
		return 0, err
	}
	after, err := used(pid)
	return time.Duration(float64(after-before) / d.Seconds()), err
}
