/** Colours of the train, for dark and for light pages. */
export interface Palette {
  readonly isDark: boolean
  readonly ground: string
  readonly beam: string
  readonly tie: string
  readonly streak: string
  readonly cap: string
  readonly capEdge: string
  readonly side: string
  readonly floor: string
  readonly floorLine: string
  readonly high: string
  readonly low: string
  readonly chevron: string
  readonly text: string
  readonly textHalo: string
  readonly muted: string
  readonly shadow: string
  readonly core: string
  readonly coreDark: string
  readonly open: string
  readonly shut: string
  readonly danger: string
  readonly slot: string
  readonly busy: string
  readonly own: string
  readonly zap: string
  readonly droneBody: string
  readonly droneOff: string
}

export const DARK: Palette = {
  isDark: true,
  ground: '#060910',
  beam: '#0d1520',
  tie: '#16212f',
  streak: '127, 178, 255',
  cap: '#26323f',
  capEdge: '#3b4b5e',
  side: '#141c26',
  floor: '#111a25',
  floorLine: '#1b2735',
  high: '186, 214, 255',
  low: '0, 0, 0',
  chevron: '127, 178, 255',
  text: '#e9eef4',
  textHalo: 'rgba(6, 9, 16, 0.85)',
  muted: '#9dabbc',
  shadow: 'rgba(0, 0, 0, 0.45)',
  core: '#58d1bd',
  coreDark: '#0b4a44',
  open: '#58d1bd',
  shut: '#ff8f78',
  danger: '#ff6f61',
  slot: '#7fb2ff',
  busy: '#d4f26a',
  own: '#d4f26a',
  zap: '#a9d4ff',
  droneBody: '#3a2226',
  droneOff: '#39434f',
}

export const LIGHT: Palette = {
  isDark: false,
  ground: '#d9e1ea',
  beam: '#c2cdd9',
  tie: '#b3c0ce',
  streak: '70, 96, 130',
  cap: '#aab7c6',
  capEdge: '#8697aa',
  side: '#8d9cae',
  floor: '#f5f8fb',
  floorLine: '#dde5ed',
  high: '255, 255, 255',
  low: '70, 90, 120',
  chevron: '60, 100, 160',
  text: '#141b24',
  textHalo: 'rgba(255, 255, 255, 0.85)',
  muted: '#55657a',
  shadow: 'rgba(30, 45, 65, 0.22)',
  core: '#0d9b86',
  coreDark: '#064a41',
  open: '#0d9b86',
  shut: '#d4482f',
  danger: '#d4362a',
  slot: '#2f6fd0',
  busy: '#6f9410',
  own: '#5d8700',
  zap: '#1f6fd8',
  droneBody: '#f3d3cd',
  droneOff: '#c4cdd8',
}
