(defproject com.example/rates "0.2.0-SNAPSHOT"
  :description "Exchange rates"
  :license {:name "MIT"}
  :dependencies [[org.clojure/clojure "1.12.3"]
                 [ring/ring-core "1.15.3"]]
  :main ^:skip-aot com.example.rates
  :plugins [[dev.weavejester/lein-cljfmt "0.15.4"]]
  :aliases {"test-all" ["with-profile" "default:+1.11" "test"]}
  :profiles {:uberjar {:aot :all}
             :1.11 {:dependencies [[org.clojure/clojure "1.11.4"]]}})
