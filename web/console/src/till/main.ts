import { createPinia } from 'pinia'
import { createApp } from 'vue'
import '@/style/base.css'
import './till.css'
import Till from './Till.vue'
import { toast } from './toast'

const app = createApp(Till)
app.use(createPinia())
app.config.errorHandler = (error) => { console.error(error); toast(error) }
addEventListener('unhandledrejection', (event) => { event.preventDefault(); toast(event.reason) })
app.mount('#app')

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  void navigator.serviceWorker.register('/till-sw.js', { scope: '/till' }).then(async () => {
    const ready = await navigator.serviceWorker.ready
    const files = performance.getEntriesByType('resource').map((e) => new URL(e.name)).filter((u) => u.origin === location.origin && u.pathname.startsWith('/assets/')).map((u) => u.pathname)
    ready.active?.postMessage({ files })
  }).catch(() => undefined)
}
