import { POINT_BYTES, type PointSet, PULSE_S } from './point-set.js'
import { POINT_FRAGMENT_SHADER, POINT_VERTEX_SHADER } from './point-shaders.js'

/** World coordinates to clip space: `clip = origin + x * (xx, xy) + y * (yx, yy)`. */
export interface ClipTransform {
  readonly origin: readonly [number, number]
  readonly basis: readonly [xx: number, xy: number, yx: number, yy: number]
}

export interface PointView {
  readonly clip: ClipTransform
  /** Device pixels per CSS pixel. */
  readonly pixelRatio: number
  /** CSS pixels per pixel of a point's size. */
  readonly scale: number
  readonly unitsPerPixel: number
  /** 1 at the whole view, more when zoomed in. */
  readonly zoom: number
  readonly nowS: number
  /** Nothing glides or pulses. */
  readonly still: boolean
}

export interface PointStyle {
  /** How far a sprite reaches beyond its shape's radius. */
  readonly room: number
  /** Whether many are drawn smaller. */
  readonly crowds: boolean
  /** World units between two of them at least. */
  readonly spacing: number
}

interface Entry {
  readonly set: PointSet
  readonly style: PointStyle
  buffer: WebGLBuffer | undefined
}

const ATTRIBUTES = [
  ['a_path', 4, 0],
  ['a_when', 4, 16],
  ['a_color', 4, 32],
  ['a_form', 2, 36],
] as const

const UNIFORMS = ['u_basis', 'u_origin', 'u_now', 'u_scale', 'u_room', 'u_pulseS'] as const

/** Draws point sets on a canvas of its own, in the order in which they were added: one call each. */
export class PointLayer {
  readonly #canvas: HTMLCanvasElement
  readonly #gl: WebGLRenderingContext
  readonly #entries: Entry[] = []
  #program: WebGLProgram | undefined
  readonly #attributes = new Map<string, number>()
  readonly #uniforms = new Map<string, WebGLUniformLocation | null>()
  readonly #listeners = new AbortController()

  /** Throws when the browser has no WebGL. @param onRestored the GPU is back after it was lost: draw again. */
  constructor(canvas: HTMLCanvasElement, onRestored: () => void) {
    const gl = canvas.getContext('webgl', { antialias: false, premultipliedAlpha: true })
    if (gl === null) throw new Error('the browser offers no WebGL')
    this.#canvas = canvas
    this.#gl = gl
    this.#prepare()
    const { signal } = this.#listeners
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault(), { signal })
    canvas.addEventListener(
      'webglcontextrestored',
      () => {
        for (const entry of this.#entries) {
          entry.buffer = undefined
          entry.set.markAllDirty()
        }
        this.#prepare()
        onRestored()
      },
      { signal },
    )
  }

  add(set: PointSet, style: PointStyle): void {
    this.#entries.push({ set, style, buffer: undefined })
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.#canvas.width = Math.round(width * pixelRatio)
    this.#canvas.height = Math.round(height * pixelRatio)
  }

  draw(view: PointView): void {
    const gl = this.#gl
    if (gl.isContextLost() || this.#program === undefined) return
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    // biome-ignore lint/correctness/useHookAtTopLevel: a method of WebGL, not a hook
    gl.useProgram(this.#program)
    gl.uniform4f(this.#uniform('u_basis'), ...view.clip.basis)
    gl.uniform2f(this.#uniform('u_origin'), ...view.clip.origin)
    gl.uniform1f(this.#uniform('u_pulseS'), view.still ? 0 : PULSE_S)
    for (const entry of this.#entries) this.#drawEntry(entry, view)
  }

  #drawEntry(entry: Entry, view: PointView): void {
    const gl = this.#gl
    const { set } = entry
    if (set.count === 0) return
    entry.buffer ??= gl.createBuffer() ?? undefined
    gl.bindBuffer(gl.ARRAY_BUFFER, entry.buffer ?? null)
    const dirty = set.takeDirty()
    if (dirty === 'all') gl.bufferData(gl.ARRAY_BUFFER, set.floats, gl.DYNAMIC_DRAW)
    else if (dirty !== undefined) {
      const part = new Uint8Array(set.floats.buffer, dirty.from * POINT_BYTES, (dirty.to - dirty.from) * POINT_BYTES)
      gl.bufferSubData(gl.ARRAY_BUFFER, dirty.from * POINT_BYTES, part)
    }
    for (const [name, size, offset] of ATTRIBUTES) {
      const location = this.#attributes.get(name) as number
      const packed = name === 'a_color'
      gl.enableVertexAttribArray(location)
      gl.vertexAttribPointer(location, size, packed ? gl.UNSIGNED_BYTE : gl.FLOAT, packed, POINT_BYTES, offset)
    }
    gl.uniform1f(this.#uniform('u_now'), view.still ? 1e6 : view.nowS - set.epochS)
    gl.uniform1f(this.#uniform('u_room'), entry.style.room)
    gl.uniform1f(this.#uniform('u_scale'), view.pixelRatio * scaleOf(entry, view))
    gl.drawArrays(gl.POINTS, 0, set.count)
  }

  close(): void {
    this.#listeners.abort()
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext()
  }

  #uniform(name: (typeof UNIFORMS)[number]): WebGLUniformLocation | null {
    return this.#uniforms.get(name) ?? null
  }

  #prepare(): void {
    const gl = this.#gl
    const program = gl.createProgram()
    gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, POINT_VERTEX_SHADER))
    gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, POINT_FRAGMENT_SHADER))
    gl.linkProgram(program)
    if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
      throw new Error(`the map's shaders do not link: ${gl.getProgramInfoLog(program)}`)
    }
    this.#program = program
    for (const [name] of ATTRIBUTES) this.#attributes.set(name, gl.getAttribLocation(program, name))
    for (const name of UNIFORMS) this.#uniforms.set(name, gl.getUniformLocation(program, name))
  }
}

/** So many points fill the whole view; of more, each is drawn smaller, until one zooms in. */
const CROWD = 900
const CROWD_SCALE_MIN = 0.42

/** A point of a kind with a spacing has about this radius, and is never drawn smaller than the other. */
const SPACED_SIZE = 2.4
const SPACED_SIZE_MIN = 1.5

function scaleOf({ set, style }: Entry, view: PointView): number {
  const roomPx = (0.45 * style.spacing) / view.unitsPerPixel
  const spaced = Math.min(view.scale, Math.max(SPACED_SIZE_MIN, roomPx) / SPACED_SIZE)
  return style.crowds ? spaced * crowding(style.spacing < Number.POSITIVE_INFINITY ? 0 : set.count, view.zoom) : spaced
}

function crowding(count: number, zoom: number): number {
  const inView = count / Math.max(1, zoom * zoom)
  return Math.min(1, Math.max(CROWD_SCALE_MIN, Math.sqrt(CROWD / Math.max(1, inView))))
}

function compile(gl: WebGLRenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type)
  if (shader === null) throw new Error('the browser creates no shader')
  gl.shaderSource(shader, source)
  gl.compileShader(shader)
  if (gl.getShaderParameter(shader, gl.COMPILE_STATUS) !== true) {
    throw new Error(`a shader of the map does not compile: ${gl.getShaderInfoLog(shader)}`)
  }
  return shader
}
