//! naga, a compiler of shaders, validates a module in WGSL and writes it in GLSL and SPIR-V.

use common::Checksum;
use naga::ShaderStage;
use naga::back::{glsl, spv};
use naga::front::wgsl;
use naga::proc::BoundsCheckPolicies;
use naga::valid::{Capabilities, ValidationFlags, Validator};

/// The number of materials in the module.
const MATERIALS: usize = 40;

fn main() {
    let source = source();
    let module = wgsl::parse_str(&source).expect("the module can be parsed");
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .expect("the module is valid");

    let words = spv::write_vec(&module, &info, &spv::Options::default(), None)
        .expect("the module has a form in SPIR-V");
    let mut text = String::new();
    let options = glsl::Options { version: glsl::Version::Desktop(450), ..Default::default() };
    let pipeline = glsl::PipelineOptions {
        shader_stage: ShaderStage::Fragment,
        entry_point: "main".to_owned(),
        multiview: None,
    };
    let policies = BoundsCheckPolicies::default();
    glsl::Writer::new(&mut text, &module, &info, &options, &pipeline, policies)
        .and_then(|mut writer| writer.write())
        .expect("the module has a form in GLSL");

    let mut sum = Checksum::default();
    for word in words {
        sum.add(word.to_le_bytes());
    }
    sum.add(text);
    sum.print();
}

/// Returns the module: all materials, and an entry point that adds them up.
fn source() -> String {
    let material = include_str!("../../scripts/shader.wgsl");
    let materials = (0..MATERIALS).map(|n| material.replace("INDEX", &n.to_string()));
    let mut text: String = materials.collect();
    text += "@fragment fn main(@location(0) at: vec3<f32>, @location(1) normal: vec3<f32>)
                 -> @location(0) vec4<f32> {
                 var color = vec4<f32>(0.0);\n";
    for n in 0..MATERIALS {
        text += &format!("color = color + shade{n}(at, normalize(normal));\n");
    }
    text + "return color; }"
}
