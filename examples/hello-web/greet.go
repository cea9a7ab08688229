// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/gorilla/handlers"
	lru "github.com/hashicorp/golang-lru/v2"
	"gopkg.in/yaml.v3"
)

// greetings maps a language to a greeting with one %s for the name.
type greetings map[string]string

func defaultGreetings() greetings {
	return greetings{"en": "Hello, %s!", "de": "Hallo, %s!", "sr": "Zdravo, %s!"}
}

func parseGreetings(data []byte) (greetings, error) {
	var found greetings
	if err := yaml.Unmarshal(data, &found); err != nil {
		return nil, err
	}
	if found["en"] == "" {
		return nil, errors.New(`no greeting for "en"`)
	}
	return found, nil
}

// newHandler serves /hello/{name}?lang=XX and /healthz, and writes an access log.
func newHandler(texts greetings, accessLog io.Writer) (http.Handler, error) {
	visits, err := lru.New[string, int](1000)
	if err != nil {
		return nil, err
	}
	router := chi.NewRouter()
	router.Use(numberRequests)
	router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	router.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		text, known := texts[r.URL.Query().Get("lang")]
		if !known {
			text = texts["en"]
		}
		name := chi.URLParam(r, "name")
		before, _ := visits.Get(name)
		visits.Add(name, before+1)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, text+" Visit number %d.\n", name, before+1)
	})
	return handlers.CombinedLoggingHandler(accessLog, handlers.CompressHandler(router)), nil
}

// numberRequests gives every answer a number to quote when asking about it.
func numberRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", uuid.NewString())
		next.ServeHTTP(w, r)
	})
}
