module example.com/orders/shared

go 1.25.0
