// Command status serves the state of a system, and the page that shows it.
package main

import (
	"log"
	"net/http"
)

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("GET /", http.FileServer(http.Dir("web/dist")))
	return mux
}

func main() {
	log.Fatal(http.ListenAndServe(":8080", handler()))
}
