/** Something that is wrong, and with what. */
export interface Problem {
  /** Where in the file, for example `regions[0].formations[3] (bubble "Stara Veil")`. */
  readonly element: string
  readonly message: string
}

/** Takes down what is wrong with an element. */
export type Tell = (element: string, message: string) => void

/** Where an element is in what was read. @param whole what to call that itself */
export function pathText(path: readonly PropertyKey[], whole: string): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return text === '' ? whole : text.replace(/^\./, '')
}
