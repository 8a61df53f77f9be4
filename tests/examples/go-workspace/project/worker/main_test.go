package main

import (
	"testing"

	"example.com/orders/shared"
)

func TestSumLeavesOutWhatIsNotValid(t *testing.T) {
	if got := sum([]shared.Order{{ID: "1", Cents: 3}, {Cents: 4}}); got != 3 {
		t.Errorf("got %d", got)
	}
}
