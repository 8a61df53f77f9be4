module Main (main) where

import Control.Monad (unless)
import Leap (isLeap)
import System.Exit (exitFailure)

main :: IO ()
main = unless (map isLeap [1900, 2000, 2023, 2024] == [False, True, False, True]) exitFailure
