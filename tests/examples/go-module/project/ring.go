// Package ring keeps the last values of a stream.
package ring

// Ring holds at most as many values as it was made for.
type Ring[T any] struct {
	values []T
	next   int
	full   bool
}

// New makes a ring for size values.
func New[T any](size int) *Ring[T] {
	return &Ring[T]{values: make([]T, size)}
}

// Add puts a value in, in place of the oldest when the ring is full.
func (r *Ring[T]) Add(value T) {
	r.values[r.next] = value
	r.next = (r.next + 1) % len(r.values)
	r.full = r.full || r.next == 0
}

// Values returns what the ring holds, oldest first.
func (r *Ring[T]) Values() []T {
	if !r.full {
		return append([]T(nil), r.values[:r.next]...)
	}
	return append(append([]T(nil), r.values[r.next:]...), r.values[:r.next]...)
}
