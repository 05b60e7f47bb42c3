import { botsProcess } from '@terrane/client/bots'
import { BOTS_MAX, runBots } from './run-bots.js'

await botsProcess({ count: 50, countMax: BOTS_MAX }, runBots)
