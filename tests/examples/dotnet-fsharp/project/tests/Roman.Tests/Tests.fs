module Tests

open NUnit.Framework

[<Test>]
let ``eleven is XI`` () = Assert.That(Roman.ofInt 11, Is.EqualTo "XI")
