module Roman

let rec ofInt n =
    if n >= 10 then "X" + ofInt (n - 10)
    elif n >= 5 then "V" + ofInt (n - 5)
    elif n >= 1 then "I" + ofInt (n - 1)
    else ""
