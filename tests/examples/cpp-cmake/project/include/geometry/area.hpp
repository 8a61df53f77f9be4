#pragma once

namespace geometry {

// The area of a triangle with these sides; 0 where there is no such triangle.
double area(double a, double b, double c);

}  // namespace geometry
