package ring

import (
	"slices"
	"testing"
)

func TestTheOldestValueGivesWay(t *testing.T) {
	r := New[int](3)
	for i := range 5 {
		r.Add(i)
	}
	if got := r.Values(); !slices.Equal(got, []int{2, 3, 4}) {
		t.Fatalf("got %v", got)
	}
}
