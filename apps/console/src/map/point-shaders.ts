/**
 * A point is a square sprite; its outline comes from distance functions, so that it is sharp at any
 * zoom. The sprite is larger than the shape where there is a wake or a ripple to draw.
 */
export const POINT_VERTEX_SHADER = /* glsl */ `
attribute vec4 a_path;
attribute vec4 a_when;
attribute vec4 a_color;
attribute vec2 a_form;

uniform vec4 u_basis;
uniform vec2 u_origin;
uniform float u_now;
uniform float u_scale;
uniform float u_room;
uniform float u_pulseS;

varying vec4 v_color;
varying float v_shape;
varying float v_radius;
varying vec2 v_heading;
varying float v_pulse;
varying float v_wake;
varying float v_room;

void main() {
  float share = a_when.y <= 0.0 ? 1.0 : clamp((u_now - a_when.x) / a_when.y, 0.0, 1.0);
  vec2 world = mix(a_path.xy, a_path.zw, share);
  vec2 clip = u_origin + world.x * u_basis.xy + world.y * u_basis.zw;
  gl_Position = vec4(clip, 0.0, 1.0);

  float age = u_now - a_when.z;
  v_pulse = u_pulseS > 0.0 && age < u_pulseS ? age / u_pulseS : 1.0;
  v_wake = share < 1.0 ? 1.0 : clamp(1.0 - (u_now - a_when.x - a_when.y) * 2.0, 0.0, 1.0);
  // Most points neither move nor ripple: small sprites are what makes 10,000 of them cheap.
  v_room = v_pulse < 1.0 ? 5.0 : v_wake > 0.0 ? u_room : min(u_room, 1.35);
  v_radius = a_form.x * u_scale;
  gl_PointSize = 2.0 * v_radius * v_room;

  v_color = a_color;
  v_shape = a_form.y;
  v_heading = vec2(cos(a_when.w), sin(a_when.w));
}
`

export const POINT_FRAGMENT_SHADER = /* glsl */ `
precision mediump float;

varying vec4 v_color;
varying float v_shape;
varying float v_radius;
varying vec2 v_heading;
varying float v_pulse;
varying float v_wake;
varying float v_room;

float cover(float distance) {
  return clamp(0.5 - distance * v_radius, 0.0, 1.0);
}

void main() {
  vec2 p = (gl_PointCoord - 0.5) * 2.0 * v_room;
  p.y = -p.y;
  float alpha = 0.0;

  if (v_shape < 0.5) {
    alpha = cover(length(p) - 1.0);
  } else if (v_shape < 1.5) {
    float d = (abs(p.x) + abs(p.y) - 1.25) * 0.7071;
    alpha = cover(d) * mix(0.55, 1.0, clamp(0.5 + (d + 0.32) * v_radius, 0.0, 1.0));
  } else if (v_shape < 2.5) {
    vec2 q = abs(p) - vec2(0.72);
    float d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - 0.12;
    alpha = cover(d) * mix(0.35, 1.0, clamp(0.5 + (d + 0.34) * v_radius, 0.0, 1.0));
  } else if (v_shape < 3.5) {
    vec2 q = vec2(dot(p, v_heading), dot(p, vec2(-v_heading.y, v_heading.x)));
    float side = abs(q.y);
    float hull = max(dot(vec2(q.x, side), vec2(0.34, 0.94)) - 0.43, (-q.x - 0.5 - side * 0.62) * 0.85);
    alpha = cover(hull);
    float wake = smoothstep(-2.6, -0.5, q.x) * step(q.x, -0.5) * smoothstep(0.34, 0.0, side);
    alpha = max(alpha, wake * v_wake * 0.55);
  } else if (v_shape < 4.5) {
    alpha = cover(abs(length(p) - 0.85) - 0.15);
  } else {
    float r = clamp(1.0 - length(p), 0.0, 1.0);
    alpha = r * r * 0.17;
  }

  if (v_pulse < 1.0) {
    float r = length(p);
    float wave = fract(v_pulse * 2.0);
    float ring = smoothstep(0.22, 0.0, abs(r - 1.0 - 3.6 * wave));
    alpha = max(alpha, ring * (1.0 - wave) * (1.0 - v_pulse * 0.5) * 0.8);
  }

  alpha *= v_color.a;
  if (alpha < 0.004) discard;
  gl_FragColor = vec4(v_color.rgb * alpha, alpha);
}
`
