const GUEST = 'terrane:guest'
const PLAYED = 'terrane:played'
const TAB = 'terrane:tab'

/** What this browser keeps between visits; nothing, where the person forbids it. */
export class BrowserMemory {
  /** The guest's token, so that the same player returns. Under a name of ours, whatever the client calls it. */
  readonly guestToken = {
    getItem: (): string | null => read(localStorageIfAny(), GUEST),
    setItem: (_key: string, value: string): void => write(localStorageIfAny(), GUEST, value),
    removeItem: (): void => {
      write(localStorageIfAny(), GUEST, undefined)
      this.hasPlayed = false
    },
  }

  /** Whether the guest has played and not only watched. */
  get hasPlayed(): boolean {
    return read(localStorageIfAny(), PLAYED) !== null
  }

  set hasPlayed(value: boolean) {
    write(localStorageIfAny(), PLAYED, value ? 'yes' : undefined)
  }

  /** Tells this tab from others of the same player; the same after a reload, so that its inputs go on. */
  get tabName(): string {
    const storage = sessionStorageIfAny()
    const kept = read(storage, TAB)
    if (kept !== null) return kept
    const made = `tab-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`
    write(storage, TAB, made)
    return made
  }
}

/** Reading the property throws where storage is forbidden. */
function localStorageIfAny(): Storage | undefined {
  try {
    return window.localStorage
  } catch {
    return undefined
  }
}

function sessionStorageIfAny(): Storage | undefined {
  try {
    return window.sessionStorage
  } catch {
    return undefined
  }
}

function read(storage: Storage | undefined, key: string): string | null {
  return storage?.getItem(key) ?? null
}

function write(storage: Storage | undefined, key: string, value: string | undefined): void {
  try {
    if (value === undefined) storage?.removeItem(key)
    else storage?.setItem(key, value)
  } catch {
    // Full, or forbidden after all: the next visit starts afresh.
  }
}
