// SPDX-License-Identifier: Apache-2.0

package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheExampleUploadsInConstantMemory runs the example with a small photo and
// with one of 20 MiB, the largest that servers accept. It compiles the example
// unless $PINHOLE_EXAMPLE is the compiled program.
func TestTheExampleUploadsInConstantMemory(t *testing.T) {
	server := newServer(t)
	folder := t.TempDir()
	program := os.Getenv("PINHOLE_EXAMPLE")
	if program == "" {
		program = filepath.Join(folder, "share_photo")
		build := exec.Command("go", "build", "-o", program, "pinhole.example/go/example/share_photo")
		if output, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	// Returns the largest resident size in KiB until most of the photo is sent.
	// The connection then breaks, and the example sends the photo again. (The
	// size that the operating system reports after the end includes that of the
	// process that started it.)
	share := func(handle string, size int) int {
		photo := picture(t, size)
		file := filepath.Join(folder, handle+".jpg")
		check(t, os.WriteFile(file, photo, 0o600))
		started, peak := make(chan int, 1), make(chan int, 1)
		proxy := startProxy(t, server.address, breaker{
			afterBytes: int64(len(photo) - 10_000),
			holding:    func() { peak <- residentPeak(t, <-started) },
		})
		command := exec.Command(program, proxy.address, handle, password, file)
		var output bytes.Buffer
		command.Stdout, command.Stderr = &output, &output
		check(t, command.Start())
		started <- command.Process.Pid
		if err := command.Wait(); err != nil || !strings.Contains(output.String(), "My first photo") {
			t.Fatalf("%v\n%s", err, output.String())
		}
		return <-peak
	}
	small, large := share("ansel", 50_000), share("dorothea", 20<<20)
	t.Logf("largest resident size: %d KiB with a small photo, %d KiB with 20 MiB", small, large)
	if small == 0 || large-small > 8<<10 {
		t.Errorf("uploading 20 MiB took %d KiB more memory", large-small)
	}
}

// residentPeak returns the largest resident size of a process so far, in KiB.
func residentPeak(t *testing.T, pid int) (size int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Error(err)
	}
	for _, line := range strings.Split(string(status), "\n") {
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &size); err == nil {
			break
		}
	}
	return size
}
