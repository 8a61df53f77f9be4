// Command api takes orders.
package main

import (
	"encoding/json"
	"log"
	"net/http"

	"example.com/orders/shared"
)

func take(w http.ResponseWriter, r *http.Request) {
	var order shared.Order
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil || !order.Valid() {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func main() {
	http.HandleFunc("POST /orders", take)
	log.Fatal(http.ListenAndServe(":8080", nil))
}
