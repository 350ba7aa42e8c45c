package load

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc: USER_HZ is 100 on every Linux.
const tick = 10 * time.Millisecond

// cpuOf is what a process has used, user and system; 0 for pid 0.
func cpuOf(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	f, err := statOf(pid)
	if err != nil {
		return 0, err
	}
	return f.cpu, nil
}

// cpuOfTree is cpuOf over a process and all that descend from it: a database forks.
func cpuOfTree(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	root, err := statOf(pid)
	if err != nil {
		return 0, err
	}
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("list processes: %w", err)
	}
	stats := map[int]stat{}
	for _, p := range paths {
		id, _ := strconv.Atoi(strings.Split(p, "/")[2])
		if s, err := statOf(id); err == nil {
			stats[id] = s
		}
	}
	sum := root.cpu + root.ended
	for id := range stats {
		if id != pid && descends(stats, id, pid) {
			sum += stats[id].cpu + stats[id].ended
		}
	}
	return sum, nil
}

func descends(stats map[int]stat, id, from int) bool {
	for range len(stats) {
		id = stats[id].parent
		if id == from {
			return true
		}
		if id <= 1 {
			return false
		}
	}
	return false
}

// stat is what is needed of /proc/PID/stat.
type stat struct {
	parent int
	cpu    time.Duration
	ended  time.Duration // of children that ended
}

func statOf(pid int) (stat, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("read the CPU of process %d: %w", pid, err)
	}
	// the name may hold spaces and parentheses; everything after the last one is plain
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 15 {
		return stat{}, fmt.Errorf("read the CPU of process %d: %d fields", pid, len(f))
	}
	n := func(i int) int { v, _ := strconv.Atoi(f[i]); return v }
	return stat{
		parent: n(1),
		cpu:    time.Duration(n(11)+n(12)) * tick,
		ended:  time.Duration(n(13)+n(14)) * tick,
	}, nil
}

// memoryOf is a process's resident bytes, and of those the ones that are not a file's.
func memoryOf(pid int) (rss, anon int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseInt(f[1], 10, 64)
		switch f[0] {
		case "VmRSS:":
			rss = kb << 10
		case "RssAnon:":
			anon = kb << 10
		}
	}
	return rss, anon, nil
}

// machine says where figures were taken.
func machine() string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%s, %d cores, Linux %s", model, cores(), strings.TrimSpace(string(kernel)))
}
