//! lyon, a tessellator of vector graphics, fills and strokes paths of curves.

use common::{Checksum, Random};
use lyon_tessellation::geometry_builder::{VertexBuffers, simple_builder};
use lyon_tessellation::math::{Point, point};
use lyon_tessellation::path::Path;
use lyon_tessellation::{
    FillOptions, FillRule, FillTessellator, LineCap, LineJoin, StrokeOptions, StrokeTessellator,
};

fn main() {
    let mut random = Random::new(3);
    let mut sum = Checksum::default();
    let mut fill = FillTessellator::new();
    let mut stroke = StrokeTessellator::new();
    for n in 0..60 {
        let path = blob(&mut random, 12 + n % 20);
        let mut mesh: VertexBuffers<Point, u16> = VertexBuffers::new();
        let rule = if n % 2 == 0 { FillRule::EvenOdd } else { FillRule::NonZero };
        let options = FillOptions::tolerance(0.02).with_fill_rule(rule);
        fill.tessellate_path(&path, &options, &mut simple_builder(&mut mesh))
            .expect("the path can be filled");
        let options = StrokeOptions::tolerance(0.02)
            .with_line_width(1.5)
            .with_line_join(LineJoin::Round)
            .with_line_cap(LineCap::Round);
        stroke
            .tessellate_path(&path, &options, &mut simple_builder(&mut mesh))
            .expect("the path can be stroked");
        for vertex in &mesh.vertices {
            // Rounded, so that the last bits do not count.
            sum.add(((vertex.x * 64.0) as i32).to_le_bytes());
            sum.add(((vertex.y * 64.0) as i32).to_le_bytes());
        }
        sum.add(mesh.indices.len().to_le_bytes());
    }
    sum.print();
}

/// Returns a closed path that intersects itself, and a second one within.
fn blob(random: &mut Random, corners: usize) -> Path {
    let mut builder = Path::builder();
    for size in [100.0, 40.0] {
        let mut corner =
            || point((random.fraction() - 0.5) * size, (random.fraction() - 0.5) * size);
        builder.begin(corner());
        for n in 0..corners {
            match n % 3 {
                0 => builder.line_to(corner()),
                1 => builder.quadratic_bezier_to(corner(), corner()),
                _ => builder.cubic_bezier_to(corner(), corner(), corner()),
            };
        }
        builder.end(true);
    }
    builder.build()
}
