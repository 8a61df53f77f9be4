// Command worker works on orders.
package main

import (
	"fmt"

	"example.com/orders/shared"
)

func sum(orders []shared.Order) int {
	total := 0
	for _, order := range orders {
		if order.Valid() {
			total += order.Cents
		}
	}
	return total
}

func main() {
	fmt.Println(sum(nil))
}
