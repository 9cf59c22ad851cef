//! Variables of Zig, for tests of debug information; build.sh compiles it.

pub const panic = @import("std").debug.no_panic;

const Point = struct { x: i32, y: f64 };
const Shape = union(enum) { dot: void, circle: f32 };
const Color = enum { red, green };

fn sum(values: []const u16, text: []const u8, point: *const Point, more: ?u32) u32 {
    var total: u32 = 0;
    for (values) |value| {
        total += value;
    }
    var shape = Shape{ .circle = 2.5 };
    var row = [_]i8{ -1, 0, 1 };
    const color = Color.green;
    _ = .{ &shape, &row };
    if (more) |some| total += some;
    if (color == .green and shape == .circle) total += @intCast(point.x + row[2]);
    return total + text.len;
}

export fn run() u32 {
    const values = [_]u16{ 1, 2, 3 };
    const point = Point{ .x = 4, .y = 0.5 };
    return sum(&values, "zig", &point, 7);
}
