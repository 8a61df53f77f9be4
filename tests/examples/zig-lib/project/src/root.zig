const std = @import("std");

/// The value, brought between the two bounds.
pub fn clamp(value: i32, low: i32, high: i32) i32 {
    return @max(low, @min(high, value));
}

test "a value outside is brought to the nearer bound" {
    try std.testing.expectEqual(@as(i32, 3), clamp(7, 1, 3));
    try std.testing.expectEqual(@as(i32, 1), clamp(-7, 1, 3));
}
