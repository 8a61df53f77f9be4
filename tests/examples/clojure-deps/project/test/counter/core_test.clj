(ns counter.core-test
  (:require [clojure.test :refer [deftest is]]
            [counter.core :as core]))

(deftest counts
  (is (= 2 (core/count-words "a b"))))
