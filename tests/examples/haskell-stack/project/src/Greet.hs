module Greet (greet) where

greet :: String -> String
greet name = "Hello, " ++ (if null name then "you" else name) ++ "!"
