package com.example.shapes.json

import com.example.shapes.Square

object Encode {
  def apply(square: Square): String = s"""{"side":${square.side}}"""
}
