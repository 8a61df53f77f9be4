(ns counter.core)

(defn count-words [text]
  (count (re-seq #"\w+" text)))
