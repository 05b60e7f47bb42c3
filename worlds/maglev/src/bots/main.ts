import { botsProcess } from '@terrane/client/bots'
import { BOTS_MAX, runBots } from './run-bots.js'

await botsProcess({ count: 16, countMax: BOTS_MAX }, runBots)
