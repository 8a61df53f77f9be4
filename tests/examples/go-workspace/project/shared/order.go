// Package shared has what all parts of the shop agree on.
package shared

// Order is what a customer asked for.
type Order struct {
	ID    string
	Cents int
}

// Valid tells whether the order can be worked on.
func (o Order) Valid() bool {
	return o.ID != "" && o.Cents > 0
}
