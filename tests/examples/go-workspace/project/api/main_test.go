package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTakeRefusesAnIncompleteOrder(t *testing.T) {
	w := httptest.NewRecorder()
	take(w, httptest.NewRequest("POST", "/orders", strings.NewReader(`{"Cents": 5}`)))
	if w.Code != 400 {
		t.Errorf("got %d", w.Code)
	}
}
