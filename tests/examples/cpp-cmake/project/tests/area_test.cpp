#include "geometry/area.hpp"

#include <gtest/gtest.h>

TEST(Area, OfARightTriangle) {
  EXPECT_DOUBLE_EQ(geometry::area(3, 4, 5), 6);
}

TEST(Area, OfNoTriangle) {
  EXPECT_EQ(geometry::area(1, 1, 5), 0);
}
