import { describe, expect, test } from 'vitest'
import { Credentials, type TokenStorage } from './credentials.js'

function storage(): TokenStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  }
}

function guests(...answers: (Response | Error)[]) {
  const asked: string[] = []
  const fetch = async (url: unknown, init?: RequestInit) => {
    asked.push(`${init?.method} ${String(url)}`)
    const answer = answers.shift()
    if (answer instanceof Response) return answer
    throw answer ?? new Error('no more answers')
  }
  return { asked, fetch: fetch as typeof globalThis.fetch }
}

const granted = (token: string) => new Response(JSON.stringify({ token, player: 'p' }))

describe('guests', () => {
  test('keep their token, in memory and in storage', async () => {
    const { asked, fetch } = guests(granted('one'))
    const remember = storage()
    const first = new Credentials('http://host', { guest: true, remember, fetch })
    expect([await first.token(), await first.token()]).toEqual(['one', 'one'])
    const reloaded = new Credentials('http://host', { guest: true, remember, fetch })
    expect(await reloaded.token()).toBe('one')
    expect(asked).toEqual(['POST http://host/api/guest'])
  })

  test('become someone new when a remembered token has expired, but never during a game', async () => {
    const { fetch } = guests(granted('new'))
    const remember = storage()
    remember.items.set('terrane:guest:http://host', 'old')
    const credentials = new Credentials('http://host', { guest: true, remember, fetch })
    expect(await credentials.token()).toBe('old')
    expect(credentials.refused(true)).toBe(false)
    expect(credentials.refused(false)).toBe(true)
    expect(await credentials.token()).toBe('new')
    expect(credentials.refused(false)).toBe(false)
  })

  test('hear whether to try again', async () => {
    const { fetch } = guests(new Error('refused'), new Response('', { status: 503 }), new Response('', { status: 403 }))
    const credentials = new Credentials('http://host', { guest: true, remember: false, fetch })
    for (const retry of ['later', 'later', 'never']) {
      await expect(credentials.token()).rejects.toMatchObject({ code: 'no_token', retry })
    }
  })
})

describe('tokens', () => {
  test('come from a function anew each time, and its failures pass', async () => {
    let count = 0
    const credentials = new Credentials('http://host', {
      token: () => {
        if (++count === 2) throw new Error('identity provider is away')
        return `t${count}`
      },
    })
    expect(await credentials.token()).toBe('t1')
    await expect(credentials.token()).rejects.toMatchObject({ code: 'no_token', retry: 'later' })
    expect(await credentials.token()).toBe('t3')
    expect(credentials.refused(true)).toBe(true)
    expect(new Credentials('http://host', { token: 'fixed' }).refused(false)).toBe(false)
  })

  test('and guests exclude each other', () => {
    expect(() => new Credentials('http://host', { token: 't', guest: true })).toThrow(/either/)
  })
})
