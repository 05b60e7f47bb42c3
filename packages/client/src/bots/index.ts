/** What the bots of worlds have in common, in Node. */
export { BotTokens } from './bot-tokens.js'
export { type BotsRequest, botsProcess } from './bots-process.js'
export { pause, unlessAborted } from './pauses.js'
