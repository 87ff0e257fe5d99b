import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from '@/app/App'
import { createConsoleRouter } from '@/app/router'

const root = document.getElementById('root')
if (root !== null) {
  const router = createConsoleRouter()
  const render = () => {
    performance.mark('console:render')
    createRoot(root).render(
      <StrictMode>
        <App router={router} />
      </StrictMode>,
    )
  }
  // The still frame of index.html stays until the first page's code is here; a page that cannot load is shown as failed.
  router.load().then(render, render)
}
