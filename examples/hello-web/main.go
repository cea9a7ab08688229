// SPDX-License-Identifier: Apache-2.0

// Command hello-web greets visitors over HTTP. It is small, but it is a real program: a router, a configuration
// file, request numbers, a cache and an access log, each from a public module.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	address := flag.String("listen", "127.0.0.1:8000", "`address` to listen on")
	config := flag.String("config", "", "YAML `file` with greetings")
	flag.Parse()

	greetings := defaultGreetings()
	if *config != "" {
		data, err := os.ReadFile(*config)
		if err != nil {
			log.Fatal(err)
		}
		if greetings, err = parseGreetings(data); err != nil {
			log.Fatalf("%s: %v", *config, err)
		}
	}
	handler, err := newHandler(greetings, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	log.Printf("listening on http://%s/hello/gopher", *address)
	log.Fatal(server.ListenAndServe())
}
