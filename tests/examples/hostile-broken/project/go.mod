module example.com/still-served

go 1.24.3
