export { MemoryDisk } from './memory-disk.js'
export {
  MemoryStore,
  type MemoryStoreOptions,
  type StoreCall,
  type StoreFaults,
  type StoreMethod,
} from './memory-store.js'
