// Keeps the till's page and what it is made of, so that it opens while the server is away. The API is never kept.
const STORE = 'laoke-till-1'
const WAIT_MS = 3000

self.addEventListener('install', (event) => event.waitUntil(caches.open(STORE).then((c) => c.addAll([new Request('/till', { headers: { Accept: 'text/html' } }), '/icon.svg'])).then(() => self.skipWaiting())))
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

// What the page loaded before this worker stood; what it names no more is let go.
self.addEventListener('message', (event) => event.waitUntil((async () => {
  const store = await caches.open(STORE)
  const wanted = new Set(event.data.files)
  for (const request of await store.keys()) {
    const path = new URL(request.url).pathname
    if (path.startsWith('/assets/') && !wanted.has(path)) await store.delete(request)
  }
  for (const path of wanted) if (!(await store.match(path, { ignoreVary: true }))) await store.add(path).catch(() => undefined)
})()))

async function page(request) {
  const store = await caches.open(STORE)
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(WAIT_MS) })
    if (fresh.ok) await store.put('/till', fresh.clone())
    return fresh
  } catch {
    return (await store.match('/till', { ignoreVary: true })) ?? Response.error()
  }
}
async function file(request) {
  const store = await caches.open(STORE)
  const kept = await store.match(request, { ignoreVary: true })
  if (kept) return kept
  const fresh = await fetch(request)
  if (fresh.ok) await store.put(request, fresh.clone())
  return fresh
}
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (event.request.mode === 'navigate' && url.pathname.startsWith('/till')) event.respondWith(page(event.request))
  else if (url.pathname.startsWith('/assets/') || url.pathname === '/icon.svg') event.respondWith(file(event.request))
})
