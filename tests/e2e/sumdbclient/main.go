// SPDX-License-Identifier: Apache-2.0

// Looks modules up with the public client of golang.org/x/mod/sumdb, which Larder has no part in.
//
// usage: sumdbclient KEY BASE < MODULES      BASE: a URL, or a folder; MODULES: lines "PATH VERSION"
//
// Prints the lines of go.sum that the client vouches for, for each module in the order of the input. Everything that
// it remembers is in memory. Ends 1, with the error, at the first that cannot be proven.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb"
)

type memory struct {
	key, base string
	mutex     sync.Mutex
	config    map[string][]byte
	files     map[string][]byte
}

func (m *memory) ReadRemote(path string) ([]byte, error) {
	if !strings.Contains(m.base, "://") {
		return os.ReadFile(filepath.Join(m.base, filepath.FromSlash(path)))
	}
	answer, err := http.Get(m.base + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, answer.Status, data)
	}
	return data, err
}

func (m *memory) ReadConfig(file string) ([]byte, error) {
	if file == "key" {
		return []byte(m.key), nil
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.config[file], nil
}

func (m *memory) WriteConfig(file string, old, new []byte) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if string(m.config[file]) != string(old) {
		return sumdb.ErrWriteConflict
	}
	m.config[file] = new
	return nil
}

func (m *memory) ReadCache(file string) ([]byte, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if data, ok := m.files[file]; ok {
		return data, nil
	}
	return nil, errors.New("not cached")
}

func (m *memory) WriteCache(file string, data []byte) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.files[file] = data
}

func (m *memory) Log(string)           {}
func (m *memory) SecurityError(string) {}

func run() error {
	if len(os.Args) != 3 {
		return errors.New("usage: sumdbclient KEY BASE < MODULES")
	}
	client := sumdb.NewClient(&memory{key: os.Args[1], base: os.Args[2], config: map[string][]byte{}, files: map[string][]byte{}})
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		path, version, ok := strings.Cut(input.Text(), " ")
		if !ok {
			return fmt.Errorf("no module: %q", input.Text())
		}
		for _, suffix := range []string{"", "/go.mod"} {
			lines, err := client.Lookup(path, version+suffix)
			if err != nil {
				return fmt.Errorf("%s@%s: %w", path, version+suffix, err)
			}
			for _, line := range lines {
				fmt.Println(line)
			}
		}
	}
	return input.Err()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
