module Main (main) where

import Greet (greet)
import System.Environment (getArgs)

main :: IO ()
main = getArgs >>= putStrLn . greet . unwords
