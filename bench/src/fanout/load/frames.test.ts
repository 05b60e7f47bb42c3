import { expect, test } from 'vitest'
import { FrameParser, frame } from './frames.js'

/** A server's frame: without mask. */
function serverFrame(content: Buffer): Buffer {
  const size = content.length
  const header = Buffer.alloc(size < 126 ? 2 : size <= 0xffff ? 4 : 10)
  header[0] = 0x82
  if (size < 126) header[1] = size
  else if (size <= 0xffff) {
    header[1] = 126
    header.writeUInt16BE(size, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(size), 2)
  }
  return Buffer.concat([header, content])
}

const contents = [0, 1, 125, 126, 65_535, 65_536].map((size, index) => Buffer.alloc(size, index + 1))
const stream = Buffer.concat(contents.map(serverFrame))

test.each([1, 2, 3, 7, 1000, 65_536, stream.length])(
  'frames come out whole when they arrive %i bytes at a time',
  (step) => {
    const got: Buffer[] = []
    const parser = new FrameParser((opcode, bytes, start, end) => {
      expect(opcode).toBe(2)
      got.push(Buffer.from(bytes.subarray(start, end)))
    })
    // Small steps through the large frames would take long and show nothing new.
    const part = step < 1000 ? stream.subarray(0, 300) : stream
    const shared = Buffer.alloc(step)
    for (let at = 0; at < part.length; at += step) {
      const length = part.copy(shared, 0, at, Math.min(part.length, at + step))
      parser.push(shared, length)
      shared.fill(0xff)
    }
    const whole = step < 1000 ? contents.slice(0, 4) : contents
    expect(got.map((content) => content.length)).toEqual(whole.map((content) => content.length))
    expect(got.every((content, index) => content.equals(contents[index] ?? Buffer.alloc(0)))).toBe(true)
  },
)

test('a frame of absurd length is a broken stream, not something to wait for', () => {
  const parser = new FrameParser(() => {})
  const bytes = Buffer.from([0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0])
  expect(() => parser.push(bytes, bytes.length)).toThrow('out of step')
})

test('frames to the server are masked with zeros and keep their content readable', () => {
  const bytes = frame(1, Buffer.from('40'))
  expect([...bytes]).toEqual([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30])
  expect(frame(2, Buffer.alloc(200)).length).toBe(4 + 4 + 200)
})
