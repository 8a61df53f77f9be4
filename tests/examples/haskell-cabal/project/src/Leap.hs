-- | Leap years of the Gregorian calendar.
module Leap (isLeap) where

-- | Has the year 366 days?
isLeap :: Integer -> Bool
isLeap year = divides 4 && (not (divides 100) || divides 400)
  where
    divides n = year `mod` n == 0
