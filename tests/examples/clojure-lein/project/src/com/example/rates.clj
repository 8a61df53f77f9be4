(ns com.example.rates
  (:gen-class))

(defn convert [amount rate]
  (* amount rate))

(defn -main [& _]
  (println (convert 2 3)))
