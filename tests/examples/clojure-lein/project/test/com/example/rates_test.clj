(ns com.example.rates-test
  (:require [clojure.test :refer [deftest is]]
            [com.example.rates :as rates]))

(deftest converts
  (is (= 6 (rates/convert 2 3))))
