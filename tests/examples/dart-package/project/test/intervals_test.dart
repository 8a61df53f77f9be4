import 'package:intervals/intervals.dart';
import 'package:test/test.dart';

void main() {
  test('an interval overlaps one that it holds', () {
    expect(const Interval(1, 9).overlaps(const Interval(3, 4)), isTrue);
    expect(const Interval(1, 2).overlaps(const Interval(3, 4)), isFalse);
  });
}
