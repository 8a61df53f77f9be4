package shared

import "testing"

func TestValid(t *testing.T) {
	if !(Order{ID: "1", Cents: 100}).Valid() {
		t.Error("a complete order is valid")
	}
	if (Order{Cents: 100}).Valid() {
		t.Error("an order without an id is not valid")
	}
}
