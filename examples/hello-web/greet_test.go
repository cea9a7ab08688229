// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestHello(t *testing.T) {
	var accessLog bytes.Buffer
	handler, err := newHandler(defaultGreetings(), &accessLog)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()

	for _, test := range []struct{ path, want string }{
		{"/hello/gopher", "Hello, gopher! Visit number 1.\n"},
		{"/hello/gopher?lang=de", "Hallo, gopher! Visit number 2.\n"},
		{"/hello/ana?lang=sr", "Zdravo, ana! Visit number 1.\n"},
		{"/hello/ana?lang=xx", "Hello, ana! Visit number 2.\n"},
		{"/healthz", "ok\n"},
	} {
		answer, err := http.Get(server.URL + test.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(body) != test.want {
			t.Errorf("%s: got %q, %v; want %q", test.path, body, err, test.want)
		}
		if _, err := uuid.Parse(answer.Header.Get("X-Request-Id")); err != nil {
			t.Errorf("%s: request number: %v", test.path, err)
		}
	}
	if !strings.Contains(accessLog.String(), "GET /hello/gopher?lang=de") {
		t.Errorf("access log lacks a request:\n%s", accessLog.String())
	}
}

func TestParseGreetings(t *testing.T) {
	for _, test := range []struct {
		name, text string
		good       bool
	}{
		{"two", "en: Hi %s\nfr: Salut %s\n", true},
		{"no English", "fr: Salut %s\n", false},
		{"not a map", "- 1\n", false},
		{"not YAML", "{", false},
	} {
		if _, err := parseGreetings([]byte(test.text)); (err == nil) != test.good {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}
