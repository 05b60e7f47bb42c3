export { Brain, type Order } from './brain.js'
export { type TrainView, whereIs } from './view.js'
