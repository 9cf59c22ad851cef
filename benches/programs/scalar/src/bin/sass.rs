//! grass, a compiler of Sass to CSS, compiles a style sheet.

use common::Checksum;
use grass_compiler::{Options, OutputStyle, from_string};

fn main() {
    let mut sum = Checksum::default();
    for round in 0..6 {
        let source = format!("$round: {round};\n{}", include_str!("../../scripts/style.scss"));
        let style = if round % 2 == 0 { OutputStyle::Expanded } else { OutputStyle::Compressed };
        let css = from_string(source, &Options::default().style(style).quiet(true));
        sum.add(css.expect("the style sheet is valid"));
    }
    sum.print();
}
