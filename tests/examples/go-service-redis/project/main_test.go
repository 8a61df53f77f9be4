package main

import (
	"net/http/httptest"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestEachVisitCounts(t *testing.T) {
	options, err := redis.ParseURL(address())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	client.Del(t.Context(), "visits")
	for _, want := range []string{"1\n", "2\n"} {
		w := httptest.NewRecorder()
		handler(client)(w, httptest.NewRequest("GET", "/", nil))
		if w.Body.String() != want {
			t.Errorf("got %q, want %q", w.Body.String(), want)
		}
	}
}
