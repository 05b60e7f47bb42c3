/** A bundle of its own, made by the bundler. */
declare module '@terrane/node/web-worker?worker' {
  const ChunkWorker: new () => Worker
  export default ChunkWorker
}
