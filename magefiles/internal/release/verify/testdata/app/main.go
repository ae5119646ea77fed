// Command app is the app that the scenarios verify. Environment variables determine its behaviour. With the
// argument status, it prints the output of supervisorctl status.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const (
	records = "/data/records.json"
	started = "/data/started"
	format  = "/data/format" // format of the data, set by FORMAT; an older version does not know a newer format
)

func main() {
	if len(os.Args) > 1 {
		status()
	}
	// The log is on one stream, so its lines stay in order.
	fmt.Fprintln(os.Stderr, "starting on", os.Args[0])
	if os.Getenv("EXITS") != "" {
		fmt.Fprintln(os.Stderr, "no such table: printers")
		os.Exit(4)
	}
	switch {
	case !tooNew():
		_ = os.WriteFile(format, []byte(os.Getenv("FORMAT")), 0o644)
	case os.Getenv("STUCK") == "":
		fmt.Fprintln(os.Stderr, "the data has a format that this version does not know")
		os.Exit(4)
	}
	if after, err := time.ParseDuration(os.Getenv("DIES_AFTER")); err == nil {
		time.AfterFunc(after, func() { fmt.Fprintln(os.Stderr, "a sudden end"); os.Exit(5) })
	}
	_ = os.WriteFile(started, nil, 0o644)
	var stored []json.RawMessage
	if kept, err := os.ReadFile(records); err == nil && os.Getenv("FORGETS") == "" {
		_ = json.Unmarshal(kept, &stored)
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	go func() { // what is in memory is only saved on SIGTERM
		<-end
		kept, _ := json.Marshal(stored)
		_ = os.WriteFile(records, kept, 0o644)
		os.Exit(0)
	}()
	version := said("VERSION")
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if os.Getenv("NEVER") != "" || tooNew() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, `{"status": "ok", "version": %q}`, version)
	})
	http.HandleFunc("/records", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			stored = append(stored, body)
			w.WriteHeader(http.StatusCreated)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": stored})
	})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><script type="module" src="/assets/app.js"></script>`)
	})
	http.HandleFunc("/assets/app.js", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "const version = %q", said("PAGE"))
	})
	fmt.Println(http.ListenAndServe(":8000", nil))
}

// tooNew reports whether a newer version has changed the data.
func tooNew() bool {
	is, _ := os.ReadFile(format)
	return string(is) > os.Getenv("FORMAT")
}

// said returns the version from the environment, or else from the file /VERSION.
func said(variable string) string {
	if value := os.Getenv(variable); value != "" {
		return value
	}
	carried, _ := os.ReadFile("/VERSION")
	return strings.TrimSpace(string(carried))
}

func status() {
	state, pid, code := "RUNNING   pid 8, uptime 0:00:01", 7, 0
	if os.Getenv("PIDS") != "" {
		pid = time.Now().Nanosecond()
	}
	if tooNew() {
		state, code = "BACKOFF   Exited too quickly (process log may have details)", 3
	} else if os.Getenv("FATAL") != "" {
		state, code = "FATAL     Exited too quickly (process log may have details)", 3
	} else if info, err := os.Stat(started); err == nil && time.Since(info.ModTime()) < time.Second {
		state, code = "STARTING", 3
	}
	fmt.Printf("api        RUNNING   pid %d, uptime 0:00:01\nmonitor    %s\n", pid, state)
	os.Exit(code)
}
