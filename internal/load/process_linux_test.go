package load

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestProcessFigures(t *testing.T) {
	spin := time.Now().Add(50 * time.Millisecond)
	for time.Now().Before(spin) {
		_ = statLine(t)
	}
	cpu, err := cpuOf(os.Getpid())
	if err != nil || cpu <= 0 {
		t.Errorf("the own CPU is %s, %v", cpu, err)
	}
	rss, anon, err := memoryOf(os.Getpid())
	if err != nil || rss < 1<<20 || anon <= 0 || anon > rss {
		t.Errorf("the own memory is %d, of which %d is nobody's file, %v", rss, anon, err)
	}
	if cpu, err := cpuOf(0); cpu != 0 || err != nil {
		t.Errorf("of no process: %s, %v", cpu, err)
	}
}

// TestCPUOfTree: a database's work is done by its children.
func TestCPUOfTree(t *testing.T) {
	child := exec.Command("sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		tree, err := cpuOfTree(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		own, err := cpuOf(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		busy, err := cpuOf(child.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if busy > 0 && tree >= busy && tree >= own/2 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the tree used %s, this process %s, its child %s", tree, own, busy)
		}
	}
}

func statLine(t *testing.T) stat {
	t.Helper()
	s, err := statOf(os.Getpid())
	if err != nil || s.parent != os.Getppid() {
		t.Fatalf("got %+v, %v", s, err)
	}
	return s
}
