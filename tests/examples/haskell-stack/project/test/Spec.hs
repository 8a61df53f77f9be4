module Main (main) where

import Greet (greet)
import Test.Hspec

main :: IO ()
main = hspec $
  describe "greet" $
    it "greets somebody without a name too" $
      greet "" `shouldBe` "Hello, you!"
