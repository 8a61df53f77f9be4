#include "geometry/area.hpp"

#include <cmath>

namespace geometry {

double area(double a, double b, double c) {
  const double s = (a + b + c) / 2;
  const double square = s * (s - a) * (s - b) * (s - c);
  return square > 0 ? std::sqrt(square) : 0;
}

}  // namespace geometry
