// One of the materials of a renderer. INDEX is its number.
struct MaterialINDEX {
    albedo: vec4<f32>,
    emission: vec3<f32>,
    roughness: f32,
    layers: array<vec4<f32>, 4>,
}

@group(0) @binding(INDEX) var<uniform> materialINDEX: MaterialINDEX;

fn noiseINDEX(p: vec2<f32>) -> f32 {
    var value = 0.0;
    var amplitude = 0.5;
    var q = p * f32(INDEX + 1);
    for (var octave: i32 = 0; octave < 5; octave = octave + 1) {
        let cell = floor(q);
        let part = fract(q);
        let weight = part * part * (vec2<f32>(3.0) - 2.0 * part);
        let a = fract(sin(dot(cell, vec2<f32>(12.9898, 78.233))) * 43758.547);
        let b = fract(sin(dot(cell + vec2<f32>(1.0, 0.0), vec2<f32>(12.9898, 78.233))) * 43758.547);
        let c = fract(sin(dot(cell + vec2<f32>(0.0, 1.0), vec2<f32>(12.9898, 78.233))) * 43758.547);
        value += amplitude * mix(mix(a, b, weight.x), c, weight.y);
        amplitude *= 0.5;
        q = mat2x2<f32>(vec2<f32>(0.8, 0.6), vec2<f32>(-0.6, 0.8)) * q * 2.0;
    }
    return value;
}

fn lightINDEX(normal: vec3<f32>, view: vec3<f32>, light: vec3<f32>) -> vec3<f32> {
    let half = normalize(view + light);
    let n_dot_l = max(dot(normal, light), 0.0);
    let n_dot_h = max(dot(normal, half), 0.0);
    let alpha = materialINDEX.roughness * materialINDEX.roughness;
    let d = n_dot_h * n_dot_h * (alpha * alpha - 1.0) + 1.0;
    let specular = alpha * alpha / (3.14159 * d * d);
    var color = materialINDEX.albedo.rgb * n_dot_l + vec3<f32>(specular);
    switch (INDEX % 3) {
        case 0: { color = pow(color, vec3<f32>(1.0 / 2.2)); }
        case 1: { color = color / (color + vec3<f32>(1.0)); }
        default: { color = clamp(color, vec3<f32>(0.0), vec3<f32>(1.0)); }
    }
    return color + materialINDEX.emission;
}

fn shadeINDEX(position: vec3<f32>, normal: vec3<f32>) -> vec4<f32> {
    var color = vec4<f32>(0.0, 0.0, 0.0, 1.0);
    var layer = 0u;
    loop {
        if (layer >= 4u) { break; }
        let tint = materialINDEX.layers[layer];
        let height = noiseINDEX(position.xz + tint.xy);
        if (height > tint.w) {
            let lit = lightINDEX(normal, normalize(-position), vec3<f32>(0.0, 1.0, 0.0));
            color = vec4<f32>(color.rgb + tint.rgb * lit * height, color.a);
        } else if (height < 0.1) {
            color.a = select(color.a, 0.5, layer == 2u);
        }
        continuing { layer = layer + 1u; }
    }
    return color;
}
