const CACHE_NAME = 'odin-v1.9.1'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE_NAME))
})
