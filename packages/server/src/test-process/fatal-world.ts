import counter from './counter-world.js'

/** A world whose code fails outside of any transaction, a while after the start. */
setTimeout(() => {
  throw new Error('the world broke')
}, 6_000)

export default counter
