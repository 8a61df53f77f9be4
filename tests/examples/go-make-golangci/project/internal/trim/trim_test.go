package trim

import "testing"

func TestLine(t *testing.T) {
	for in, want := range map[string]string{"a  ": "a", "\tb\t": "\tb", "": ""} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}
