package com.example.shapes

class SquareSuite extends munit.FunSuite {
  test("area") {
    assertEquals(Square(3).area, 9)
  }
}
