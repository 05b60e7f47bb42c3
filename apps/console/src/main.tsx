import { createRoot } from 'react-dom/client'
import { Boot } from './app/Boot.js'
import { ServerApi } from './live/server-api.js'

const root = document.getElementById('root')
if (root !== null) {
  const api = new ServerApi(new URL('.', window.location.href).href.replace(/\/$/, ''))
  createRoot(root).render(<Boot api={api} />)
}
