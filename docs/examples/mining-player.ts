import { connect } from '@terrane/client'
import type mining from './mining.js'

const client = await connect<typeof mining>('http://127.0.0.1:4000', { guest: true })
client.tables.rocks.subscribe({ insert: (rock) => console.log(`in sight: ${rock.id} with ${rock.ore} ore`) })
const moved = client.inputs.move({ x: 300, y: -120 })
await moved.applied // executed: everybody nearby sees it
await moved.durable // committed to the database: no crash takes it back
await client.close()
