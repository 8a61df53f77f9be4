module example.com/orders/worker

go 1.25.0

require example.com/orders/shared v0.0.0

replace example.com/orders/shared => ../shared
