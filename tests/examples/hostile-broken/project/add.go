// Package served works although the manifests around it don't.
package served

// Add adds.
func Add(a, b int) int { return a + b }
