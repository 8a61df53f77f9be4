// Package trim cuts what nobody sees.
package trim

import "strings"

// Line returns the line without the spaces at its end.
func Line(line string) string {
	return strings.TrimRight(line, " \t")
}
