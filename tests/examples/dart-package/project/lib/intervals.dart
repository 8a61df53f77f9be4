/// An interval of whole numbers, both ends included.
class Interval {
  const Interval(this.first, this.last);

  final int first;
  final int last;

  bool contains(int number) => first <= number && number <= last;

  bool overlaps(Interval other) => contains(other.first) || other.contains(first);
}
